"""Joining a question to another that says the same, and taking them apart."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from community.answers.actions import joining as actions
from community.desk.forms import JoinForm
from community.desk.views.page import do, question_of
from community.questions.actions.joining import separate as separate_action


@access.staff(Permission.MODERATE)
@require_POST
def join(request: HttpRequest, number: int) -> HttpResponse:
    question = question_of(number)
    form = JoinForm(request.POST, prefix="join")
    return do(
        request,
        question,
        "join",
        form,
        lambda: actions.join(
            by=access.actor_of(request), question=question, other=form.cleaned_data["number"]
        ),
        _("Joined. The resident is told and hears the answer to the other question."),
    )


@access.staff(Permission.MODERATE)
@require_POST
def separate(request: HttpRequest, number: int) -> HttpResponse:
    question = question_of(number)
    return do(
        request,
        question,
        "",
        None,
        lambda: separate_action(by=access.actor_of(request), question=question),
        _("The question is by itself again."),
    )
