"""Units from a table: kept, looked at, then written in one transaction or not at all."""

from dataclasses import dataclass

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor
from bezpechne.kernel.audit.models import record
from community.answers.models import Unit, UnitFile
from community.answers.unit_columns import PARENT
from community.answers.unit_files import FileRefused, read, text_of
from community.answers.unit_plan import Plan, Step, plan_of

# Every column that a line may change; one statement for all lines.
_COLUMNS = {
    "name_uk": "text",
    "name_sort": "text",
    "name_en": "text",
    "kind": "text",
    "email": "text",
    "phone": "text",
    "hours": "text",
    "address": "text",
    "how_to_apply": "text",
    "web": "text",
    "legal_basis": "text",
    "is_active": "boolean",
}
_UPDATE = (
    f"UPDATE answers_unit u SET {', '.join(f'{name} = g.{name}' for name in _COLUMNS)}"  # noqa: S608 - names of our own columns
    f" FROM unnest(%s::bigint[], {', '.join(f'%s::{kind}[]' for kind in _COLUMNS.values())})"
    f" AS g (id, {', '.join(_COLUMNS)}) WHERE u.id = g.id"
)
_INSERT = (
    f"INSERT INTO answers_unit (is_liaison, created_at, id, parent_id, {', '.join(_COLUMNS)})"  # noqa: S608 - same
    " SELECT false, %s, g.* FROM unnest(%s::bigint[], %s::bigint[],"
    f" {', '.join(f'%s::{kind}[]' for kind in _COLUMNS.values())}) AS g"
)
_NUMBERS = (
    "SELECT nextval(pg_get_serial_sequence('answers_unit', 'id')) FROM generate_series(1, %s)"
)
_PARENTS = (
    "UPDATE answers_unit u SET parent_id = g.parent_id"
    " FROM unnest(%s::bigint[], %s::bigint[]) AS g (id, parent_id) WHERE u.id = g.id"
)


@dataclass(frozen=True)
class Taken:
    """How many lines did what."""

    created: int
    changed: int
    same: int
    left_out: int


@transaction.atomic
def keep_file(*, by: Actor, name: str, content: bytes) -> UnitFile:
    """Reads the file and keeps it for the preview; a former one goes. Raises FileRefused."""
    by.require(Permission.ADMINISTER)
    text = text_of(content)
    read(text)
    UnitFile.objects.all().delete()
    return UnitFile.objects.create(name=name[:120], text=text)


@transaction.atomic
def drop_file(*, by: Actor, file: UnitFile) -> None:
    """Forgets a file; nothing of it was written."""
    by.require(Permission.ADMINISTER)
    UnitFile.objects.filter(pk=file.pk).delete()


@transaction.atomic
def take_file(*, by: Actor, file: UnitFile) -> Taken:
    """Writes the right lines, compared anew with the units of this moment. Raises FileRefused.

    The history has one line for all of it: 50,000 would hide everything else.
    """
    by.require(Permission.ADMINISTER)
    row = UnitFile.objects.select_for_update().filter(pk=file.pk).first()
    if row is None:
        raise FileRefused(_("This file was taken or replaced already."))
    # Nobody changes units until this ends: two files at once would make one unit twice.
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE answers_unit IN SHARE ROW EXCLUSIVE MODE")
        plan = plan_of(read(row.text))
        if not plan.lines:
            raise FileRefused(_("No line of this file would change anything."))
        _create(plan, cursor)
        _change(plan, cursor)
    taken = Taken(len(plan.new), len(plan.changed), plan.same, len(plan.faults))
    record(
        by=by,
        subject=row,
        action="units_imported",
        new={"created": taken.created, "changed": taken.changed, "left_out": taken.left_out},
    )
    row.delete()
    return taken


def _create(plan: Plan, cursor: CursorWrapper) -> None:
    """One statement, parents and all: one for each unit takes three times as long."""
    cursor.execute(_NUMBERS, [len(plan.new)])
    numbers = [number for (number,) in cursor.fetchall()]
    plan.ids |= {step.row.key: step.unit.pk for step in plan.changed if step.unit}
    plan.ids |= {step.row.key: number for step, number in zip(plan.new, numbers, strict=True)}
    units = [_after(Unit(), step) for step in plan.new]
    above = [plan.ids[step.parent] if step.parent else None for step in plan.new]
    cursor.execute(_INSERT, [clock.now(), numbers, above, *_lists(units)])


def _lists(units: list[Unit]) -> list[list[str | bool]]:
    return [[getattr(unit, name) for unit in units] for name in _COLUMNS]


def _after(unit: Unit, step: Step) -> Unit:
    for name, value in step.values.items():
        setattr(unit, name, value)
    unit.name_sort = step.row.key
    return unit


def _change(plan: Plan, cursor: CursorWrapper) -> None:
    units = [_after(step.unit, step) for step in plan.changed if step.unit]
    cursor.execute(_UPDATE, [[unit.pk for unit in units], *_lists(units)])
    moved = [
        (step.unit.pk, plan.ids[step.parent])
        for step in plan.changed
        if step.unit and PARENT in step.changed
    ]
    cursor.execute(_PARENTS, [[unit for unit, _above in moved], [above for _, above in moved]])
