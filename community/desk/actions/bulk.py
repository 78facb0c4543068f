"""One act on many questions: each in a transaction of its own, told line by line, once a form."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bezpechne.accounts.models import User
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor
from community.answers.actions import routing
from community.answers.models import Unit
from community.desk.actions.working import assign
from community.desk.models import Batch
from community.questions.actions import moderating
from community.questions.models import Question
from community.questions.states import QuestionState, StateChangeRefused

SPAM, ASSIGN, ROUTE = "spam", "assign", "route"
MOST = 50
UNDO = timedelta(minutes=10)
Act = Callable[[Question], object]


def reject_spam(*, by: Actor, key: UUID, numbers: Sequence[int]) -> Batch:
    """No letter goes out: spam deserves none, and its address is often somebody else's."""
    by.require(Permission.MODERATE)
    return _each(
        SPAM, key, numbers, lambda question: moderating.reject_as_spam(by=by, question=question)
    )


def assign_many(*, by: Actor, key: UUID, numbers: Sequence[int], person: User | None) -> Batch:
    """To one person, or to nobody."""
    by.require(Permission.MODERATE)
    return _each(
        ASSIGN, key, numbers, lambda question: assign(by=by, question=question, person=person)
    )


def route_many(*, by: Actor, key: UUID, numbers: Sequence[int], unit: Unit) -> Batch:
    """To one unit, which gets a letter for each."""
    by.require(Permission.MODERATE)
    return _each(
        ROUTE, key, numbers, lambda question: routing.route(by=by, question=question, unit=unit)
    )


def _each(kind: str, key: UUID, numbers: Sequence[int], act: Act) -> Batch:
    """The form's key makes the second of two clicks find what the first has done."""
    try:
        with transaction.atomic():
            batch = Batch.objects.create(key=key, kind=kind, at=clock.now())
    except IntegrityError:
        return Batch.objects.get(key=key)
    known = Question.objects.exclude(state=QuestionState.UNCONFIRMED)
    questions = known.select_related("topic").in_bulk(list(dict.fromkeys(numbers))[:MOST])
    for number in sorted(questions):
        try:
            with transaction.atomic():
                act(questions[number])
                batch.done.append(number)
                batch.save(update_fields=["done"])
        except StateChangeRefused as refusal:
            batch.done = [row for row in batch.done if row != number]
            batch.refused.append([number, str(refusal)])
            batch.save(update_fields=["refused"])
    return batch


def may_undo(batch: Batch) -> bool:
    """Only spam, once, and not for long: afterwards each question is reconsidered by itself."""
    return (
        batch.kind == SPAM
        and bool(batch.done)
        and batch.undone_at is None
        and clock.now() < batch.at + UNDO
    )


def undo(*, by: Actor, batch: Batch) -> tuple[list[int], list[tuple[int, str]]]:
    """Brings spam back into the queue: what came back, and what did not with its sentence."""
    by.require(Permission.MODERATE)
    with transaction.atomic():
        batch = Batch.objects.select_for_update().get(pk=batch.pk)
        if not may_undo(batch):
            raise StateChangeRefused(
                _("This can no longer be undone here. Open a question and reconsider it.")
            )
        batch.undone_at = clock.now()
        batch.save(update_fields=["undone_at"])
    back: list[int] = []
    refused: list[tuple[int, str]] = []
    for question in Question.objects.filter(pk__in=batch.done).order_by("pk"):
        try:
            moderating.undo_spam(by=by, question=question)
            back.append(question.pk)
        except StateChangeRefused as refusal:
            refused.append((question.pk, str(refusal)))
    return back, refused
