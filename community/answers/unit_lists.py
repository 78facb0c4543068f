"""Units as a tree, and as a list that filters have made shorter."""

import re
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from community.answers.models import Unit
from community.answers.states import UnitKind
from community.answers.unit_files import name_key

# A tree that people can look through; beyond it units are listed by name.
TREE_MOST = 500
PAGE = 100
ACTIVE, INACTIVE, MUTE = "active", "inactive", "mute"


@dataclass(frozen=True)
class Wanted:
    """Filters of the list; blank is all. `after`: where the page before ended."""

    text: str = ""
    kind: str = ""
    state: str = ""
    after: str = ""

    @property
    def is_all(self) -> bool:
        return not (self.text or self.kind or self.state)


@dataclass(frozen=True)
class Line:
    """`depth` 0 is the top. In a list the parent's name stands beside instead."""

    unit: Unit
    depth: int


@dataclass(frozen=True)
class Listed:
    """`older`: the cursor of the next page, blank on the last."""

    lines: list[Line]
    is_tree: bool
    older: str = ""


def listed(wanted: Wanted) -> Listed:
    """One or two queries, whatever the number of units."""
    if wanted.is_all and not wanted.after:
        units = list(Unit.objects.order_by("name_sort", "id")[: TREE_MOST + 1])
        if len(units) <= TREE_MOST:
            return Listed(tree_of(units), is_tree=True)
    rows = list(_after(_filtered(wanted), wanted.after)[: PAGE + 1])
    older = f"{rows[PAGE - 1].name_sort}~{rows[PAGE - 1].pk}" if len(rows) > PAGE else ""
    return Listed([Line(unit, 0) for unit in rows[:PAGE]], is_tree=False, older=older)


def _filtered(wanted: Wanted) -> QuerySet[Unit]:
    rows = Unit.objects.select_related("parent").order_by("name_sort", "id")
    # PostgreSQL cannot even look for a NUL.
    text = wanted.text.replace("\x00", "")
    if text:
        rows = rows.filter(
            Q(name_sort__contains=name_key(text))
            | Q(name_en__icontains=text)
            | Q(email__icontains=text)
        )
    if wanted.kind in UnitKind.values:
        rows = rows.filter(kind=wanted.kind)
    if wanted.state == ACTIVE:
        rows = rows.filter(is_active=True)
    elif wanted.state == INACTIVE:
        rows = rows.filter(is_active=False)
    elif wanted.state == MUTE:
        rows = rows.filter(is_active=True, email="")
    return rows


def _after(rows: QuerySet[Unit], cursor: str) -> QuerySet[Unit]:
    key, _, number = cursor.rpartition("~")
    if not re.fullmatch(r"\d{1,200}~\d{1,18}", cursor, re.ASCII):
        return rows
    return rows.filter(Q(name_sort__gt=key) | Q(name_sort=key, pk__gt=int(number)))


def tree_of(units: list[Unit]) -> list[Line]:
    """Each unit below its parent; the liaison first, then by name, inactive ones last."""
    below: dict[int | None, list[Unit]] = {}
    held = {unit.pk for unit in units}
    for unit in units:
        parent = unit.parent_id if unit.parent_id in held else None
        below.setdefault(parent, []).append(unit)
    lines: list[Line] = []

    def put(parent: int | None, depth: int) -> None:
        rows = below.get(parent, [])
        for unit in sorted(rows, key=lambda row: (not row.is_liaison, not row.is_active)):
            lines.append(Line(unit, depth))
            put(unit.pk, depth + 1)

    put(None, 0)
    return lines
