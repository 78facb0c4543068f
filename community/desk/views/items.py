"""The queue, the item and everything done on it: one action per POST."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from community.answers.actions import answering
from community.answers.actions import routing as routing_actions
from community.answers.files import send_letter
from community.answers.models import Answer, Letter
from community.answers.queries import answer_in_force, default_unit, open_routing, routings_of
from community.answers.states import AnswerState
from community.desk import queries
from community.desk.forms import (
    AskBackForm,
    CorrectForm,
    EnterForm,
    PublicForm,
    PublishAnswerForm,
    ReasonForm,
    RouteForm,
)
from community.notices.models import Notice
from community.portal.maps import map_data
from community.questions.actions import moderating
from community.questions.models import Question
from community.questions.queries import tallies
from community.questions.states import QuestionState, StateChangeRefused
from tenants.current import current_city
from tenants.limits import usage_now

Forms = dict[str, forms.Form]


@access.staff(Permission.MODERATE)
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """One tab of the queue, 50 a page."""
    tab = request.GET.get("tab", "")
    tab = tab if tab in queries.KEYS else "new"
    try:
        start = min(max(int(request.GET.get("from", "0")), 0), 1_000_000)
    except ValueError:
        start = 0
    rows = list(queries.queue(tab)[start : start + queries.PAGE + 1])
    context = {
        **_tabs(tab),
        "rows": rows[: queries.PAGE],
        "newer_url": f"?tab={tab}&from={max(0, start - queries.PAGE)}" if start else "",
        "older_url": f"?tab={tab}&from={start + queries.PAGE}" if len(rows) > queries.PAGE else "",
        "city_needs_centre": current_city().centre is None,
        "may_administer": (administers := access.may(request, Permission.ADMINISTER)),
        "usage": usage_now() if administers else None,
    }
    return render(request, "desk/queue.html", context)


def _tabs(current: str) -> dict[str, Any]:
    counts = queries.tab_counts(tallies())
    tabs = [
        {"tab": tab, "count": counts[tab.key], "current": tab.key == current}
        for tab in queries.TABS
    ]
    return {"tabs": tabs, "current_tab": next(tab for tab in queries.TABS if tab.key == current)}


def _blank_forms(question: Question, answer: Answer | None) -> Forms:
    """Every form of the page, ready to be filled; which are shown is the template's business."""
    default = default_unit(question)
    chosen: Forms = {
        "public": PublicForm(question=question, prefix="public"),
        "reject": ReasonForm(prefix="reject"),
        "ask_back": AskBackForm(prefix="ask_back"),
        "hide": ReasonForm(prefix="hide"),
        "route": RouteForm(prefix="route", initial={"unit": default}),
        "withdraw": ReasonForm(prefix="withdraw"),
        "enter": EnterForm(prefix="enter", initial={"unit": default, "channel": "phone"}),
        "send_back": ReasonForm(prefix="send_back"),
        "take_back": ReasonForm(prefix="take_back"),
    }
    if answer and answer.state == AnswerState.SUBMITTED:
        chosen["publish_answer"] = PublishAnswerForm(
            prefix="publish_answer",
            initial={
                "seen": answer.changed_at.isoformat(),
                "text": answer.text,
                "competence": answer.competence,
                "next_step": answer.next_step,
            },
        )
    if answer and answer.state == AnswerState.PUBLISHED:
        chosen["correct"] = CorrectForm(
            prefix="correct",
            initial={
                "text": answer.public_text,
                "competence": answer.public_competence,
                "next_step": answer.public_next_step,
            },
        )
    return chosen


def _page(
    request: HttpRequest, question: Question, *, bound: Forms | None = None, status: int = 200
) -> HttpResponse:
    answer = answer_in_force(question)
    context = {
        "question": question,
        "asker": getattr(question, "asker", None),
        "photos": question.photos.all(),
        "remarks": question.remarks.all(),
        "answer": answer,
        "routing": open_routing(question),
        "routings": routings_of(question),
        "notices": Notice.objects.filter(question_id=question.pk).order_by("-id"),
        "history": queries.history_lines(question),
        "next_new": queries.next_new(question),
        "forms": {**_blank_forms(question, answer), **(bound or {})},
        "opened_form": next(iter(bound), "") if bound else "",
        "map": {**map_data(current_city()), "lat": question.lat, "lon": question.lon, "zoom": 15},
    }
    return render(request, "desk/item.html", context, status=status)


