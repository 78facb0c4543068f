"""The page of one question: what it shows, and how an action ends."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from bezpechne.accounts.models import User
from bezpechne.kernel.seen import ChangedMeanwhile
from community.answers.actions.answering import version_of
from community.answers.models import Answer, Rating
from community.answers.queries import answer_in_force, default_unit, open_routing, routings_of
from community.answers.states import AnswerState
from community.answers.unit_field import FIND, unchecked
from community.desk import phrases, queries
from community.desk.comparing import carry, differing
from community.desk.filters import Filters
from community.desk.forms import (
    AskBackForm,
    CorrectForm,
    EnterForm,
    JoinForm,
    NoteForm,
    PublicForm,
    PublishAnswerForm,
    QuestionTopicForm,
    ReasonForm,
    RouteForm,
)
from community.desk.models import Phrase, PhraseKind
from community.desk.similar import similar_to
from community.portal.maps import map_data
from community.questions.models import Question
from community.questions.states import (
    ALLOWED,
    QuestionState,
    StateChangeRefused,
)
from tenants.current import current_city

Forms = dict[str, forms.Form]
# The field of a form that takes a phrase, and the kind of phrase.
TAKES_PHRASE = {
    "reject": ("reason", PhraseKind.REJECT),
    "ask_back": ("text", PhraseKind.ASK_BACK),
    "hide": ("reason", PhraseKind.HIDE),
    "route": ("note", PhraseKind.ROUTE_NOTE),
    "enter": ("text", PhraseKind.ANSWER),
    "publish_answer": ("text", PhraseKind.ANSWER),
    "correct": ("text", PhraseKind.ANSWER),
}


def question_of(number: int) -> Question:
    """Unconfirmed ones never reach the desk."""
    rows: QuerySet[Question] = Question.objects.select_related("topic", "asker", "duplicate_of")
    return get_object_or_404(rows.exclude(state=QuestionState.UNCONFIRMED), pk=number)


def person_of(request: HttpRequest) -> int | None:
    """Number of the member of staff; None for an operator in the administrator's place."""
    return request.user.pk if isinstance(request.user, User) else None


def _blank_forms(question: Question, answer: Answer | None) -> Forms:
    """Every form of the page, ready to be filled; which are shown is the template's business."""
    default = default_unit(question)
    chosen: Forms = {
        "public": PublicForm(question=question, prefix="public"),
        "reject": ReasonForm(prefix="reject"),
        "make_private": ReasonForm(prefix="make_private"),
        "topic": QuestionTopicForm(prefix="topic", initial={"topic": question.topic}),
        "ask_back": AskBackForm(prefix="ask_back"),
        "hide": ReasonForm(prefix="hide"),
        "route": RouteForm(prefix="route", initial={"unit": default}),
        "withdraw": ReasonForm(prefix="withdraw"),
        "enter": EnterForm(prefix="enter", initial={"unit": default, "channel": "phone"}),
        "send_back": ReasonForm(prefix="send_back"),
        "take_back": ReasonForm(prefix="take_back"),
        "keep": ReasonForm(prefix="keep"),
        "note": NoteForm(prefix="note"),
        "join": JoinForm(prefix="join"),
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
                "seen": version_of(answer),
                "text": answer.public_text,
                "competence": answer.public_competence,
                "next_step": answer.public_next_step,
            },
        )
        if question.is_private:
            chosen["correct"].fields["note"].help_text = _("The resident reads this note.")
    return chosen


def _phrases(question: Question, answer: Answer | None) -> dict[str, list[tuple[Phrase, str]]]:
    """By kind: each phrase and how it reads for this question in the resident's language.

    Those of its topic come first, those of no topic next.
    """
    values = phrases.values_for(question, answer)
    found: dict[str, list[tuple[Phrase, str]]] = {}
    own = {question.topic_id: 0, None: 1}
    rows = Phrase.objects.select_related("topic")
    for phrase in sorted(rows, key=lambda row: own.get(row.topic_id, 2)):
        text = phrases.filled(phrase.text(question.language), values)
        found.setdefault(phrase.kind, []).append((phrase, text))
    return found


