"""What is due: reminders of steps, of a donor's money that ends, of the budget of the next year.

Each is sent once for its day, however often the walk comes by; a new due date starts anew.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db import transaction

from bezpechne.kernel import clock
from bezpechne.kernel.schema import PUBLIC, in_schema
from billing.models import FundingPeriod
from provisioning.handover import telling
from provisioning.handover.models import Handover
from provisioning.handover.states import STEPS, Stage

# A step's day comes in so many days.
SOON = timedelta(days=7)
# Overdue is said again after each of these.
AGAIN = timedelta(days=14)
# A donor's money that ends so soon needs a contract, a prolongation or a pause.
LATE = timedelta(days=45)
# Requests for the next year's budget are made from here to the end of October.
SEPTEMBER, NOVEMBER = 9, 11
BEFORE_THE_REQUEST = STEPS[: STEPS.index(Stage.COUNCIL)]


def send_due(today: date | None = None) -> int:
    """Letters for every open hand-over; how many people's were new."""
    today = today or clock.today()
    with in_schema(PUBLIC):
        rows = Handover.objects.exclude(stage=Stage.CLOSED).order_by("pk")
        ends = _last_days([row.account_id for row in rows])
        return sum(_send(row, today, ends.get(row.account_id)) for row in rows)


def _last_days(accounts: list[int]) -> dict[int, date]:
    """The last paid day of each city: one query."""
    found: dict[int, date] = {}
    paid = FundingPeriod.objects.filter(account_id__in=accounts, is_pause=False)
    for period in paid.only("account_id", "days").order_by("days"):
        found[period.account_id] = period.last
    return found


@transaction.atomic
def _send(row: Handover, today: date, last: date | None) -> int:
    return sum(telling.remind(row, about, day) for about, day in due(row, today, last))


def due(row: Handover, today: date, last: date | None) -> Iterator[tuple[int, date]]:
    """What is to be said about a hand-over today, with the day that it is about."""
    if row.due_on and row.stage != Stage.PAID:
        if today > row.due_on:
            weeks = (today - row.due_on) // AGAIN
            yield telling.OVERDUE, row.due_on + AGAIN * weeks
        elif row.due_on - today <= SOON:
            yield telling.DUE, row.due_on
    if last and row.stage not in {Stage.SWITCH, Stage.PAID} and last - today <= LATE:
        yield telling.LATE, last
    if SEPTEMBER <= today.month < NOVEMBER and _misses_the_budget(row, today, last):
        yield telling.SEPTEMBER, date(today.year, SEPTEMBER, 1)


def _misses_the_budget(row: Handover, today: date, last: date | None) -> bool:
    """No request for the next year yet, or a local budget that pays to December alone."""
    if row.stage in BEFORE_THE_REQUEST:
        return True
    return row.stage == Stage.PAID and last is not None and last.year <= today.year
