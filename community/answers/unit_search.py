"""Which units a form offers where a city has thousands: a few usual ones, and what words find."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet

from community.answers.models import Routing, TopicRoute, Unit
from community.answers.queries import units_to_route
from community.questions.words import looked_for, to_match

# A plain list that people can look through; in a longer one they search.
LIST_MOST = 50
# Usual ones, and found ones.
OFFERED = 20
RECENT = 100
MAX_WORDS = 100


def active_units() -> QuerySet[Unit]:
    """Those that may get questions."""
    return Unit.objects.filter(is_active=True)


# What the address of the search calls a set of units.
SETS: dict[str, Callable[[], QuerySet[Unit]]] = {
    "active": active_units,
    "to_route": units_to_route,
    "all": Unit.objects.all,
}


def is_long(units: QuerySet[Unit]) -> bool:
    """Whether there are too many for a plain list."""
    return len(units.order_by().values_list("pk")[: LIST_MOST + 1]) > LIST_MOST


def with_words(units: QuerySet[Unit], text: str) -> QuerySet[Unit]:
    """Those whose name has all words of a text, in either language; by an index."""
    wanted = looked_for(text)
    if wanted is None:
        return units.none()
    named = units.alias(words=to_match("name_uk", "name_en")).filter(words=wanted)
    return named.select_related("parent").order_by("name_sort", "id")


def usual(units: QuerySet[Unit], chosen: Any) -> list[Unit]:
    """The chosen one, the liaison, whom questions go to, then the top of the tree; four queries."""
    recent = list(
        dict.fromkeys(Routing.objects.order_by("-id").values_list("unit", flat=True)[:RECENT])
    )
    routed = TopicRoute.objects.order_by("topic__position").values_list("unit", flat=True)
    first = _number(chosen)
    numbers = [first, *recent[: OFFERED // 2], *routed[:OFFERED]]
    known = units.filter(Q(pk__in=numbers) | Q(is_liaison=True)).select_related("parent")
    rows = sorted(known[: 2 * OFFERED], key=lambda unit: (unit.pk != first, not unit.is_liaison))
    if len(rows) < OFFERED:
        top = units.filter(parent=None).order_by("name_sort", "id")[:OFFERED]
        held = {unit.pk for unit in rows}
        rows += [unit for unit in top if unit.pk not in held]
    return rows[:OFFERED]


def _number(chosen: Any) -> int:
    text = str(chosen)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def label_of(unit: Unit) -> str:
    """The name, and whose part it is: thousands of units have namesakes."""
    return f"{unit.name} – {unit.parent.name}" if unit.parent else unit.name