def _question(number: int) -> Question:
    """Unconfirmed ones never reach the desk."""
    rows = Question.objects.select_related("topic", "asker").exclude(
        state=QuestionState.UNCONFIRMED
    )
    return get_object_or_404(rows, pk=number)


@access.staff(Permission.MODERATE)
@require_safe
def item(request: HttpRequest, number: int) -> HttpResponse:
    return _page(request, _question(number))


def _do(
    request: HttpRequest,
    question: Question,
    name: str,
    form: forms.Form | None,
    act: Callable[[], Any],
    done: str,
) -> HttpResponse:
    """Carries out one action: back to the item, or the same page with what was typed and why."""
    if form is not None and not form.is_valid():
        return _page(request, question, bound={name: form}, status=422)
    try:
        act()
    except StateChangeRefused as refusal:
        if form is None:
            messages.error(request, str(refusal))
            return redirect("desk:item", question.pk)
        form.add_error(None, str(refusal))
        return _page(request, question, bound={name: form}, status=422)
    messages.success(request, done)
    return redirect("desk:item", question.pk)


@access.staff(Permission.MODERATE)
@require_POST
def publish(request: HttpRequest, number: int) -> HttpResponse:
    question = _question(number)
    form = PublicForm(request.POST, question=question, prefix="public")
    return _do(
        request,
        question,
        "public",
        form,
        lambda: moderating.publish(
            by=access.actor_of(request), question=question, public=form.public()
        ),
        _("Published: the red pin is on the map. Choose who answers."),
    )


@access.staff(Permission.MODERATE)
@require_POST
def edit(request: HttpRequest, number: int) -> HttpResponse:
    question = _question(number)
    form = PublicForm(request.POST, question=question, prefix="public")
    return _do(
        request,
        question,
        "public",
        form,
        lambda: moderating.edit(
            by=access.actor_of(request), question=question, public=form.public()
        ),
        _("The published text is changed."),
    )


@access.staff(Permission.MODERATE)
@require_POST
def reject(request: HttpRequest, number: int) -> HttpResponse:
    question = _question(number)
    form = ReasonForm(request.POST, prefix="reject")
    return _do(
        request,
        question,
        "reject",
        form,
        lambda: moderating.reject(
            by=access.actor_of(request), question=question, reason=form.cleaned_data["reason"]
        ),
        _("Rejected. The resident gets the reason by e-mail."),
    )


@access.staff(Permission.MODERATE)
@require_POST
def reconsider(request: HttpRequest, number: int) -> HttpResponse:
    question = _question(number)
    return _do(
        request,
        question,
        "",
        None,
        lambda: moderating.reconsider(by=access.actor_of(request), question=question),
        _("The question is in the queue again."),
    )


@access.staff(Permission.MODERATE)
@require_POST
def ask_back(request: HttpRequest, number: int) -> HttpResponse:
    question = _question(number)
    form = AskBackForm(request.POST, prefix="ask_back")
    return _do(
        request,
        question,
        "ask_back",
        form,
        lambda: moderating.ask_back(
            by=access.actor_of(request), question=question, text=form.cleaned_data["text"]
        ),
        _("The resident gets your question by e-mail."),
    )


@access.staff(Permission.MODERATE)
@require_POST
def hide(request: HttpRequest, number: int) -> HttpResponse:
    question = _question(number)
    form = ReasonForm(request.POST, prefix="hide")
    return _do(
        request,
        question,
        "hide",
        form,
        lambda: moderating.hide(
            by=access.actor_of(request), question=question, reason=form.cleaned_data["reason"]
        ),
        _("Hidden. The resident gets the reason by e-mail. You can show it again."),
    )


@access.staff(Permission.MODERATE)
@require_POST
def show_again(request: HttpRequest, number: int) -> HttpResponse:
    question = _question(number)
    return _do(
        request,
        question,
        "",
        None,
        lambda: moderating.show_again(by=access.actor_of(request), question=question),
        _("The question is on the map again."),
    )


@access.staff(Permission.MODERATE)
@require_POST
def route(request: HttpRequest, number: int) -> HttpResponse:
    question = _question(number)
    form = RouteForm(request.POST, prefix="route")
    return _do(
        request,
        question,
        "route",
        form,
        lambda: routing_actions.route(
            by=access.actor_of(request),
            question=question,
            unit=form.cleaned_data["unit"],
            note=form.cleaned_data["note"],
        ),
        _("Sent. The unit gets the question and its link by e-mail."),
    )


