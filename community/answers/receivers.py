"""What happens to routings and answers when something happens to their question."""

from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from bezpechne.kernel.actors import Actor
from community.answers.actions.routing import end_for_another, move_answer
from community.answers.models import Answer
from community.answers.states import OPEN, AnswerState
from community.questions.actions.asking import resident
from community.questions.models import Question


def on_event(sender: Any, signal: Any, event: str, **what: Any) -> None:
    """Runs inside the action's transaction."""
    if event == "withdrawn":
        withdrawn(what["question"])
    elif event == "rejected":
        rejected(what["question"], what["by"])


def withdrawn(question: Question) -> None:
    # The reason is read by the unit, whatever language the resident reads.
    with translation.override(settings.LANGUAGE_CODE):
        reason = _("The resident withdrew the question.")
    _stop(resident(question), question, reason)


def rejected(question: Question, by: Actor) -> None:
    """Of a private question, which may be with a unit when it is closed."""
    with translation.override(settings.LANGUAGE_CODE):
        reason = _("The moderator closed the question.")
    _stop(by, question, reason)


def _stop(by: Actor, question: Question, reason: str) -> None:
    """Whoever prepares an answer is told and stops; what waits for the desk is set aside."""
    for routing in question.routings.filter(state__in=OPEN):
        end_for_another(by, routing, reason)
    for answer in Answer.objects.filter(question=question, state=AnswerState.SUBMITTED):
        move_answer(answer, AnswerState.WITHDRAWN)
