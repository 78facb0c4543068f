"""A moderator's hours by activity: approved time, tariff, and what of it was posted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Q

from bezpechne.kernel.activities import Activity
from billing.models import Tariff
from billing.reports.lens import Lens
from billing.reports.period import Period
from billing.reports.statements import rows
from billing.reports.sums import NOTHING
from billing.reports.usage import Figures, cost_of_one


@dataclass(frozen=True)
class Hours:
    """`minutes` None: nobody measured. Tariffs in UAH an hour, the lowest and the highest paid.

    `cost`: what the payers of the report bear of hours that were posted by the tariff; nothing
    where a fixed sum a month is paid.
    """

    activity: Activity
    minutes: int | None
    lowest: Decimal | None
    highest: Decimal | None
    cost: Decimal

    @property
    def hours(self) -> Decimal | None:
        """To a tenth of an hour."""
        return hours_of(self.minutes)


def hours_of(minutes: int | None) -> Decimal | None:
    if minutes is None:
        return None
    return (Decimal(minutes) / 60).quantize(Decimal("0.1"), ROUND_HALF_UP)


def minutes_of(figures: Figures) -> int | None:
    """Of all activities; None where no city has approved hours."""
    known = [figures.all.get(f"hours.{activity}") for activity in Activity.values]
    if all(minutes is None for minutes in known):
        return None
    return sum(minutes or 0 for minutes in known)


def cost_of_hour(figures: Figures) -> Decimal | None:
    """What an hour came to, contributions and everything else included."""
    minutes = sum(figures.signed.get(f"hours.{activity}", 0) for activity in Activity.values)
    return cost_of_one(figures.accrued * 60, minutes)


def by_activity(lens: Lens, period: Period, figures: Figures) -> list[Hours]:
    """Every activity in its order: two statements."""
    sql = """
SELECT e.activity, min(e.per_hour), max(e.per_hour), sum(l.amount)
FROM billing_cost_entry e JOIN billing_allocation l ON l.entry_id = e.id
JOIN billing_agreement g ON g.id = l.agreement_id
WHERE e.kind = 'hours' AND e.month BETWEEN %(first)s AND %(last)s
  AND LENS(g.payer_id, e.account_id)
GROUP BY e.activity
"""
    posted = {activity: tuple(sums) for activity, *sums in rows(sql, lens, period)}
    tariffs = _tariffs(lens, period.end)
    return [
        Hours(
            activity,
            figures.all.get(f"hours.{activity}"),
            *posted.get(activity, (tariffs.get(activity), tariffs.get(activity), NOTHING)),
        )
        for activity in Activity
    ]


def _tariffs(lens: Lens, day: date) -> dict[str, Decimal]:
    """In force on a day for one city, or for all that have none of their own."""
    of_city = (
        Q(account=None) | Q(account_id=lens.account_id) if lens.account_id else Q(account=None)
    )
    known = Tariff.objects.filter(of_city, starts_on__lte=day).order_by("starts_on")
    return in_force(known.values_list("account_id", "activity", "per_hour"))


def in_force(known: Iterable[tuple[int | None, str, Decimal]]) -> dict[str, Decimal]:
    """By activity, from tariffs in the order of their first days; as `billing.costs.rates` says:
    the city's own before everybody's, the activity's before the general one."""
    last: dict[tuple[bool, str], Decimal] = {}
    for account, activity, per_hour in known:
        last[account is not None, activity] = per_hour
    found = {}
    for activity in Activity.values:
        for key in ((True, activity), (True, ""), (False, activity), (False, "")):
            if key in last:
                found[activity] = last[key]
                break
    return found
