"""What the resident's private page tells: how far the question is, what is next, by when."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bezpechne.kernel import clock, metering
from bezpechne.kernel.audit.models import history_of
from bezpechne.kernel.schema import current_schema
from community.answers.actions.rating import may_reopen
from community.answers.models import Answer, Rating, Routing
from community.answers.queries import open_routing, published_answer
from community.answers.states import AnswerState
from community.questions.actions.withdrawing import may_withdraw, undo_until
from community.questions.models import Asker, Question
from community.questions.states import MODERATED, QuestionState

# Steps that a resident is told about; the rest of the history is the desk's own.
SHOWN_STEPS = (
    "asked",
    "confirmed",
    "asked_back",
    "replied",
    "published",
    "made_private",
    "taken_on",
    "rejected",
    "routed",
    "accepted",
    "answered",
    "answer_corrected",
    "answer_taken_back",
    "hidden",
    "shown_again",
    "withdrawn",
    "withdrawal_undone",
    "address_changed",
    "rated",
    "reopen_asked",
    "reopen_declined",
)
WAIT_MEDIAN = "answers.wait_hours_median"
HOURS_A_DAY = 24


@dataclass(frozen=True)
class Stage:
    """One stop of the strip on top: behind, now or ahead."""

    label: str | Promise
    state: str


_ON_THE_MAP = _("On the map")
_STAGES = (_("You asked"), _("Moderator"), _ON_THE_MAP, _("With those who answer"), _("Answer"))


def stages(question: Question, routing: Routing | None) -> list[Stage]:
    """Empty for a question that goes nowhere any more."""
    if question.is_answered:
        current = len(_STAGES)
    elif question.is_waiting:
        # A private one waits at the desk for its next unit.
        current = 3 if routing else 1 if question.is_private else 2
    elif question.state in MODERATED:
        current = 1
    else:
        return []
    names = ("done", "now", "ahead")
    return [
        Stage(label, names[(place >= current) + (place > current)])
        for place, label in enumerate(_STAGES)
        if not (question.is_private and label is _ON_THE_MAP)
    ]


def usual_days() -> int | None:
    """Median days from a question's arrival to its answer here, of the last month that had answers.

    None where too little is known. It is what was, not a promise: no term is set by law.
    """
    first = (clock.today().replace(day=1) - timedelta(days=70)).replace(day=1)
    schema = current_schema()
    found = metering.months_of([schema], [WAIT_MEDIAN], first, clock.today())
    if not found:
        return None
    return max(1, ceil(found[max(found)] / HOURS_A_DAY))


RATED, HELPED = "answers.rated", "answers.helped"
# Fewer marks could tell who gave which.
LEAST_MARKS = 10


def helped_lately() -> dict[str, int] | None:
    """Marks of a year and how many of them say «helped»; None while there are few."""
    first = (clock.today() - timedelta(days=365)).replace(day=1)
    found = metering.months_of([current_schema()], [RATED, HELPED], first, clock.today())
    sums = {
        short: sum(value for (_schema, _month, name), value in found.items() if name == full)
        for short, full in (("rated", RATED), ("helped", HELPED))
    }
    return sums if sums["rated"] >= LEAST_MARKS else None


def told(asker: Asker, token: str) -> dict[str, Any]:
    """The page's context, whatever was asked of it."""
    question = asker.question
    answer = published_answer(question)
    routing = open_routing(question)
    waiting = question.is_waiting or question.state == QuestionState.IN_MODERATION
    return {
        "token": token,
        "asker": asker,
        "question": question,
        "answer": answer,
        "former_answers": former_answers(question),
        "rating": Rating.objects.filter(answer=answer).first() if answer else None,
        "may_reopen": answer is not None and may_reopen(question),
        "routing": routing,
        "stages": stages(question, routing),
        "waiting": waiting,
        "usual_days": usual_days() if waiting else None,
        "remarks": question.remarks.all(),
        "photos": question.photos.all(),
        "steps": history_of(question).filter(action__in=SHOWN_STEPS),
        "may_withdraw": may_withdraw(question),
        "undo_until": undo_until(question),
        "now": clock.now(),
    }


def former_answers(question: Question) -> list[Answer]:
    """Published once and taken back since, newest first."""
    rows = Answer.objects.select_related("unit").filter(
        question=question, state=AnswerState.WITHDRAWN, published_at__isnull=False
    )
    return list(rows.order_by("-id"))


def comment_of(asker: Asker) -> str:
    """What the resident wrote beside «helped»."""
    row = Rating.objects.filter(
        answer__question=asker.question, answer__state=AnswerState.PUBLISHED
    ).first()
    return row.comment if row else ""
