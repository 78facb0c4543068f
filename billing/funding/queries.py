"""Who pays on which day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import QuerySet

from billing.models import CityAccount, FundingPeriod, PeriodShare
from billing.spreading import days


@dataclass(frozen=True)
class Gap:
    """Days of a funded stretch that no period covers, both included."""

    account_id: int
    first: date
    last: date


def periods_of(account: CityAccount) -> QuerySet[FundingPeriod]:
    """Oldest first, with their shares, agreements and payers: three queries."""
    return (
        FundingPeriod.objects.filter(account=account)
        .prefetch_related("shares__agreement__payer")
        .order_by("days")
    )


def shares_by_day(account_id: int, first: date, last: date) -> dict[date, dict[int, Decimal]]:
    """For each day the per cents by agreement; `{}` on a day of pause or without a period."""
    found: dict[date, dict[int, Decimal]] = {day: {} for day in days(first, last)}
    rows = PeriodShare.objects.filter(
        period__account_id=account_id, period__days__overlap=(first, last + timedelta(days=1))
    ).values_list("period__days", "agreement_id", "percent")
    for covered, agreement, percent in rows:
        start, end = max(covered.lower, first), min(covered.upper - timedelta(days=1), last)
        for day in days(start, end):
            found[day][agreement] = percent
    return found


def gaps(accounts: Iterable[int] | None = None) -> list[Gap]:
    """Uncovered days between two periods of a city; the ledger's check expects none."""
    rows = FundingPeriod.objects.order_by("account_id", "days")
    if accounts is not None:
        rows = rows.filter(account_id__in=list(accounts))
    found: list[Gap] = []
    before: tuple[int, date] | None = None
    for account_id, covered in rows.values_list("account_id", "days"):
        if before and before[0] == account_id and before[1] < covered.lower:
            found.append(Gap(account_id, before[1], covered.lower - timedelta(days=1)))
        before = (account_id, covered.upper)
    return found
