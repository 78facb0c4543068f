"""The same money by economic classification (КЕКВ).

Accrued: as the parts in the signed acts say. Planned: an agreement's own code, and the code of the
contribution for what the plan holds of it. Paid: what an invoice got goes to the codes of its act
in proportion (`billing.spreading`), so that an invoice paid in full gives each code what the act
says, and the months of a payment in parts add up to that.
"""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from itertools import groupby

from billing.reports.lens import Lens
from billing.reports.period import Basis, Period
from billing.reports.statements import Row, rows
from billing.reports.sums import DATE_OF_ACT, NOTHING, Sums
from billing.spreading import spread
from billing.states import KEKV_OF

PLAN, ACCRUED, PAID = "plan", "accrued", "paid"

# Engagements with a contribution, and its code: from our own table, so no text of a person.
_CONTRIBUTION = " ".join(
    f"WHEN '{engagement}' THEN '{codes[1]}'" for engagement, codes in KEKV_OF.items() if codes[1]
)
_WITH_CONTRIBUTION = ", ".join(f"'{name}'" for name, codes in KEKV_OF.items() if codes[1])
# `paid_before` and `paid_until`: what an invoice had got before the period and at its end.
_UNTIL = {
    Basis.SERVICE: ("0::numeric", "sum(m.amount)", "i.month BETWEEN %(first)s AND %(last)s"),
    Basis.DOCUMENT: (
        "coalesce(sum(m.amount) FILTER (WHERE y.received_on < %(first)s), 0)",
        "sum(m.amount)",
        "y.received_on <= %(end)s",
    ),
}


# Pay is found back from the plan: it is the only sum whose rounded contribution fits.
_PLAN = f"""
planned AS (
  SELECT p.amount, g.kekv, CASE g.engagement {_CONTRIBUTION} END AS code,
    (SELECT r.percent FROM billing_contribution_rate r
      WHERE r.starts_on <= p.month AND g.engagement IN ({_WITH_CONTRIBUTION})
      ORDER BY r.starts_on DESC LIMIT 1) AS percent
  FROM billing_plan_month p JOIN billing_agreement g ON g.id = p.agreement_id
  WHERE p.month BETWEEN %(first)s AND %(last)s AND LENS(g.payer_id, p.account_id)
),
pay AS (
  SELECT amount, kekv, code, round(amount * 100 / (100 + coalesce(percent, 0)), 2) AS pay
  FROM planned
)"""  # noqa: S608 - constants


def _lines(basis: Basis) -> str:
    """What each act asks for under each code; invoices have their act's month of the work."""
    when = DATE_OF_ACT[basis] if basis == Basis.SERVICE else "TRUE"
    return f"""
lines AS MATERIALIZED (
  SELECT t.id AS act_id, l.kekv, sum(l.amount) AS amount,
    t.state = 'signed' AND {DATE_OF_ACT[basis]} AS accrued
  FROM billing_act t JOIN billing_act_line n ON n.act_id = t.id
  JOIN billing_allocation l ON l.id = n.allocation_id
  WHERE {when} AND LENS(t.payer_id, t.account_id)
  GROUP BY t.id, l.kekv
)"""  # noqa: S608 - constants


def _paid(basis: Basis) -> str:
    before, until, when = _UNTIL[basis]
    return f"""
got AS (
  SELECT i.id AS invoice_id, i.act_id, {before} AS paid_before, {until} AS paid_until
  FROM billing_payment_match m JOIN billing_invoice i ON i.id = m.invoice_id
  JOIN billing_payment y ON y.id = m.payment_id
  WHERE {when} AND LENS(i.payer_id, i.account_id)
  GROUP BY i.id HAVING {before} <> {until}
),
coded AS (
  SELECT got.*, lines.kekv, lines.amount,
    sum(amount) OVER bill AS whole, count(*) OVER bill AS codes
  FROM got JOIN lines USING (act_id) WINDOW bill AS (PARTITION BY invoice_id)
)"""  # noqa: S608 - same


def by_kekv(lens: Lens, period: Period) -> dict[str, Sums]:
    """One statement; only invoices of several codes that are paid in part are spread here."""
    basis = period.basis
    sql = f"""
WITH {_PLAN}, {_lines(basis)}, {_paid(basis)}
SELECT '{PLAN}', NULL::bigint, kekv, sum(pay), 0, 0 FROM pay GROUP BY kekv
UNION ALL
SELECT '{PLAN}', NULL, code, sum(amount - pay), 0, 0 FROM pay WHERE amount <> pay GROUP BY code
UNION ALL
SELECT '{ACCRUED}', NULL, kekv, sum(amount), 0, 0 FROM lines WHERE accrued GROUP BY kekv
UNION ALL
SELECT '{PAID}', NULL, kekv,
  sum(CASE WHEN codes = 1 THEN paid_until - paid_before ELSE amount END), 0, 0
FROM coded WHERE codes = 1 OR (paid_before = 0 AND paid_until = whole) GROUP BY kekv
UNION ALL
SELECT '{PAID}', invoice_id, kekv, amount, paid_before, paid_until
FROM coded WHERE codes > 1 AND NOT (paid_before = 0 AND paid_until = whole)
ORDER BY 2, 3
"""  # noqa: S608 - same
    found = rows(sql, lens, period)
    sums: dict[str, dict[str, Decimal]] = {
        what: defaultdict(lambda: NOTHING) for what in (PLAN, ACCRUED, PAID)
    }
    for what, invoice, kekv, amount, _before, _until in found:
        if invoice is None:
            sums[what][kekv] += amount
    for kekv, amount in _spread(row for row in found if row[1] is not None):
        sums[PAID][kekv] += amount
    codes = sorted({kekv for of in sums.values() for kekv in of})
    return {kekv: Sums(sums[PLAN][kekv], sums[ACCRUED][kekv], sums[PAID][kekv]) for kekv in codes}


def _spread(parts: Iterable[Row]) -> Iterable[tuple[str, Decimal]]:
    """What each code got within the period of invoices that are paid in part."""
    for _invoice, of_invoice in groupby(parts, key=lambda row: row[1]):
        lines = list(of_invoice)
        amounts = [amount for _what, _id, _kekv, amount, _before, _until in lines]
        before, until = (share(paid, amounts) for paid in lines[0][4:6])
        for row, had, has in zip(lines, before, until, strict=True):
            yield row[2], has - had


def share(paid: Decimal, amounts: list[Decimal]) -> list[Decimal]:
    """A payment over the codes of an act; paid in full, each gets what the act says.

    A code whose costs were reversed can be negative: it gets its part with the last kopiyka.
    """
    if paid == sum(amounts):
        return amounts
    return spread(paid, [max(amount, Decimal(0)) for amount in amounts])
