"""The plan by months, written anew whenever periods or agreements change."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

from billing.costs.rates import Rates, contribution, contribution_rates
from billing.models import CityAccount, FundingAgreement, PeriodShare, PlanMonth
from billing.spreading import days, month_of, part_of_month


def rewrite(account: CityAccount) -> None:
    """Plans of all agreements of a city: five queries, whatever the number of months.

    On a day that payers share, each one's own monthly sum counts: the share divides costs, the
    sum is what that payer's agreement promises.
    """
    funded: dict[tuple[int, date], set[date]] = defaultdict(set)
    rows = PeriodShare.objects.filter(period__account=account)
    for covered, agreement in rows.values_list("period__days", "agreement_id"):
        for day in days(covered.lower, covered.upper):
            if day < covered.upper:
                funded[agreement, month_of(day)].add(day)
    agreements = FundingAgreement.objects.filter(account=account).in_bulk()
    rates = contribution_rates()
    PlanMonth.objects.filter(account=account).delete()
    PlanMonth.objects.bulk_create(
        PlanMonth(
            agreement_id=agreement,
            account=account,
            month=month,
            days=len(paid),
            amount=_amount(agreements[agreement], month, paid, rates),
        )
        for (agreement, month), paid in sorted(funded.items())
    )


def _amount(agreement: FundingAgreement, month: date, paid: set[date], rates: Rates) -> Decimal:
    pay = part_of_month(agreement.monthly_amount, month, paid)
    if agreement.contribution_kekv:
        return pay + contribution(pay, month, rates)
    return pay
