"""Joining a question to another ends what units were asked about it."""

from django.db import transaction
from django.utils.translation import gettext as _

from bezpechne.kernel.actors import Actor
from community.answers.actions.routing import end_for_another, move_answer
from community.answers.states import OPEN, AnswerState
from community.questions.actions import joining
from community.questions.models import Question


@transaction.atomic
def join(*, by: Actor, question: Question, other: Question) -> Question:
    """As in `questions`; the unit's link dies and the unit is told."""
    root = joining.root_of(other)
    if root.pk != question.pk:
        joining.locked_pair(question, root)
    found = joining.join(by=by, question=question, other=other)
    question.refresh_from_db()
    for routing in question.routings.select_related("unit", "question").filter(state__in=OPEN):
        reason = _("It was joined to question № %(number)s, which says the same.")
        end_for_another(by, routing, reason % {"number": found.pk})
    for answer in question.answers.filter(state=AnswerState.SUBMITTED):
        move_answer(answer, AnswerState.WITHDRAWN)
    return found
