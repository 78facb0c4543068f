"""What the map shows: each question while they are few, and cells when they are many."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Sum

from community.questions.cells import SINGLE_ZOOM, Window, box_of
from community.questions.models import Cell, Question
from community.questions.queries import pins, public_questions, states_of
from community.questions.states import QuestionState
from tenants.geometry import Bounds

# So many pins can be told apart on a small screen.
MAX_LOOSE = 60
MILLION = 1_000_000
# Rings keep so far from the border of their cell (a part of its side): neighbours do not overlap.
MARGIN = 0.3


@dataclass(frozen=True)
class Cluster:
    """Several questions of one cell; the point is their middle, as far as rings have room."""

    lat: float
    lon: float
    waiting: int
    answered: int
    box: Bounds


@dataclass(frozen=True)
class View:
    """`more`: there are questions that are neither a pin nor in a cluster."""

    pins: list[Question]
    clusters: list[Cluster]
    more: bool


def view(
    bounds: Bounds, *, zoom: float | None, status: str = "", topic: str = "", words: str = ""
) -> View:
    """What a map of this box shows at this zoom; without one, close by, and of some words each
    question.

    Reads as many cells as a screen has, whatever the number of questions.
    """
    if zoom is None or zoom >= SINGLE_ZOOM or words:
        return _loose(bounds, status, topic, words)
    window = Window.of(bounds, zoom)
    rows = list(counted(window, status, topic))
    if sum(row["questions"] for row in rows) <= MAX_LOOSE:
        return _loose(bounds, status, topic)
    cells: dict[tuple[int, int], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        cells[row["x"], row["y"]].append(row)
    numbers = {place: sum(row["questions"] for row in found) for place, found in cells.items()}
    # Of a single question the sum of numbers is its number.
    single = [row["ids"] for row in rows if numbers[row["x"], row["y"]] == 1]
    return View(
        # Asked for as published ones: a cell that is wrong shows nothing that is not.
        list(public_questions().select_related(None).filter(pk__in=single)),
        [
            _cluster(window.level, *place, found)
            for place, found in cells.items()
            if numbers[place] > 1
        ],
        more=False,
    )


def _loose(bounds: Bounds, status: str, topic: str, words: str = "") -> View:
    found, more = pins(bounds, status=status, topic=topic, words=words)
    return View(found, [], more)


def counted(window: Window, status: str, topic: str) -> Any:
    """One row a cell and state. Columns as a list: the index leads to each of them by itself."""
    found = Cell.objects.filter(
        level=window.level,
        x__in=window.columns,
        y__range=(window.rows[0], window.rows[-1]),
        state__in=states_of(status),
    )
    if topic:
        found = found.filter(topic__code=topic)
    return (
        found.values("x", "y", "state")
        .annotate(
            questions=Sum("number"), lat=Sum("lat_sum"), lon=Sum("lon_sum"), ids=Sum("id_sum")
        )
        .filter(questions__gt=0)
    )


def _cluster(level: int, x: int, y: int, rows: list[dict[str, Any]]) -> Cluster:
    by_state = {row["state"]: row["questions"] for row in rows}
    number, box = sum(by_state.values()), box_of(level, x, y)
    return Cluster(
        lat=_held(sum(row["lat"] for row in rows) / number / MILLION, box.south, box.north),
        lon=_held(sum(row["lon"] for row in rows) / number / MILLION, box.west, box.east),
        waiting=by_state.get(QuestionState.PUBLISHED, 0),
        answered=by_state.get(QuestionState.ANSWERED, 0),
        box=box,
    )


def _held(value: float, low: float, high: float) -> float:
    margin = (high - low) * MARGIN
    return round(max(low + margin, min(high - margin, value)), 6)
