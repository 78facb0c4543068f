"""What the desk's pages read."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bezpechne.accounts import second_factor, sign_ins
from bezpechne.accounts.models import User
from bezpechne.kernel.actors import ActorKind
from bezpechne.kernel.audit.models import Entry, history_of
from community.answers.models import Answer, Rating, Routing, Unit
from community.answers.states import OPEN, AnswerState
from community.desk.filters import Filters
from community.desk.models import Assignment
from community.notices.models import Notice
from community.notices.sending import may_resend
from community.questions.models import Question
from community.questions.queries import newest_found
from community.questions.states import CLOSED, HAS_ANSWER, WAITING, QuestionState

PAGE = 50
MOST_LETTERS = 100


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
    Tab("reopening", _("To reopen"), _("No resident asks for another answer.")),
    Tab("bouncing", _("Letters not arriving"), _("Every letter found its mailbox.")),
    Tab("closed", _("Closed"), _("Nothing was rejected, hidden, withdrawn or joined.")),
)
# Newest first; the others urgent first, then oldest.
NEWEST_FIRST = frozenset({"answered", "bouncing", "closed"})
# The list of what a search found, which is no tab.
FOUND = "found"


def _reopening() -> QuerySet[Rating]:
    """Requests that wait for the desk, by their own small index."""
    return Rating.objects.filter(reopen_asked_at__isnull=False, reopen_settled_at__isnull=True)


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


def listed(tab: str) -> QuerySet[Question]:
    """The rows of one tab, in no order."""
    rows = Question.objects.select_related("topic")
    waiting = rows.filter(state__in=WAITING)
    lists = {
        "new": rows.filter(state=QuestionState.IN_MODERATION),
        "clarification": rows.filter(state=QuestionState.CLARIFICATION),
        "to_route": waiting.filter(~_routed(), ~_answer_waits()),
        "with_units": waiting.filter(_routed(), ~_answer_waits()),
        "answers": waiting.filter(_answer_waits()),
        "answered": rows.filter(state__in=HAS_ANSWER),
        "reopening": rows.filter(Exists(_reopening().filter(answer__question=OuterRef("pk")))),
        "bouncing": rows.filter(pk__in=bouncing().values("question_id")),
        "closed": rows.filter(state__in=list(CLOSED)),
    }
    return _with_unit(lists[tab]) if tab in {"with_units", "answers"} else lists[tab]


def in_order(tab: str, rows: QuerySet[Question]) -> QuerySet[Question]:
    """Urgent first, then oldest; what is done and what was searched for newest first."""
    if tab == FOUND:
        return newest_found(rows, "pk")
    return rows.order_by("-pk") if tab in NEWEST_FIRST else rows.order_by("-is_urgent", "pk")


def queue(tab: str) -> QuerySet[Question]:
    """One tab in its order."""
    return in_order(tab, listed(tab))


def _position(question: Question) -> str:
    return f"{int(question.is_urgent)}~{question.pk}"


def _behind(tab: str, position: str) -> Q:
    """Rows behind a position; all of them for a text that is none."""
    urgent, _tilde, key = position.partition("~")
    if urgent not in {"0", "1"} or not (key.isascii() and key.isdigit() and len(key) < 19):
        return Q()
    if tab in NEWEST_FIRST or tab == FOUND:
        return Q(pk__lt=int(key))
    # The first part is what the index can jump to.
    same = Q(is_urgent=urgent == "1", pk__gt=int(key))
    return same | Q(is_urgent=False) if urgent == "1" else same


@dataclass(frozen=True)
class Page:
    """One page of a list; `after` is the position of the next, blank on the last."""

    rows: list[Question]
    after: str


def page(tab: str, rows: QuerySet[Question], after: str) -> Page:
    """50 rows by key and not by offset, so that the thousandth page costs as the first."""
    found = list(in_order(tab, rows.filter(_behind(tab, after)))[: PAGE + 1])
    return Page(found[:PAGE], _position(found[PAGE - 1]) if len(found) > PAGE else "")


def bouncing() -> QuerySet[Notice]:
    """Letters that a server refused for good and nobody has dealt with."""
    return Notice.objects.filter(
        refused_at__isnull=False, settled_at=None, question_id__isnull=False
    )


def holders(rows: list[Question]) -> dict[int, User]:
    """Who has which question of a page; one query."""
    given = Assignment.objects.filter(question__in=rows).select_related("person")
    return {row.question_id: row.person for row in given}


def tab_counts(tallies: dict[str, int]) -> dict[str, int]:
    """True counts for the tabs; the two large ones come from the tally."""
    waiting = sum(tallies.get(state, 0) for state in WAITING)
    answers = Answer.objects.filter(
        state=AnswerState.SUBMITTED, question__state__in=WAITING
    ).count()
    with_units = queue("with_units").count()
    return {
        "new": tallies.get(QuestionState.IN_MODERATION, 0),
        "clarification": tallies.get(QuestionState.CLARIFICATION, 0),
        "to_route": max(0, waiting - answers - with_units),
        "with_units": with_units,
        "answers": answers,
        "answered": sum(tallies.get(state, 0) for state in HAS_ANSWER),
        "reopening": _reopening().count(),
        "bouncing": bouncing().values("question_id").distinct().count(),
        "closed": sum(tallies.get(state, 0) for state in CLOSED),
    }


@dataclass(frozen=True)
class Line:
    """One line of the history with the actor's name, which the row itself does not hold."""

    entry: Entry
    actor: str
    unit: str
    # To whom it was given.
    person: str = ""


