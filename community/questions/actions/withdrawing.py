"""The resident takes a question back, and changes their mind."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from bezpechne.kernel import clock
from bezpechne.kernel.audit.models import history_of
from community.questions import events
from community.questions.actions.asking import drop_unconfirmed, resident
from community.questions.actions.moving import locked, move
from community.questions.models import Question
from community.questions.states import ALLOWED, QuestionState, StateChangeRefused

UNDO = timedelta(days=7)


def may_withdraw(question: Question) -> bool:
    """Until an answer is published."""
    return QuestionState.WITHDRAWN in ALLOWED[question.state]


@transaction.atomic
def withdraw(*, question: Question, reason: str = "") -> None:
    """Off the map and out of the queue; whoever prepares an answer is told and stops.

    What was never confirmed is deleted at once. Raises StateChangeRefused.
    """
    question = locked(question)
    if question.state == QuestionState.UNCONFIRMED:
        drop_unconfirmed([question], by=resident(question), action="discarded")
        return
    move(
        question,
        QuestionState.WITHDRAWN,
        by=resident(question),
        action="withdrawn",
        note=reason,
    )
    events.tell("withdrawn", question=question)


def undo_until(question: Question) -> datetime | None:
    """The last moment at which a withdrawn question can come back; None for any other."""
    if question.state != QuestionState.WITHDRAWN:
        return None
    entry = history_of(question).filter(action="withdrawn").last()
    return entry.at + UNDO if entry else None


@transaction.atomic
def undo_withdrawal(*, question: Question) -> None:
    """Back to the moderator, who reads it anew. Raises StateChangeRefused."""
    question = locked(question)
    until = undo_until(question)
    if until is not None and until < clock.now():
        raise StateChangeRefused(_("It was withdrawn more than 7 days ago. Ask a new question."))
    move(
        question,
        QuestionState.IN_MODERATION,
        by=resident(question),
        action="withdrawal_undone",
        since={QuestionState.WITHDRAWN},
    )
