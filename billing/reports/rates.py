"""Currencies of the grants that pay, their rates by month, and what came of them."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from billing.reports.lens import Lens
from billing.reports.period import Period
from billing.reports.statements import rows

MOST_TRANCHES = 200


@dataclass(frozen=True)
class GrantMonth:
    """`rate`: UAH for one of the currency, the last one known in the month; None: none known.

    `accrued`: UAH of the month's signed acts under grants in this currency.
    """

    currency: str
    month: date
    day: date | None
    rate: Decimal | None
    source: str
    accrued: Decimal

    @property
    def equivalent(self) -> Decimal | None:
        """The same in the currency."""
        if not self.rate:
            return None
        return (self.accrued / self.rate).quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass(frozen=True)
class Received:
    """A tranche as it came; a reversed one has its counter-row with the opposite sums."""

    payer: str
    grant: str
    currency: str
    day: date
    amount: Decimal
    rate: Decimal
    amount_uah: Decimal


def grant_months(lens: Lens, period: Period) -> list[GrantMonth]:
    """By currency and month, only months in which a grant pays: one statement."""
    sql = """
WITH paying AS (
  SELECT r.currency, p.month, p.agreement_id
  FROM billing_plan_month p JOIN billing_agreement g ON g.id = p.agreement_id
  JOIN billing_grant r ON r.id = g.grant_id
  WHERE p.month BETWEEN %(first)s AND %(last)s AND LENS(g.payer_id, p.account_id)
),
signed AS (
  SELECT r.currency, t.month, sum(t.amount) AS amount
  FROM billing_act t JOIN billing_agreement g ON g.id = t.agreement_id
  JOIN billing_grant r ON r.id = g.grant_id
  WHERE t.state = 'signed' AND t.month BETWEEN %(first)s AND %(last)s
    AND LENS(t.payer_id, t.account_id)
  GROUP BY r.currency, t.month
),
every AS (SELECT currency, month FROM paying UNION SELECT currency, month FROM signed)
SELECT e.currency, e.month, x.day, x.rate, coalesce(x.source, ''), coalesce(s.amount, 0)
FROM every e LEFT JOIN signed s ON s.currency = e.currency AND s.month = e.month
LEFT JOIN LATERAL (
  SELECT day, rate, source FROM billing_exchange_rate k
  WHERE k.currency = e.currency AND k.day >= e.month
    AND k.day < (e.month + interval '1 month')::date
  ORDER BY day DESC LIMIT 1
) x ON true
ORDER BY e.currency, e.month
"""
    return [GrantMonth(*row) for row in rows(sql, lens, period)]


def received(lens: Lens, period: Period) -> list[Received]:
    """Tranches of the period, the newest 200: one statement.

    Money of a donor is not a city's: who may see a city alone, or asks about one, gets none.
    """
    if not lens.has_whole_payers:
        return []
    sql = f"""
SELECT y.name, r.number, r.currency, x.received_on, x.amount, x.rate, x.amount_uah
FROM billing_tranche x JOIN billing_grant r ON r.id = x.grant_id
JOIN billing_payer y ON y.id = r.payer_id
WHERE x.received_on BETWEEN %(first)s AND %(end)s AND LENS(r.payer_id, NULL::bigint)
ORDER BY x.received_on DESC, x.id DESC LIMIT {MOST_TRANCHES}
"""  # noqa: S608 - a constant
    return [Received(*row) for row in rows(sql, lens, period)]
