"""Approved hours as figures of months, in minutes: what the platform knows of a city's timesheets."""

from collections.abc import Collection
from datetime import date

from django.db import connection

from bezpechne.kernel import metering
from bezpechne.kernel.activities import Activity
from community.timesheet.models import Timesheet
from community.timesheet.states import COUNTED

_SUMS = """
SELECT m.month, e.activity, sum(e.minutes)
FROM timesheet_month m JOIN timesheet_entry e ON e.person_id = m.person_id
  AND e.day >= m.month AND e.day < m.month + interval '1 month'
WHERE m.state = ANY(%s) AND m.month = ANY(%s)
GROUP BY m.month, e.activity
"""


def recount(months: Collection[date]) -> None:
    """Puts the approved minutes of these months, of every activity: 0 where there are none.

    A month that nobody ever submitted has no figure. Approving calls this in its own transaction,
    with the month's rows locked.
    """
    figures: dict[tuple[date, str], int | None] = {
        (month, f"hours.{activity}"): 0 for month in months for activity in Activity.values
    }
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, [[str(state) for state in COUNTED], list(months)])
        for month, activity, minutes in cursor.fetchall():
            figures[month, f"hours.{activity}"] = int(minutes)
    metering.put_months(figures)


def recount_all() -> None:
    """Every month that was approved once: a restored city's figures come back by it."""
    approved = Timesheet.objects.exclude(approved_at=None)
    months = set(approved.order_by().values_list("month", flat=True).distinct())
    if months:
        recount(months)
