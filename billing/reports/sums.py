"""Plan, accrual and payment, summed by month, payer, source and city in one statement."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from billing.reports.lens import Lens
from billing.reports.period import Basis, Period
from billing.reports.statements import rows

NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Sums:
    """UAH. `accrued`: acts that were signed; `paid`: payments matched with invoices."""

    plan: Decimal = NOTHING
    accrued: Decimal = NOTHING
    paid: Decimal = NOTHING

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(self.plan + other.plan, self.accrued + other.accrued, self.paid + other.paid)

    @property
    def deviation(self) -> Decimal:
        """Accrued above the plan; negative: below it."""
        return self.accrued - self.plan

    @property
    def percent(self) -> Decimal | None:
        """Of the plan that is accrued, to a tenth; None where nothing was planned."""
        return percent(self.accrued, self.plan)


def percent(part: Decimal, whole: Decimal) -> Decimal | None:
    if not whole:
        return None
    return (part * 100 / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)


def total(parts: Iterable[Sums]) -> Sums:
    return sum(parts, Sums())


# What each row of the ledger adds to which month, by either basis.
_PAID_FROM = """
  FROM billing_payment_match m JOIN billing_invoice i ON i.id = m.invoice_id
  JOIN billing_payment y ON y.id = m.payment_id
"""
MONTH_OF_ACT = {
    Basis.SERVICE: "t.month",
    Basis.DOCUMENT: "date_trunc('month', t.signed_on)::date",
}
DATE_OF_ACT = {
    Basis.SERVICE: "t.month BETWEEN %(first)s AND %(last)s",
    Basis.DOCUMENT: "t.signed_on BETWEEN %(first)s AND %(end)s",
}
MONTH_OF_PAYMENT = {
    Basis.SERVICE: "i.month",
    Basis.DOCUMENT: "date_trunc('month', y.received_on)::date",
}
DATE_OF_PAYMENT = {
    Basis.SERVICE: "i.month BETWEEN %(first)s AND %(last)s",
    Basis.DOCUMENT: "y.received_on BETWEEN %(first)s AND %(end)s",
}


def facts(basis: Basis) -> str:
    """A query with one row for each planned month, signed act and match in the period."""
    return f"""
  SELECT p.month, p.agreement_id, p.amount AS plan, 0::numeric AS accrued, 0::numeric AS paid
  FROM billing_plan_month p JOIN billing_agreement g ON g.id = p.agreement_id
  WHERE p.month BETWEEN %(first)s AND %(last)s AND LENS(g.payer_id, p.account_id)
  UNION ALL
  SELECT {MONTH_OF_ACT[basis]}, t.agreement_id, 0, t.amount, 0
  FROM billing_act t
  WHERE t.state = 'signed' AND {DATE_OF_ACT[basis]}
    AND LENS(t.payer_id, t.account_id)
  UNION ALL
  SELECT {MONTH_OF_PAYMENT[basis]}, i.agreement_id, 0, 0, m.amount
  {_PAID_FROM}
  WHERE {DATE_OF_PAYMENT[basis]} AND LENS(i.payer_id, i.account_id)
"""  # noqa: S608 - constants of this module


@dataclass(frozen=True)
class Grouped:
    """The same money four times: by first day of the month, payer, source and account."""

    months: Mapping[date, Sums]
    payers: Mapping[int, Sums]
    sources: Mapping[str, Sums]
    accounts: Mapping[int, Sums]

    @property
    def total(self) -> Sums:
        return total(self.months.values())


# Which of the four groups a row belongs to.
_MONTH, _PAYER, _SOURCE, _ACCOUNT = range(4)


def grouped(lens: Lens, period: Period) -> Grouped:
    """One statement, whatever the number of cities and months."""
    sql = f"""
WITH fact AS MATERIALIZED ({facts(period.basis)}),
agreed AS MATERIALIZED (
  SELECT g.payer_id, g.source, g.account_id, f.plan, f.accrued, f.paid
  FROM (
    SELECT agreement_id, sum(plan) AS plan, sum(accrued) AS accrued, sum(paid) AS paid
    FROM fact GROUP BY agreement_id
  ) f JOIN billing_agreement g ON g.id = f.agreement_id
)
SELECT {_MONTH}, month, NULL::bigint, NULL, sum(plan), sum(accrued), sum(paid)
FROM fact GROUP BY month
UNION ALL
SELECT {_PAYER}, NULL, payer_id, NULL, sum(plan), sum(accrued), sum(paid)
FROM agreed GROUP BY payer_id
UNION ALL
SELECT {_SOURCE}, NULL, NULL, source, sum(plan), sum(accrued), sum(paid)
FROM agreed GROUP BY source
UNION ALL
SELECT {_ACCOUNT}, NULL, account_id, NULL, sum(plan), sum(accrued), sum(paid)
FROM agreed GROUP BY account_id
"""  # noqa: S608 - constants
    groups: list[dict[Any, Sums]] = [{}, {}, {}, {}]
    for group, month, key, source, *sums in rows(sql, lens, period):
        groups[group][month or key or source] = Sums(*sums)
    return Grouped(*groups)
