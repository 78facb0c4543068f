"""What a table of units would change, compared with the units that there are. Changes nothing."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from community.answers.models import Unit
from community.answers.states import UnitKind
from community.answers.unit_columns import ACTIVE, KIND, NAME, PARENT, TEXTS, heading
from community.answers.unit_files import Fault, Row, Sheet, name_key

# Of a tree: the ministry's department, its directorate, its district, its station and so on.
MAX_DEPTH = 8


@dataclass(frozen=True)
class Step:
    """A line with what it sets; `unit` None: a new one. `by_email`: found by its address."""

    row: Row
    values: dict[str, Any]
    unit: Unit | None = None
    changed: tuple[str, ...] = ()
    by_email: bool = False
    parent: str = ""

    @property
    def headings(self) -> list[str]:
        return [heading(column) for column in self.changed]


@dataclass
class Plan:
    """`same`: lines that say what is there already; `ids`: of the units, by the keys of names."""

    new: list[Step] = field(default_factory=list)
    changed: list[Step] = field(default_factory=list)
    same: int = 0
    faults: list[Fault] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)

    @property
    def lines(self) -> int:
        """That would be written."""
        return len(self.new) + len(self.changed)


def plan_of(sheet: Sheet) -> Plan:
    """One query, whatever the size of the file."""
    return _Planner(sheet).plan


class _Planner:
    def __init__(self, sheet: Sheet) -> None:
        self.plan = Plan(faults=list(sheet.faults))
        self.units = {unit.pk: unit for unit in Unit.objects.order_by("id")}
        self.names: dict[str, list[Unit]] = {}
        self.emails: dict[str, list[Unit]] = {}
        for unit in self.units.values():
            self.names.setdefault(_key_of(unit), []).append(unit)
            if unit.email:
                self.emails.setdefault(unit.email.lower(), []).append(unit)
        self.plan.ids = {key: units[0].pk for key, units in self.names.items()}
        self.sent_emails = Counter(row.values.get("email") for row in sheet.rows)
        self.sent_names = {row.key for row in sheet.rows}
        steps = [step for row in sheet.rows if (step := self._step(row)) is not None]
        for step in self._with_parents(steps):
            self._put(step)
        self.plan.faults.sort(key=lambda fault: fault.line)

    def _fault(self, row: Row, text: str, column: str = NAME) -> None:
        self.plan.faults.append(Fault(row.line, text, heading(column)))

    def _step(self, row: Row) -> Step | None:
        named = self.names.get(row.key, [])
        if len(named) > 1:
            self._fault(row, _("Several units are called so. Rename one of them here first."))
            return None
        unit = named[0] if named else self._by_email(row)
        values: dict[str, Any] = {
            column: row.values[column] for column in TEXTS if row.values.get(column)
        }
        if row.values.get(KIND):
            values[KIND] = row.values[KIND]
        elif unit is None:
            values[KIND] = str(UnitKind.OTHER)
        if row.values.get(ACTIVE):
            values["is_active"] = row.values[ACTIVE] == "1"
            if unit is not None and unit.is_liaison and not values["is_active"]:
                self._fault(row, _("This is the liaison. Choose another liaison first."), ACTIVE)
                return None
        return Step(row, values, unit, by_email=bool(unit and not named), parent=self._parent(row))

    def _by_email(self, row: Row) -> Unit | None:
        """Another name for the only unit of an address that the file has once; not its namesake."""
        email = row.values.get("email", "")
        found = self.emails.get(email, [])
        if len(found) != 1 or self.sent_emails[email] != 1:
            return None
        return None if _key_of(found[0]) in self.sent_names else found[0]

    @staticmethod
    def _parent(row: Row) -> str:
        return name_key(row.values.get(PARENT, "")) if row.values.get(PARENT) else ""

    def _with_parents(self, steps: list[Step]) -> list[Step]:
        """Without those whose parent is nowhere or that would make a circle."""
        kept = steps
        while True:
            known = {*self.names, *(step.row.key for step in kept)}
            lost = [step for step in kept if step.parent and step.parent not in known]
            if not lost:
                break
            for step in lost:
                self._fault(
                    step.row,
                    _("There is no unit “%(name)s”, here or in the right lines of the file.")
                    % {"name": step.row.values[PARENT][:60]},
                    PARENT,
                )
            gone = set(map(id, lost))
            kept = [step for step in kept if id(step) not in gone]
        return self._without_circles(kept)

    def _without_circles(self, steps: list[Step]) -> list[Step]:
        above = {
            key: _key_of(self.units[unit.parent_id]) if unit.parent_id else ""
            for key, units in self.names.items()
            for unit in units[:1]
        }
        above |= {step.row.key: step.parent for step in steps if step.parent}
        kept = []
        for step in steps:
            if step.parent and not _reaches_top(step.row.key, above):
                self._fault(
                    step.row,
                    _("The tree would be a circle, or deeper than %(most)d levels.")
                    % {"most": MAX_DEPTH},
                    PARENT,
                )
            else:
                kept.append(step)
        return kept

    def _put(self, step: Step) -> None:
        if step.unit is None:
            self.plan.new.append(step)
            return
        unit = step.unit
        changed = [name for name, value in step.values.items() if getattr(unit, name) != value]
        if step.parent:
            parent = self.units.get(unit.parent_id or 0)
            if parent is None or _key_of(parent) != step.parent:
                changed.append(PARENT)
        if not changed:
            self.plan.same += 1
            return
        told = tuple(ACTIVE if name == "is_active" else name for name in changed)
        self.plan.changed.append(
            Step(step.row, step.values, unit, told, step.by_email, step.parent)
        )


def _key_of(unit: Unit) -> str:
    """What is stored for the order of names is the same but for spaces."""
    return name_key(unit.name_uk) if "  " in unit.name_uk else unit.name_sort


def _reaches_top(key: str, above: dict[str, str]) -> bool:
    for _level in range(MAX_DEPTH):
        key = above.get(key, "")
        if not key:
            return True
    return False
