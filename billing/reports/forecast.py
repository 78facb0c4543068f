"""What a calendar year will cost, told in two ways.

By the plan: what signed acts ask for, and the plan of every month of an agreement that has no
signed act yet, past months that wait for their act included. By the pace: what signed acts ask for,
and for each month after the last signed one the average of the months with signed acts. The first
knows of payers that change, the second of hours that run ahead of the plan.
"""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from billing.reports.lens import Lens
from billing.reports.period import Period
from billing.reports.statements import rows
from billing.reports.sums import NOTHING


@dataclass(frozen=True)
class Forecast:
    """UAH for the calendar year `year`. `by_pace` None: no act is signed."""

    year: int
    plan: Decimal
    accrued: Decimal
    waiting: Decimal
    months: int
    by_pace: Decimal | None

    @property
    def by_plan(self) -> Decimal:
        return self.accrued + self.waiting


def forecast(lens: Lens, year: int) -> Forecast:
    """One statement."""
    whole = Period(date(year, 1, 1), date(year, 12, 1))
    sql = """
WITH planned AS (
  SELECT p.agreement_id, p.month, p.amount
  FROM billing_plan_month p JOIN billing_agreement g ON g.id = p.agreement_id
  WHERE p.month BETWEEN %(first)s AND %(last)s AND LENS(g.payer_id, p.account_id)
),
signed AS (
  SELECT t.agreement_id, t.month, sum(t.amount) AS amount FROM billing_act t
  WHERE t.state = 'signed' AND t.month BETWEEN %(first)s AND %(last)s
    AND LENS(t.payer_id, t.account_id)
  GROUP BY t.agreement_id, t.month
)
SELECT coalesce(p.month, s.month) AS month, coalesce(sum(p.amount), 0), sum(s.amount),
  coalesce(sum(p.amount) FILTER (WHERE s.agreement_id IS NULL), 0)
FROM planned p FULL JOIN signed s ON s.agreement_id = p.agreement_id AND s.month = p.month
GROUP BY 1 ORDER BY 1
"""
    found = rows(sql, lens, whole)
    accrued = {month: amount for month, _plan, amount, _waiting in found if amount is not None}
    spent = sum(accrued.values(), NOTHING)
    return Forecast(
        year=year,
        plan=sum((plan for _month, plan, _amount, _waiting in found), NOTHING),
        accrued=spent,
        waiting=sum((waiting for _month, _plan, _amount, waiting in found), NOTHING),
        months=len(accrued),
        by_pace=_by_pace(spent, list(accrued)),
    )


def _by_pace(spent: Decimal, signed: list[date]) -> Decimal | None:
    if not signed:
        return None
    left = 12 - signed[-1].month
    average = spent / len(signed)
    return (spent + average * left).quantize(Decimal("0.01"), ROUND_HALF_UP)
