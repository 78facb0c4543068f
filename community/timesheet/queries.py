"""What pages of hours read. A month costs the same whatever its number of hours."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet, Sum
from django.db.models.functions import TruncMonth

from bezpechne.accounts.models import User
from bezpechne.kernel.activities import Activity
from bezpechne.kernel.actors import ActorKind
from bezpechne.kernel.audit.models import Entry, history_of
from community.timesheet import months, suggestions
from community.timesheet.models import Timesheet, WorkEntry
from community.timesheet.states import SheetState

LAST_MONTHS = 12


def entries_of(sheet: Timesheet) -> QuerySet[WorkEntry]:
    """All hours of the month."""
    return WorkEntry.objects.filter(
        person_id=sheet.person_id, day__range=(sheet.month, months.last_of(sheet.month))
    )


def sheet_of(person: int, month: date) -> Timesheet:
    """The person's month; an unsaved one where nothing was written."""
    found = Timesheet.objects.filter(person_id=person, month=month).first()
    return found or Timesheet(person_id=person, month=month)


def suggested(person: int, month: date) -> suggestions.Days:
    """What the person did in the product that month, as time: one query."""
    start, end = months.moments_of(month)
    acts = Entry.objects.filter(
        at__gte=start,
        at__lt=end,
        actor_kind=ActorKind.STAFF,
        actor_id=person,
        action__in=list(suggestions.ACTIVITY_OF),
    )
    return suggestions.suggest(
        (at, suggestions.ACTIVITY_OF[action]) for at, action in acts.values_list("at", "action")
    )


Sums = dict[str, int]


def sums(entries: Iterable[WorkEntry]) -> Sums:
    """Minutes of every activity, in its order."""
    found = dict.fromkeys(Activity.values, 0)
    for entry in entries:
        found[entry.activity] += entry.minutes
    return found


@dataclass(frozen=True)
class DayRead:
    """A day's line of a month that is only read."""

    day: date
    sums: Sums
    noted: list[WorkEntry]

    @property
    def minutes(self) -> int:
        return sum(self.sums.values())

    @property
    def is_weekend(self) -> bool:
        return self.day.weekday() > 4


def by_days(entries: Iterable[WorkEntry]) -> list[DayRead]:
    """Days with hours, in their order."""
    found: dict[date, list[WorkEntry]] = defaultdict(list)
    for entry in entries:
        found[entry.day].append(entry)
    return [
        DayRead(day, sums(of_day), [entry for entry in of_day if entry.note])
        for day, of_day in sorted(found.items())
    ]


@dataclass(frozen=True)
class PersonMonth:
    """One line of the administrator's list: the month, whose, and its minutes by activity."""

    sheet: Timesheet
    name: str
    sums: Sums

    @property
    def minutes(self) -> int:
        return sum(self.sums.values())


def months_of_city(since: date) -> list[PersonMonth]:
    """Everybody's months from `since` on that somebody has written in, newest first: two queries."""
    sheets = Timesheet.objects.select_related("person").filter(month__gte=since)
    worked = (
        WorkEntry.objects.filter(day__gte=since)
        .order_by()
        .values_list("person_id", TruncMonth("day"), "activity")
        .annotate(Sum("minutes"))
    )
    found: dict[tuple[int, date], Sums] = defaultdict(lambda: dict.fromkeys(Activity.values, 0))
    for person, month, activity, minutes in worked:
        found[person, month][activity] = minutes
    return [
        PersonMonth(sheet, sheet.person.name, found[sheet.person_id, sheet.month])
        for sheet in sheets.order_by("-month", "person__name", "pk")
    ]


def waiting(rows: Iterable[PersonMonth]) -> list[PersonMonth]:
    """What the administrator has to look at, the oldest month first."""
    found = [row for row in rows if row.sheet.state == SheetState.SUBMITTED]
    return sorted(found, key=lambda row: row.sheet.month)


def number_waiting() -> int:
    return Timesheet.objects.filter(state=SheetState.SUBMITTED).count()


def entries_of_month(month: date) -> QuerySet[WorkEntry]:
    """Everybody's, by person and day."""
    rows = WorkEntry.objects.select_related("person")
    return rows.filter(day__range=(month, months.last_of(month))).order_by(
        "person__name", "person_id", "day", "id"
    )


def own_months(person: int) -> QuerySet[Timesheet]:
    """The person's last months, newest first."""
    return Timesheet.objects.filter(person_id=person).order_by("-month")[:LAST_MONTHS]


@dataclass(frozen=True)
class Step:
    """One line of a month's history, with the name of who did it."""

    entry: Entry
    name: str


def steps_of(sheet: Timesheet) -> list[Step]:
    """Oldest first, what was written left out: two queries."""
    entries = list(history_of(sheet).exclude(action="hours_written"))
    ids = {entry.actor_id or 0 for entry in entries if entry.actor_kind == ActorKind.STAFF}
    names = dict(User.objects.filter(pk__in=ids).values_list("pk", "name"))
    return [Step(entry, names.get(entry.actor_id or 0, "")) for entry in entries]
