"""Sending a question to a unit, and the answer: one action per POST."""

from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from community.answers.actions import answering, rating
from community.answers.actions import routing as routing_actions
from community.answers.files import send_letter
from community.answers.models import Letter
from community.desk.forms import CorrectForm, EnterForm, PublishAnswerForm, ReasonForm, RouteForm
from community.desk.views.page import do, question_of


@access.staff(Permission.MODERATE)
@require_POST
def route(request: HttpRequest, number: int) -> HttpResponse:
    question = question_of(number)
    form = RouteForm(request.POST, prefix="route")
    return do(
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
        _("Sent. The unit gets a link to the question by e-mail.")
        if question.is_private
        else _("Sent. The unit gets the question and its link by e-mail."),
    )


@access.staff(Permission.MODERATE)
@require_POST
def withdraw(request: HttpRequest, number: int, routing: int) -> HttpResponse:
    question = question_of(number)
    found = get_object_or_404(question.routings, pk=routing)
    form = ReasonForm(request.POST, prefix="withdraw")
    return do(
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
    question = question_of(number)
    found = get_object_or_404(question.routings, pk=routing)
    return do(
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
    question = question_of(number)
    form = EnterForm(request.POST, request.FILES, prefix="enter")
    return do(
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
    question = question_of(number)
    found = get_object_or_404(question.answers, pk=answer)
    form = PublishAnswerForm(request.POST, prefix="publish_answer")
    return do(
        request,
        question,
        "publish_answer",
        form,
        lambda: answering.publish(
            by=access.actor_of(request),
            answer=found,
            words=form.words(),
            seen=form.cleaned_data["seen"],
        ),
        _("The resident has the answer by e-mail and on their page.")
        if question.is_private
        else _("The answer is published: the pin is green, the resident is told."),
    )


@access.staff(Permission.MODERATE)
@require_POST
def correct_answer(request: HttpRequest, number: int, answer: int) -> HttpResponse:
    question = question_of(number)
    found = get_object_or_404(question.answers, pk=answer)
    form = CorrectForm(request.POST, prefix="correct")
    return do(
        request,
        question,
        "correct",
        form,
        lambda: answering.correct(
            by=access.actor_of(request),
            answer=found,
            words=form.words(),
            note=form.cleaned_data["note"],
            seen=form.cleaned_data["seen"],
        ),
        _("Corrected. The resident is told and sees your note.")
        if question.is_private
        else _("Corrected. The public sees your note, the resident is told."),
    )


@access.staff(Permission.MODERATE)
@require_POST
def send_back_answer(request: HttpRequest, number: int, answer: int) -> HttpResponse:
    question = question_of(number)
    found = get_object_or_404(question.answers, pk=answer)
    form = ReasonForm(request.POST, prefix="send_back")
    return do(
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
    question = question_of(number)
    found = get_object_or_404(question.answers, pk=answer)
    form = ReasonForm(request.POST, prefix="take_back")
    return do(
        request,
        question,
        "take_back",
        form,
        lambda: answering.take_back(
            by=access.actor_of(request), answer=found, reason=form.cleaned_data["reason"]
        ),
        _("The answer is taken back; the question waits again.")
        if question.is_private
        else _("The answer is off the site; the pin is red again."),
    )


@access.staff(Permission.MODERATE)
@require_POST
def keep_answer(request: HttpRequest, number: int) -> HttpResponse:
    """A resident asked for another answer; this one stays."""
    question = question_of(number)
    form = ReasonForm(request.POST, prefix="keep")
    return do(
        request,
        question,
        "keep",
        form,
        lambda: rating.keep_answer(
            by=access.actor_of(request), question=question, reason=form.cleaned_data["reason"]
        ),
        _("The answer stays. The resident is told why."),
    )


@access.staff(Permission.MODERATE)
@require_safe
def letter(request: HttpRequest, key: UUID) -> FileResponse:
    """A scanned letter as a download."""
    return send_letter(get_object_or_404(Letter, key=key))
