"""The one place where a question changes its state."""

from collections.abc import Collection
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from bezpechne.kernel.actors import Actor
from bezpechne.kernel.audit.models import record
from community.questions.actions.counting import cells_follow
from community.questions.models import Question
from community.questions.states import (
    ALLOWED,
    NEVER_PRIVATE,
    QuestionState,
    StateChangeRefused,
)

_COUNT = """
    INSERT INTO questions_tally (state, number) VALUES (%s, %s)
    ON CONFLICT (state) DO UPDATE SET number = questions_tally.number + EXCLUDED.number
"""


def locked(question: Question) -> Question:
    """The row as it is now, held until the transaction ends."""
    return (
        Question.objects.select_for_update(of=("self",)).select_related("topic").get(pk=question.pk)
    )


def count(state: str, change: int) -> None:
    """Adjusts the tally in the transaction of the change; a city older than a state has no row yet."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [state, change])


def move(
    question: Question,
    to: QuestionState,
    *,
    by: Actor,
    action: str,
    since: Collection[str] = (),
    note: str = "",
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
    **changes: Any,
) -> None:
    """Changes the state and the fields given, with tally, cells of the map and history (`old`,
    `new` join its row).

    `since` narrows the table of allowed changes for an action that not every change into the
    state `to` is: showing again is not publishing. Raises StateChangeRefused.
    """
    before = question.state
    if to not in ALLOWED[before] or (since and before not in since):
        raise StateChangeRefused(
            _("This cannot be done now: the question is “%(state)s”. The page was out of date.")
            % {"state": question.get_state_display()}
        )
    if question.is_private and to in NEVER_PRIVATE:
        raise StateChangeRefused(
            _("This question is private: it is neither published nor joined to another.")
        )
    # Ordered by name, so that two changes at once cannot wait for each other.
    for state, change in sorted([(before, -1), (str(to), 1)]):
        count(state, change)
    question.state = to
    for field, value in changes.items():
        setattr(question, field, value)
    with cells_follow(question):
        question.save(update_fields=["state", *changes])
    record(
        by=by,
        subject=question,
        action=action,
        old={"state": before, **(old or {})},
        new={"state": str(to), **(new or {})},
        note=note,
    )