@access.staff(Permission.MODERATE)
@require_POST
def withdraw(request: HttpRequest, number: int, routing: int) -> HttpResponse:
    question = _question(number)
    found = get_object_or_404(question.routings, pk=routing)
    form = ReasonForm(request.POST, prefix="withdraw")
    return _do(
        request,
        question,
        "withdraw",
        form,
        lambda: routing_actions.withdraw(
            by=access.actor_of(request), routing=found, reason=form.cleaned_data["reason"]
        ),
        _("Taken back. The link no longer works; the unit is told."),
    )


@access.staff(Permission.MODERATE)
@require_POST
def renew_link(request: HttpRequest, number: int, routing: int) -> HttpResponse:
    question = _question(number)
    found = get_object_or_404(question.routings, pk=routing)
    return _do(
        request,
        question,
        "",
        None,
        lambda: routing_actions.renew_link(by=access.actor_of(request), routing=found),
        _("A fresh link is on its way; the old one no longer works."),
    )


@access.staff(Permission.MODERATE)
@require_POST
def enter_answer(request: HttpRequest, number: int) -> HttpResponse:
    question = _question(number)
    form = EnterForm(request.POST, request.FILES, prefix="enter")
    return _do(
        request,
        question,
        "enter",
        form,
        lambda: answering.enter(
            by=access.actor_of(request),
            question=question,
            unit=form.cleaned_data["unit"],
            channel=form.cleaned_data["channel"],
            words=form.words(),
            scans=form.cleaned_data["letters"],
        ),
        _("The answer is written down. Check it and publish."),
    )


@access.staff(Permission.MODERATE)
@require_POST
def publish_answer(request: HttpRequest, number: int, answer: int) -> HttpResponse:
    question = _question(number)
    found = get_object_or_404(question.answers, pk=answer)
    typed = request.POST.copy()
    form = PublishAnswerForm(typed, prefix="publish_answer")

    def act() -> None:
        seen = form.cleaned_data["seen"]
        # The page that a refusal shows has the newest answer beside the form.
        typed["publish_answer-seen"] = found.changed_at.isoformat()
        answering.publish(by=access.actor_of(request), answer=found, words=form.words(), seen=seen)

    return _do(
        request,
        question,
        "publish_answer",
        form,
        act,
        _("The answer is published: the pin is green, the resident is told."),
    )


@access.staff(Permission.MODERATE)
@require_POST
def correct_answer(request: HttpRequest, number: int, answer: int) -> HttpResponse:
    question = _question(number)
    found = get_object_or_404(question.answers, pk=answer)
    form = CorrectForm(request.POST, prefix="correct")
    return _do(
        request,
        question,
        "correct",
        form,
        lambda: answering.correct(
            by=access.actor_of(request),
            answer=found,
            words=form.words(),
            note=form.cleaned_data["note"],
        ),
        _("Corrected. The public sees your note, the resident is told."),
    )


@access.staff(Permission.MODERATE)
@require_POST
def send_back_answer(request: HttpRequest, number: int, answer: int) -> HttpResponse:
    question = _question(number)
    found = get_object_or_404(question.answers, pk=answer)
    form = ReasonForm(request.POST, prefix="send_back")
    return _do(
        request,
        question,
        "send_back",
        form,
        lambda: answering.send_back(
            by=access.actor_of(request), answer=found, reason=form.cleaned_data["reason"]
        ),
        _("Not published. If the unit still has its link, it is asked to complete the answer."),
    )


@access.staff(Permission.MODERATE)
@require_POST
def take_back_answer(request: HttpRequest, number: int, answer: int) -> HttpResponse:
    question = _question(number)
    found = get_object_or_404(question.answers, pk=answer)
    form = ReasonForm(request.POST, prefix="take_back")
    return _do(
        request,
        question,
        "take_back",
        form,
        lambda: answering.take_back(
            by=access.actor_of(request), answer=found, reason=form.cleaned_data["reason"]
        ),
        _("The answer is off the site; the pin is red again."),
    )


@access.staff(Permission.MODERATE)
@require_safe
def letter(request: HttpRequest, key: UUID) -> FileResponse:
    """A scanned letter as a download."""
    return send_letter(get_object_or_404(Letter, key=key))
