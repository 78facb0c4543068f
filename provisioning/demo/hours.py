"""The demo moderators' hours of the last half year, through the real actions."""

import random
from datetime import date, datetime, time, timedelta

from django.db import transaction

from bezpechne.accounts.models import User
from bezpechne.kernel import clock
from bezpechne.kernel.activities import Activity
from community.insights.months import recount
from community.timesheet import months, queries
from community.timesheet.actions import approving, writing
from community.timesheet.actions.writing import Days, Work
from community.timesheet.models import QUARTER, Timesheet
from tenants.current import current_city

MONTHS = 6
# Quarters of an hour on a working day, the fewest and the most.
USUAL = {
    Activity.MODERATION: (3, 8),
    Activity.ROUTING: (1, 3),
    Activity.ANSWERS: (2, 6),
}
GROUP = Work(6 * QUARTER, "Засідання робочої групи")


@transaction.atomic
def seed_hours(moderator: User, administrator: User) -> bool:
    """The last month waits for approval, the current one is being filled in, the others are closed.

    False when there are hours already. Enters the figures of all these months, too.
    """
    if Timesheet.objects.exists():
        return False
    this = months.first_of(clock.today())
    # Today and yesterday are left to be filled in.
    last = clock.today() - timedelta(days=2)
    which = [months.back(this, number) for number in range(MONTHS, -1, -1)]
    for month in which:
        with clock.frozen(_evening(months.last_of(month))):
            days = _days(moderator, month, last)
            if not days:
                continue
            writing.save_days(by=moderator.actor, month=month, days=days)
            if month == this:
                continue
            sheet = writing.submit(by=moderator.actor, month=month)
        if month != which[-2]:
            with clock.frozen(_evening(months.after(month) + timedelta(days=1))):
                approving.approve(by=administrator.actor, sheet=sheet)
                approving.close(by=administrator.actor, sheet=sheet)
    recount(which)
    return True


def _evening(day: date) -> datetime:
    """Of that day; now, where it has not come."""
    return min(datetime.combine(day, time(18), clock.KYIV), clock.now())


def _days(moderator: User, month: date, last: date) -> Days:
    """Working days up to `last`; always the same."""
    dice = random.Random(f"{current_city().slug}:{month}")  # noqa: S311 - a demo, no secret
    seen = queries.suggested(moderator.pk, month)
    days: dict[date, dict[str, Work]] = {}
    for day in months.days_of(month):
        usual = {activity: dice.randint(*quarters) for activity, quarters in USUAL.items()}
        if day.weekday() > 4 or day > last:
            continue
        hints = seen.get(day, {})
        days[day] = {
            activity: Work(
                max(quarters * QUARTER, hints[activity].minutes if activity in hints else 0)
            )
            for activity, quarters in usual.items()
        }
        if day.weekday() == 3 and 8 <= day.day <= 14:
            days[day][Activity.WORKING_GROUPS] = GROUP
    return days
