"""The same money by three routes that know nothing of each other.

By day: what the payers bear of every posted cost, spread over the days that they fund. By document:
acts that are not cancelled. By record: what payments from the bank, from Stripe or entered by hand
give to invoices. Between them stand costs that are in no act yet, acts without an invoice, and what
is open of invoices; whatever these do not explain is an error in the ledger.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from billing.reports.lens import Lens
from billing.reports.period import Period
from billing.reports.statements import rows
from billing.reports.sums import NOTHING
from billing.spreading import by_days, days, payer_by_days
from billing.states import PaymentSource

_PARTS = """
SELECT l.agreement_id, g.payer_id, l.month, e.first_day, e.last_day, l.amount,
  e.agreement_id IS NOT NULL, n.id IS NOT NULL
FROM billing_allocation l JOIN billing_cost_entry e ON e.id = l.entry_id
JOIN billing_agreement g ON g.id = l.agreement_id
LEFT JOIN billing_act_line n ON n.allocation_id = l.id
WHERE l.month BETWEEN %(first)s AND %(last)s AND LENS(g.payer_id, e.account_id)
ORDER BY l.agreement_id, l.month, l.id
"""
_FUNDED = """
SELECT s.agreement_id, lower(f.days), upper(f.days), s.percent
FROM billing_period_share s JOIN billing_period f ON f.id = s.period_id
JOIN billing_agreement g ON g.id = s.agreement_id
WHERE f.days && daterange(%(first)s, %(end)s, '[]') AND LENS(g.payer_id, f.account_id)
ORDER BY f.days
"""
_ACTS = """
SELECT t.payer_id, t.month, sum(t.amount), coalesce(sum(t.amount) FILTER (WHERE i.id IS NULL), 0)
FROM billing_act t LEFT JOIN billing_invoice i ON i.act_id = t.id AND i.state = 'issued'
WHERE t.state <> 'cancelled' AND t.month BETWEEN %(first)s AND %(last)s
  AND LENS(t.payer_id, t.account_id)
GROUP BY t.payer_id, t.month
"""
_OPEN = """
SELECT i.payer_id, i.month, sum(i.amount - i.matched) FROM billing_invoice i
WHERE i.state = 'issued' AND i.month BETWEEN %(first)s AND %(last)s
  AND LENS(i.payer_id, i.account_id)
GROUP BY i.payer_id, i.month
"""
# The payer is the payment's own, so that money of another payer shows.
_RECORDS = """
SELECT coalesce(y.payer_id, 0), i.month, y.source, sum(m.amount)
FROM billing_payment y JOIN billing_payment_match m ON m.payment_id = y.id
JOIN billing_invoice i ON i.id = m.invoice_id
WHERE i.month BETWEEN %(first)s AND %(last)s AND LENS(i.payer_id, i.account_id)
GROUP BY y.payer_id, i.month, y.source
"""

# A payer and the first day of a month of the work.
Place = tuple[int, date]
# Agreement → first day, day after the last, per cent.
Funded = dict[int, list[tuple[date, date, Decimal]]]


class Part(NamedTuple):
    """A payer's part of a posted cost. `is_own`: the agreement bears it whatever the day."""

    agreement: int
    payer: int
    month: date
    first: date
    last: date
    amount: Decimal
    is_own: bool
    in_act: bool


@dataclass(frozen=True)
class Line:
    """One payer's month, or all together, by each route, and what stands between them; UAH."""

    by_day: Decimal = NOTHING
    by_document: Decimal = NOTHING
    by_record: Decimal = NOTHING
    without_act: Decimal = NOTHING
    without_invoice: Decimal = NOTHING
    open: Decimal = NOTHING

    def __add__(self, other: "Line") -> "Line":
        return Line(
            self.by_day + other.by_day,
            self.by_document + other.by_document,
            self.by_record + other.by_record,
            self.without_act + other.without_act,
            self.without_invoice + other.without_invoice,
            self.open + other.open,
        )

    @property
    def unexplained_acts(self) -> Decimal:
        """Between days and documents, beyond costs that wait for an act."""
        return self.by_day - self.by_document - self.without_act

    @property
    def unexplained_payments(self) -> Decimal:
        """Between documents and records, beyond what waits for an invoice or for money."""
        return self.by_document - self.by_record - self.without_invoice - self.open

    @property
    def is_right(self) -> bool:
        return not self.unexplained_acts and not self.unexplained_payments

    @property
    def is_settled(self) -> bool:
        """Everything is in acts, billed and paid: the three routes are equal."""
        return self.by_day == self.by_document == self.by_record


@dataclass(frozen=True)
class Reconciliation:
    """By payer and month; `records`: what came by each way (`PaymentSource`)."""

    lines: dict[Place, Line]
    records: dict[str, Decimal]

    @property
    def total(self) -> Line:
        return sum(self.lines.values(), Line())

    @property
    def differences(self) -> dict[Place, Line]:
        """Payers and months whose routes differ beyond what is open."""
        return {place: line for place, line in self.lines.items() if not line.is_right}

    @property
    def unsettled(self) -> dict[Place, Line]:
        """Payers and months that wait for an act, an invoice or money."""
        return {place: line for place, line in self.lines.items() if not line.is_settled}


def reconcile(lens: Lens, period: Period) -> Reconciliation:
    """Five statements; the days of every cost are walked, so a fleet's years take seconds."""
    lines: dict[Place, Line] = defaultdict(Line)
    parts = [Part(*row) for row in rows(_PARTS, lens, period)]
    for part, spread in daily(parts, _funded(lens, period)):
        waiting = NOTHING if part.in_act else part.amount
        lines[part.payer, part.month] += Line(
            by_day=sum(spread.values(), NOTHING), without_act=waiting
        )
    for payer, month, amount, unbilled in rows(_ACTS, lens, period):
        lines[payer, month] += Line(by_document=amount, without_invoice=unbilled)
    for payer, month, amount in rows(_OPEN, lens, period):
        lines[payer, month] += Line(open=amount)
    records: dict[str, Decimal] = dict.fromkeys(PaymentSource.values, NOTHING)
    for payer, month, source, amount in rows(_RECORDS, lens, period):
        lines[payer, month] += Line(by_record=amount)
        records[source] += amount
    return Reconciliation(
        dict(sorted(lines.items(), key=lambda one: (one[0][1], one[0][0]))), records
    )


def daily(parts: Iterable[Part], funded: Funded) -> Iterator[tuple[Part, dict[date, Decimal]]]:
    """Each part over the days that its agreement funds.

    A cost that is one agreement's own, as an opening balance, may lie outside: over its own days.
    Any other that nobody funds has no day, and shows as a difference.
    """
    known: dict[tuple[int, date, date], dict[date, dict[int, Decimal]]] = {}
    for part in parts:
        key = part.agreement, part.first, part.last
        if key not in known:
            known[key] = _shares(*key, funded)
        if any(known[key].values()):
            yield part, payer_by_days(part.amount, part.agreement, known[key])
        else:
            yield part, by_days(part.amount, part.first, part.last) if part.is_own else {}


def _shares(
    agreement: int, first: date, last: date, funded: Funded
) -> dict[date, dict[int, Decimal]]:
    shares: dict[date, dict[int, Decimal]] = {}
    for start, after, percent in funded.get(agreement, []):
        for day in days(max(start, first), min(after - timedelta(days=1), last)):
            shares[day] = {agreement: percent}
    return shares


def _funded(lens: Lens, period: Period) -> Funded:
    funded: Funded = defaultdict(list)
    for agreement, *share in rows(_FUNDED, lens, period):
        funded[agreement].append((share[0], share[1], share[2]))
    return funded
