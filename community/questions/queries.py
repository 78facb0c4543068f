"""What pages read. Costs do not grow with the number of questions."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import cos, hypot, radians

from django.db.models import F, Q, QuerySet, Value

from community.questions.models import IS_PUBLIC, PUBLIC_COLUMNS, Question, Tally, Topic
from community.questions.states import PUBLIC, WAITING, QuestionState
from community.questions.words import looked_for, number_in, to_match
from tenants.geometry import KM_PER_DEGREE, Bounds

PAGE = 20
MAX_PINS = 400


@dataclass(frozen=True)
class Counts:
    """Published questions: all, answered, waiting."""

    asked: int
    answered: int
    waiting: int


def counts() -> Counts:
    """One row a state, whatever their number."""
    numbers = dict(Tally.objects.values_list("state", "number"))
    answered = numbers.get(QuestionState.ANSWERED, 0)
    waiting = numbers.get(QuestionState.PUBLISHED, 0)
    return Counts(answered + waiting, answered, waiting)


def tallies() -> dict[str, int]:
    """Number of questions by state."""
    return dict(Tally.objects.values_list("state", "number"))


def public_topics() -> list[Topic]:
    """Those whose questions the public may look for."""
    return list(Topic.objects.filter(is_active=True, is_private=False))


def states_of(status: str) -> list[QuestionState]:
    """Public states behind a filter's word; blank is all."""
    known = {"waiting": [QuestionState.PUBLISHED], "answered": [QuestionState.ANSWERED]}
    return known.get(status, list(PUBLIC))


def public_questions(status: str = "", topic: str = "", words: str = "") -> QuerySet[Question]:
    """Published ones; `status` is `waiting` or `answered`, `topic` a code; blank is all.

    `words`: a number, or the beginnings of words that the public text or place has, all of them.
    """
    found = Question.objects.filter(state__in=states_of(status)).select_related("topic")
    if topic:
        found = found.filter(topic__code=topic)
    return _with_words(found, words) if words else found


def _with_words(found: QuerySet[Question], words: str) -> QuerySet[Question]:
    number, wanted = number_in(words), looked_for(words)
    if number is not None:
        return found.filter(pk=number)
    if wanted is None:
        return found.none()
    # Said once more as it stands in the index, which PostgreSQL else does not take.
    return found.alias(words=to_match(*PUBLIC_COLUMNS)).filter(IS_PUBLIC, words=wanted)


def newest_found(found: QuerySet[Question], *order: str) -> QuerySet[Question]:
    """Questions with some words in descending order of these columns.

    PostgreSQL takes words that it has not met for frequent ones and would go through all questions
    in the order of an index until it has a page; an order that no index has makes it look words up.
    """
    nothing = {"published_at": timedelta(0), "pk": 0}
    return found.order_by(*((F(column) + Value(nothing[column])).desc() for column in order))


def _newest(found: QuerySet[Question], words: str, *order: str) -> QuerySet[Question]:
    return newest_found(found, *order) if words else found.order_by(*(f"-{name}" for name in order))


@dataclass(frozen=True)
class Page:
    """`older` is the cursor of the next page, blank on the last."""

    questions: list[Question]
    older: str


def _cursor(question: Question) -> str:
    moment = question.published_at
    return f"{moment.isoformat()}~{question.pk}" if moment else ""


def _after(cursor: str) -> Q | None:
    """Rows behind a cursor; None when the text is not one of ours."""
    stamp, _, key = cursor.partition("~")
    try:
        # In UTC: PostgreSQL refuses offsets that Python reads.
        moment, number = datetime.fromisoformat(stamp).astimezone(UTC), int(key)
    except (ValueError, OverflowError):
        return None
    if not 0 < number < 2**63:
        return None
    # The first part is what the index can jump to; the second tells rows of one moment apart.
    return Q(published_at__lte=moment) & (Q(published_at__lt=moment) | Q(pk__lt=number))


def public_page(*, status: str = "", topic: str = "", words: str = "", before: str = "") -> Page:
    """One page of the list, newest first; by key and not by offset, so page 1000 costs as page 1."""
    found = public_questions(status, topic, words)
    condition = _after(before) if before else None
    if condition is not None:
        found = found.filter(condition)
    rows = list(_newest(found, words, "published_at", "pk")[: PAGE + 1])
    return Page(rows[:PAGE], _cursor(rows[PAGE - 1]) if len(rows) > PAGE else "")


def _inside(bounds: Bounds) -> Q:
    return Q(lat__range=(bounds.south, bounds.north), lon__range=(bounds.west, bounds.east))


def pins(
    bounds: Bounds, *, status: str = "", topic: str = "", words: str = ""
) -> tuple[list[Question], bool]:
    """Newest questions inside a box, and whether there are more than a map can show."""
    found = public_questions(status, topic, words).select_related(None).filter(_inside(bounds))
    found = found.only("id", "lat", "lon", "state", "public_text")
    rows = list(_newest(found, words, "pk")[: MAX_PINS + 1])
    return rows[:MAX_PINS], len(rows) > MAX_PINS


def oldest_waiting() -> Question | None:
    """The question that waits for an answer longest, public or private."""
    return Question.objects.filter(state__in=WAITING).order_by("id").first()


def oldest_new() -> Question | None:
    """The question that waits for the moderator longest."""
    return Question.objects.filter(state=QuestionState.IN_MODERATION).order_by("id").first()


def points(most: int) -> list[tuple[float, float]]:
    """Latitude and longitude of the newest questions that the desk has seen as real."""
    unreal = [QuestionState.UNCONFIRMED, QuestionState.REJECTED]
    rows = Question.objects.exclude(state__in=unreal).order_by("-pk")
    return list(rows.values_list("lat", "lon")[:most])


# Rings around a point, in metres: the smallest with enough questions is read, and no more of it.
NEAR_RADII = (150, 400, 1000, 2500, 6000)
MAX_NEAR = 400


def nearest(
    lat: float, lon: float, *, status: str = "", topic: str = "", words: str = ""
) -> list[tuple[int, Question]]:
    """The nearest questions with their distance in metres, at most a page, within 6 km.

    Each ring is a box of the pins' index, read up to a limit: a million rows cost as many look-ups.
    """
    found: list[tuple[int, Question]] = []
    for radius in NEAR_RADII:
        rows = public_questions(status, topic, words).filter(
            _inside(Bounds.around(lat, lon, radius / 1000))
        )
        measured = [
            (round(_metres(lat, lon, row)), row) for row in rows.order_by("lat", "lon")[:MAX_NEAR]
        ]
        found = [pair for pair in measured if pair[0] <= radius]
        if len(found) >= PAGE:
            break
    return sorted(found, key=lambda pair: (pair[0], -pair[1].pk))[:PAGE]


def _metres(lat: float, lon: float, row: Question) -> float:
    """On a plane, which is exact enough for a city."""
    north, east = row.lat - lat, (row.lon - lon) * cos(radians(lat))
    return hypot(north, east) * KM_PER_DEGREE * 1000


def first_words(text: str, length: int = 90) -> str:
    """A question has no title: its beginning serves, cut between words."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    return line[:length].rsplit(" ", 1)[0].rstrip(",.;:—- ") + "…"
