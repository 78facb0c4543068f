"""Agreements, acts, invoices and payments of a report, and what lacks among them.

An act comes with its invoices, and each invoice with its payments: of a payment only what went to
these invoices, since the rest of it may be about another payer's or city's acts.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import models
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from bezpechne.kernel import clock
from billing.models import Invoice, PaymentMatch
from billing.reports.gaps import ACTS, Gap
from billing.reports.lens import Lens
from billing.reports.names import chosen, number_of
from billing.reports.period import Period
from billing.reports.statements import Row, rows
from billing.states import ActState, InvoiceState, PaymentKind


class Kind(models.TextChoices):
    AGREEMENT = "agreement", _("Agreement")
    SUPPLEMENT = "supplement", _("Supplementary agreement")
    ACT = "act", _("Act")
    INVOICE = "invoice", _("Invoice")
    PAYMENT = "payment", _("Payment")


@dataclass(frozen=True, kw_only=True)
class Document:
    """One line of the table. `number` may be blank; `due_on`: of an invoice or an agreement."""

    kind: Kind
    key: int
    number: str
    day: date
    amount: Decimal
    state: str = ""
    month: date | None = None
    due_on: date | None = None
    city: str = ""
    payer: str = ""
    gaps: tuple[Gap, ...] = ()


def papers(
    lens: Lens,
    period: Period,
    *,
    gap: Gap | None = None,
    offset: int = 0,
    limit: int | None = None,
) -> list[Document]:
    """Acts by month with their invoices and payments: three statements.

    `offset` and `limit` count acts, so that nothing is torn from its act.
    """
    where = f"WHERE {gap.value}" if gap else ""
    sql = f"""{ACTS}
SELECT act.id, act.number, act.year, coalesce(act.signed_on, act.issued_on), act.amount, act.state,
  act.month, a.name_uk, a.name_en, y.name, y.name_en, {", ".join(Gap.values)}
FROM act JOIN billing_city_account a ON a.id = act.account_id
JOIN billing_payer y ON y.id = act.payer_id
{where} ORDER BY act.month, a.name_sort, act.id
LIMIT %(limit)s OFFSET %(offset)s
"""  # noqa: S608 - constants
    more = {"today": clock.today(), "limit": limit, "offset": offset}
    acts = [_act(row) for row in rows(sql, lens, period, more)]
    invoices = _invoices([act.key for act in acts])
    return [
        document
        for act in acts
        for document in (act, *(found for bill in invoices[act.key] for found in bill))
    ]


def _act(row: Row) -> Document:
    key, number, year, day, amount, state, month, uk, en, payer, payer_en, *wrong = row
    flags = dict(zip(Gap, wrong, strict=True))
    shown = (Gap.NO_INVOICE, Gap.OUTSIDE, Gap.PAID_UNSIGNED)
    return Document(
        kind=Kind.ACT,
        key=key,
        number=f"{number}/{year}",
        day=day,
        amount=amount,
        state=str(ActState(state).label),
        month=month,
        city=chosen(uk, en),
        payer=chosen(payer, payer_en),
        gaps=tuple(gap for gap in shown if flags[gap]),
    )


def _invoices(acts: list[int]) -> dict[int, list[list[Document]]]:
    """Act → its invoices, each with its payments behind it."""
    found = list(
        Invoice.objects.filter(act__in=acts)
        .order_by("act_id", "pk")
        .values_list(
            "act_id",
            "pk",
            "number",
            "year",
            "issued_on",
            "due_on",
            "amount",
            "matched",
            "state",
        )
    )
    payments = _payments([row[1] for row in found])
    bills: dict[int, list[list[Document]]] = defaultdict(list)
    for act, key, number, year, day, due_on, amount, matched, state in found:
        late = state == InvoiceState.ISSUED and matched < amount and due_on < clock.today()
        bill = Document(
            kind=Kind.INVOICE,
            key=key,
            number=f"{number}/{year}",
            day=day,
            due_on=due_on,
            amount=amount,
            state=_state_of(state, amount, matched),
            gaps=(Gap.OVERDUE,) if late else (),
        )
        bills[act].append([bill, *payments[key]])
    return bills


def _state_of(state: str, amount: Decimal, matched: Decimal) -> str:
    if state == InvoiceState.VOID or not matched:
        return str(InvoiceState(state).label)
    return str(_("Paid") if matched == amount else _("Paid in part"))


def _payments(invoices: list[int]) -> dict[int, list[Document]]:
    found: dict[int, list[Document]] = defaultdict(list)
    if not invoices:
        return found
    matches = PaymentMatch.objects.filter(invoice__in=invoices)
    parts = matches.values_list(
        "invoice_id", "payment_id", "payment__reference", "payment__received_on", "payment__kind"
    )
    for invoice, key, reference, day, kind, amount in (
        parts.annotate(part=Sum("amount"))
        .exclude(part=0)
        .order_by("payment__received_on", "payment_id")
    ):
        found[invoice].append(
            Document(
                kind=Kind.PAYMENT,
                key=key,
                number=number_of(reference),
                day=day,
                amount=amount,
                state=str(PaymentKind(kind).label),
            )
        )
    return found
