"""What pages read about units, routings and answers."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from bezpechne.kernel import clock
from bezpechne.kernel.audit.models import history_of
from community.answers import links
from community.answers.models import Answer, Draft, Routing, TopicRoute, Unit
from community.answers.states import OPEN, AnswerState
from community.questions.models import Asker, Question
from community.questions.states import WAITING


def published_answer(question: Question) -> Answer | None:
    """The answer that the public reads; of a private question, whoever asked it."""
    return (
        Answer.objects.select_related("unit")
        .filter(question=question, state=AnswerState.PUBLISHED)
        .first()
    )


def answer_in_force(question: Question) -> Answer | None:
    """Submitted or published."""
    return (
        Answer.objects.select_related("unit", "routing")
        .prefetch_related("letters")
        .filter(question=question)
        .exclude(state=AnswerState.WITHDRAWN)
        .first()
    )


def open_routing(question: Question) -> Routing | None:
    return Routing.objects.select_related("unit").filter(question=question, state__in=OPEN).first()


def routings_of(question: Question) -> QuerySet[Routing]:
    """All of them, newest first."""
    return Routing.objects.select_related("unit").filter(question=question).order_by("-id")


def units_to_route() -> QuerySet[Unit]:
    """Active units with an address, the liaison first."""
    return (
        Unit.objects.filter(is_active=True)
        .exclude(email="")
        .order_by("-is_liaison", "name_sort", "id")
    )


def default_unit(question: Question) -> Unit | None:
    """The unit of the question's topic while it can be written to, else the liaison."""
    routed = TopicRoute.objects.filter(topic=question.topic_id, unit=OuterRef("pk"))
    found = Unit.objects.filter(is_active=True).annotate(chosen=Exists(routed))
    return (
        found.filter(Q(chosen=True) & ~Q(email="") | Q(is_liaison=True)).order_by("-chosen").first()
    )


def address_confirmed_at(unit: Unit) -> datetime | None:
    """When a reader of the address that the unit has now confirmed it; None for an address anew."""
    if not unit.email:
        return None
    rows = history_of(unit).filter(action="address_confirmed", new__mark=links.address_mark(unit))
    return rows.values_list("at", flat=True).last()


# --- by a unit's link -------------------------------------------------------------------------

OTHERS_PAGE = 20
# More are not counted: the page says «more than».
OTHERS_COUNTED = 99
# Longer numbers are no ids.
OTHERS_DIGITS = 19


def own_answer(routing: Routing) -> Answer | None:
    """What the unit sent by this routing, unless it was taken back."""
    rows = Answer.objects.filter(routing=routing).exclude(state=AnswerState.WITHDRAWN)
    return rows.prefetch_related("letters").first()


def last_answer(routing: Routing) -> Answer | None:
    """What the unit sent last, taken back or not."""
    return Answer.objects.filter(routing=routing).last()


def sent_back_note(routing: Routing) -> str:
    """Why the desk wants another answer from this unit; of no other unit's answer."""
    rows = history_of(routing.question).filter(at__gte=routing.created_at)
    own = Q(action="answer_sent_back", old__unit=routing.unit_id)
    entry = rows.filter(own | Q(action="answer_taken_back")).last()
    return entry.note if entry else ""


def draft_of(routing: Routing) -> Draft | None:
    """The unit's unfinished answer."""
    return Draft.objects.filter(routing=routing).first()


def resident_name(routing: Routing) -> str:
    """Only when the resident ticked it."""
    asker = Asker.objects.filter(question_id=routing.question_id, share_name=True).first()
    return asker.name if asker else ""


def _open_of(door: links.Door) -> QuerySet[Routing]:
    """What the unit may still answer, oldest first."""
    return (
        Routing.objects.select_related("question", "question__topic", "unit")
        .filter(unit=door.letter.unit_id, state__in=OPEN, expires_at__gt=clock.now())
        .filter(links.shown_by(door.letter), question__state__in=WAITING)
        .order_by("pk")
    )


def count_others(door: links.Door) -> int:
    """How many other questions the link shows, up to 99; zero where it shows none."""
    if not links.opens_others(door):
        return 0
    rows = _open_of(door).exclude(pk=door.routing.pk)
    return len(rows.values_list("pk", flat=True)[:OTHERS_COUNTED])


@dataclass(frozen=True)
class Other:
    """A line of the list: the routing, the link to its page, whether an answer was sent."""

    routing: Routing
    text: str
    answered: bool


def others_page(door: links.Door, after: str) -> tuple[list[Other], int]:
    """Twenty of them behind the routing `after`, and where the next twenty begin; 0 at the end."""
    start = int(after) if after.isascii() and after.isdigit() and len(after) < OTHERS_DIGITS else 0
    rows = _open_of(door).annotate(
        sent=Exists(
            Answer.objects.filter(routing=OuterRef("pk")).exclude(state=AnswerState.WITHDRAWN)
        )
    )
    found = list(rows.filter(pk__gt=start)[: OTHERS_PAGE + 1])
    shown = found[:OTHERS_PAGE]
    lines = [Other(row, links.other_text(door, row), row.sent) for row in shown]
    return lines, shown[-1].pk if len(found) > OTHERS_PAGE else 0