def history_lines(question: Question) -> list[Line]:
    """Names are looked up now: two queries more, whatever the length of the history."""
    entries = list(history_of(question))
    staff = dict(
        User.objects.filter(
            pk__in=[
                *(entry.actor_id for entry in entries if entry.actor_kind == ActorKind.STAFF),
                *(entry.new["person"] for entry in entries if "person" in entry.new),
            ]
        ).values_list("pk", "name")
    )
    named = {entry.pk: entry.new.get("unit") or entry.old.get("unit") for entry in entries}
    # A city may have fifty thousand units.
    units = dict(Unit.objects.filter(pk__in=set(named.values())).values_list("pk", "name_uk"))

    def unit_of(entry: Entry) -> str:
        return units.get(named[entry.pk], "")

    def actor_of(entry: Entry) -> str:
        return staff.get(entry.actor_id or 0, "") if entry.actor_kind == ActorKind.STAFF else ""

    return [
        Line(entry, actor_of(entry), unit_of(entry), staff.get(entry.new.get("person", 0), ""))
        for entry in entries
    ]


def next_page(query: str, after: str) -> str:
    """Address of the next page; blank on the last."""
    return f"{query}{'&' if query else '?'}after={after}" if after else ""


def next_in_list(filters: Filters, person: int | None, done: Question) -> Question | None:
    """The item that the desk goes to when this one is done: of the same list, as it is filtered."""
    rows = filters.narrow(listed(filters.tab), person)
    return in_order(filters.tab, rows).exclude(pk=done.pk).first()


@dataclass(frozen=True)
class LetterLine:
    """One letter about a question; `opened_at`: the unit used the link that it carried."""

    notice: Notice
    unit: str
    opened_at: datetime | None
    may_resend: bool


def letters_of(question: Question) -> list[LetterLine]:
    """Newest first; two queries. Addresses stay in the cards of the resident and of the unit."""
    notices = list(Notice.objects.filter(question_id=question.pk).order_by("-id")[:MOST_LETTERS])
    routings = {row.pk: row for row in question.routings.select_related("unit")}

    def line(notice: Notice) -> LetterLine:
        routing = routings.get(notice.recipient_id or 0) if notice.key.count(":unit") else None
        opened = routing.opened_at if routing and notice.kind == "routed" else None
        unit = routing.unit.name if routing else ""
        return LetterLine(notice, unit, opened, may_resend(notice))

    return [line(notice) for notice in notices]


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
