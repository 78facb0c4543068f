"""What people do with their own hours: write, submit, take back."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.activities import Activity
from bezpechne.kernel.actors import Actor, ActorKind
from bezpechne.kernel.audit.models import record
from community.timesheet import months
from community.timesheet.actions.moving import check_seen, move
from community.timesheet.models import DAY, QUARTER, Timesheet, WorkEntry
from community.timesheet.queries import entries_of
from community.timesheet.states import SheetState, TimesheetRefused


@dataclass(frozen=True)
class Work:
    """`note` None leaves the note as it is."""

    minutes: int
    note: str | None = None


# What was done on a day, by activity; what is not named was not done.
Days = Mapping[date, Mapping[str, Work]]


def _person(by: Actor) -> int:
    """Staff of the city write their own hours and nobody else's."""
    by.require(Permission.MODERATE)
    if by.kind != ActorKind.STAFF or by.id is None:
        raise TimesheetRefused(_("Hours are entered by the city’s own people."))
    return by.id


def _locked(person: int, month: date) -> Timesheet:
    """The person's month, held; made on first use."""
    Timesheet.objects.get_or_create(person_id=person, month=month)
    return Timesheet.objects.select_for_update().get(person_id=person, month=month)


@transaction.atomic
def save_days(*, by: Actor, month: date, days: Days, seen: int | None = None) -> Timesheet:
    """Sets the hours of these days of the month as given; other days stay.

    `seen` is the version that the person had before them. Raises TimesheetRefused for a month that
    is not open, a day ahead, more than 24 hours a day, and anything but quarters of an hour.
    """
    person = _person(by)
    for day, works in days.items():
        _check(month, day, works)
    sheet = _locked(person, month)
    check_seen(sheet, seen)
    if not sheet.is_open:
        raise TimesheetRefused(
            _("This month is “%(state)s” and can only be read.")
            % {"state": sheet.get_state_display()}
        )
    change = _change(sheet, days)
    if change.write or change.gone:
        WorkEntry.objects.filter(pk__in=change.gone).delete()
        WorkEntry.objects.bulk_create(
            change.write,
            update_conflicts=True,
            unique_fields=["person", "day", "activity"],
            update_fields=["minutes", "note", "written_at"],
        )
        sheet.version += 1
        sheet.save(update_fields=["version"])
        record(by=by, subject=sheet, action="hours_written", old=change.old, new=change.new)
    return sheet


def _check(month: date, day: date, works: Mapping[str, Work]) -> None:
    told = {"day": date_format(day, "j E")}
    if not month <= day <= months.last_of(month):
        raise TimesheetRefused(_("%(day)s is not in this month.") % told)
    if works and day > clock.today():
        raise TimesheetRefused(
            _("%(day)s has not come yet. Hours are entered once the work is done.") % told, day
        )
    for activity, work in works.items():
        if activity not in Activity.values or work.minutes <= 0 or work.minutes % QUARTER:
            raise TimesheetRefused(
                _("%(day)s: hours are whole quarters, as 0.25 or 1.5.") % told, day, activity
            )
    if sum(work.minutes for work in works.values()) > DAY:
        raise TimesheetRefused(_("%(day)s: a day has 24 hours.") % told, day)


@dataclass
class _Change:
    """What differs from what is stored; `old` and `new` are minutes, for the history."""

    write: list[WorkEntry] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    old: dict[str, dict[str, int]] = field(default_factory=dict)
    new: dict[str, dict[str, int]] = field(default_factory=dict)


def _change(sheet: Timesheet, days: Days) -> _Change:
    known: dict[date, dict[str, WorkEntry]] = defaultdict(dict)
    for row in entries_of(sheet):
        known[row.day][row.activity] = row
    change = _Change()
    for day, works in sorted(days.items()):
        before = known[day]
        change.gone += [row.pk for activity, row in before.items() if activity not in works]
        for activity, work in works.items():
            stored = before.get(activity)
            note = work.note if work.note is not None else stored.note if stored else ""
            if stored and (stored.minutes, stored.note) == (work.minutes, note):
                continue
            change.write.append(
                WorkEntry(
                    person_id=sheet.person_id,
                    day=day,
                    activity=activity,
                    minutes=work.minutes,
                    note=note,
                    written_at=clock.now(),
                )
            )
        old = {activity: row.minutes for activity, row in before.items()}
        new = {activity: work.minutes for activity, work in works.items()}
        if old != new:
            change.old[day.isoformat()], change.new[day.isoformat()] = old, new
    return change


@transaction.atomic
def submit(*, by: Actor, month: date, seen: int | None = None) -> Timesheet:
    """Hands the month to the administrator; from now on it can only be read.

    A month may be handed in before its end: nobody works for a city only in whole months.
    """
    sheet = _locked(_person(by), month)
    check_seen(sheet, seen)
    if sheet.is_open and not entries_of(sheet).exists():
        raise TimesheetRefused(_("There are no hours in this month yet."))
    move(
        sheet,
        SheetState.SUBMITTED,
        by=by,
        action="hours_submitted",
        submitted_at=clock.now(),
        return_reason="",
    )
    return sheet


@transaction.atomic
def take_back(*, by: Actor, month: date) -> Timesheet:
    """Opens one's own month again while nobody has approved it."""
    sheet = _locked(_person(by), month)
    if sheet.state != SheetState.SUBMITTED:
        raise TimesheetRefused(
            _("Only hours that wait for approval can be taken back. Ask the administrator.")
        )
    move(sheet, SheetState.OPEN, by=by, action="hours_taken_back")
    return sheet