def show(
    request: HttpRequest,
    question: Question,
    *,
    bound: Forms | None = None,
    status: int = 200,
    differences: list[tuple[Any, str, str]] | None = None,
) -> HttpResponse:
    """The page; `bound`: the form that was sent, `differences`: label, saved, typed."""
    answer = answer_in_force(question)
    filters, person = Filters.read(request.GET), person_of(request)
    may_join = QuestionState.DUPLICATE in ALLOWED[question.state] and not question.is_private
    context = {
        "question": question,
        "asker": getattr(question, "asker", None),
        "photos": question.photos.all(),
        "remarks": question.remarks.all(),
        "answer": answer,
        "rating": Rating.objects.filter(answer=answer).first() if answer else None,
        "routing": open_routing(question),
        "routings": routings_of(question),
        "letters": queries.letters_of(question),
        "history": queries.history_lines(question),
        "next_new": queries.next_in_list(filters, person, question),
        "forms": {**_blank_forms(question, answer), **(bound or {})},
        "opened_form": next(iter(bound), "") if bound else "",
        "differences": differences,
        "phrases": _phrases(question, answer),
        "notes": question.notes.select_related("author"),
        "holder": queries.holders([question]).get(question.pk),
        "colleagues": User.objects.filter(is_active=True).order_by("name", "pk"),
        "may_join": may_join,
        "similar": similar_to(question) if may_join else [],
        "joined": question.duplicates.order_by("pk")[:20],
        "kept": filters.kept,
        "map": {**map_data(current_city()), "lat": question.lat, "lon": question.lon, "zoom": 15},
    }
    return render(request, "desk/item.html", context, status=status)


def back(request: HttpRequest, question: Question) -> HttpResponse:
    """To the item, with the filters of the list that it was opened from."""
    kept = Filters.read(request.GET).kept
    return redirect(f"{reverse('desk:item', args=[question.pk])}{kept}")


def do(
    request: HttpRequest,
    question: Question,
    name: str,
    form: forms.Form | None,
    act: Callable[[], Any],
    done: str,
) -> HttpResponse:
    """Carries out one action: back to the item, or the same page with what was typed and why."""
    if form is not None and "insert" in request.POST and name in TAKES_PHRASE:
        return show(request, question, bound={name: _with_phrase(request, question, name, form)})
    if form is not None and FIND in request.POST:
        unchecked(form)
        return show(request, question, bound={name: form})
    if form is not None and not form.is_valid():
        return show(request, question, bound={name: form}, status=422)
    try:
        act()
    except (ChangedMeanwhile, StateChangeRefused) as refusal:
        if form is None:
            messages.error(request, str(refusal))
            return back(request, question)
        if isinstance(refusal, ChangedMeanwhile):
            return _compare(request, question, name, form, str(refusal))
        form.add_error(None, str(refusal))
        return show(request, question, bound={name: form}, status=422)
    messages.success(request, done)
    return back(request, question)


def _with_phrase(
    request: HttpRequest, question: Question, name: str, form: forms.Form
) -> forms.Form:
    """Without scripts: the form as it was typed, unchecked, with the chosen phrase at the end."""
    typed = unchecked(form)
    field, kind = TAKES_PHRASE[name]
    chosen = request.POST.get("phrase", "")
    phrase = Phrase.objects.filter(kind=kind, pk=int(chosen)).first() if _is_key(chosen) else None
    if phrase is not None:
        values = phrases.values_for(question, answer_in_force(question))
        text = phrases.filled(phrase.text(question.language), values)
        parts = ((typed[field] or "").strip(), text)
        form.initial[field] = "\n\n".join(part for part in parts if part)
    return form


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _compare(
    request: HttpRequest, question: Question, name: str, form: forms.Form, why: str
) -> HttpResponse:
    """What was saved meanwhile beside what was typed; saving again decides for the typed."""
    fresh = question_of(question.pk)
    saved = _blank_forms(fresh, answer_in_force(fresh))[name]
    carry(form, saved.initial.get("seen", ""))
    form.add_error(None, why)
    return show(
        request,
        fresh,
        bound={name: form},
        status=422,
        differences=differing(saved.initial, form),
    )
