"""What the desk's pages read."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bezpechne.accounts import second_factor, sign_ins
from bezpechne.accounts.models import User
from bezpechne.kernel.actors import ActorKind
from bezpechne.kernel.audit.models import Entry, history_of
from community.answers.models import Answer, Routing, Unit
from community.answers.states import OPEN, AnswerState
from community.questions.models import Question
from community.questions.states import QuestionState

PAGE = 50


@dataclass(frozen=True)
class Tab:
    """One list of the queue."""

    key: str
    label: str | Promise
    empty: str | Promise


TABS = (
    Tab("new", _("New"), _("No new questions. New ones appear here once residents confirm them.")),
    Tab("clarification", _("Asked back"), _("No question waits for a resident's reply.")),
    Tab("to_route", _("To route"), _("Every published question is with a unit.")),
    Tab("with_units", _("With units"), _("No unit has a question now.")),
    Tab("answers", _("Answers to publish"), _("No answer waits for you.")),
    Tab("answered", _("Answered"), _("No question is answered yet.")),
    Tab("closed", _("Rejected and hidden"), _("Nothing was rejected or hidden.")),
)
KEYS = [tab.key for tab in TABS]


def _routed() -> Exists:
    return Exists(Routing.objects.filter(question=OuterRef("pk"), state__in=OPEN))


def _answer_waits() -> Exists:
    return Exists(Answer.objects.filter(question=OuterRef("pk"), state=AnswerState.SUBMITTED))


def _with_unit(rows: QuerySet[Question]) -> QuerySet[Question]:
    """Adds `unit_name` and `routing_accepted` of the open routing: the list names who has it."""
    current = Routing.objects.filter(question=OuterRef("pk"), state__in=OPEN)
    return rows.annotate(
        unit_name=Subquery(current.values("unit__name_uk")[:1]),
        routing_accepted=Subquery(current.values("accepted_at")[:1]),
    )


def queue(tab: str) -> QuerySet[Question]:
    """Urgent first, then oldest; closed and answered ones newest first."""
    rows = Question.objects.select_related("topic")
    published = rows.filter(state=QuestionState.PUBLISHED)
    lists = {
        "new": rows.filter(state=QuestionState.IN_MODERATION),
        "clarification": rows.filter(state=QuestionState.CLARIFICATION),
        "to_route": published.filter(~_routed(), ~_answer_waits()),
        "with_units": published.filter(_routed(), ~_answer_waits()),
        "answers": published.filter(_answer_waits()),
        "answered": rows.filter(state=QuestionState.ANSWERED),
        "closed": rows.filter(state__in=[QuestionState.REJECTED, QuestionState.HIDDEN]),
    }
    chosen = _with_unit(lists[tab]) if tab in {"with_units", "answers"} else lists[tab]
    if tab in {"answered", "closed"}:
        return chosen.order_by("-pk")
    return chosen.order_by("-is_urgent", "pk")


def tab_counts(tallies: dict[str, int]) -> dict[str, int]:
    """True counts for the tabs; the two large ones come from the tally."""
    published = tallies.get(QuestionState.PUBLISHED, 0)
    answers = Answer.objects.filter(
        state=AnswerState.SUBMITTED, question__state=QuestionState.PUBLISHED
    ).count()
    with_units = queue("with_units").count()
    return {
        "new": tallies.get(QuestionState.IN_MODERATION, 0),
        "clarification": tallies.get(QuestionState.CLARIFICATION, 0),
        "to_route": max(0, published - answers - with_units),
        "with_units": with_units,
        "answers": answers,
        "answered": tallies.get(QuestionState.ANSWERED, 0),
        "closed": tallies.get(QuestionState.REJECTED, 0) + tallies.get(QuestionState.HIDDEN, 0),
    }


def next_new(after: Question) -> Question | None:
    """The item that the desk goes to when this one is done."""
    return queue("new").exclude(pk=after.pk).first()


@dataclass(frozen=True)
class Line:
    """One line of the history with the actor's name, which the row itself does not hold."""

    entry: Entry
    actor: str
    unit: str


def history_lines(question: Question) -> list[Line]:
    """Names are looked up now: two queries more, whatever the length of the history."""
    entries = list(history_of(question))
    staff = dict(
        User.objects.filter(
            pk__in=[entry.actor_id for entry in entries if entry.actor_kind == ActorKind.STAFF]
        ).values_list("pk", "name")
    )
    units = dict(Unit.objects.values_list("pk", "name_uk"))

    def unit_of(entry: Entry) -> str:
        return units.get(entry.new.get("unit") or entry.old.get("unit") or 0, "")

    def actor_of(entry: Entry) -> str:
        return staff.get(entry.actor_id or 0, "") if entry.actor_kind == ActorKind.STAFF else ""

    return [Line(entry, actor_of(entry), unit_of(entry)) for entry in entries]


@dataclass(frozen=True)
class Person:
    """One line of the staff page."""

    user: User
    has_factor: bool
    presence: sign_ins.Presence

    @property
    def seen_at(self) -> datetime | None:
        """At work, or at least signed in."""
        return self.presence.seen_at or self.user.last_login


def people() -> list[Person]:
    """Staff, active ones first; four queries."""
    factors, presence = second_factor.who_has_one(), sign_ins.presence()
    return [
        Person(user, user.pk in factors, presence.get(user.pk, sign_ins.Presence()))
        for user in User.objects.order_by("-is_active", "name", "pk")
    ]
