"""What a person decides of a statement's line: post it, with or without a match, or set it aside.

Each decision is one transaction under the line's lock; the second press of a button finds the first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor
from billing.audit import note
from billing.bank import payments
from billing.bank.suggested import Suggestion
from billing.bank.suggestions import suggest
from billing.errors import LedgerRefused
from billing.models import Invoice, Payer, Payment, StatementLine
from billing.states import PaymentSource


@dataclass(frozen=True)
class Decided:
    """`made` is False where the line was posted before: the payment is what it became then."""

    payment: Payment
    made: bool


def post(
    *,
    by: Actor,
    line: StatementLine,
    payer: Payer | None = None,
    shares: Sequence[tuple[int, Decimal]] = (),
) -> Decided:
    """A payment of the line, matched with invoices: `shares` are their keys with parts of the sum.

    Without shares the money waits in the bank. Raises LedgerRefused: set aside, another currency,
    money that left, more than is open, another payer's invoice. Then nothing is posted at all.
    """
    by.require(Permission.FINANCE)
    with transaction.atomic():
        row = StatementLine.objects.select_for_update().get(pk=line.pk)
        if known := Payment.objects.filter(line=row).first():
            return Decided(known, made=False)
        _check(row)
        if row.amount < 0:
            raise LedgerRefused(_("This money left. It can send a payment back, or be set aside."))
        payment = payments.enter(
            by=by,
            payer=payer,
            received_on=row.booked_on,
            amount=row.amount,
            source=PaymentSource.STATEMENT,
            line=row,
            reference=row.reference,
            note_text=row.purpose,
        )
        # One order for everybody: two people never wait for each other.
        for pk, amount in sorted(shares):
            invoice = Invoice.objects.filter(pk=pk).first()
            if invoice is None:
                raise LedgerRefused(_("There is no such invoice."))
            payments.match(by=by, payment=payment, invoice=invoice, amount=amount)
    payment.refresh_from_db()
    return Decided(payment, made=True)


def send_back(*, by: Actor, line: StatementLine, payment: Payment) -> Decided:
    """The line is money of this payment that went back. Raises LedgerRefused."""
    by.require(Permission.FINANCE)
    with transaction.atomic():
        row = StatementLine.objects.select_for_update().get(pk=line.pk)
        if known := Payment.objects.filter(line=row).first():
            return Decided(known, made=False)
        _check(row)
        if row.amount > 0:
            raise LedgerRefused(_("This money came. Only money that left sends a payment back."))
        made = payments.send_back(
            by=by,
            payment=payment,
            on=row.booked_on,
            amount=-row.amount,
            reason=row.purpose or _("By the bank’s statement"),
            line=row,
        )
    return Decided(made, made=True)


def post_suggested(
    *, by: Actor, line: StatementLine, key: str, only_certain: bool = False
) -> Decided:
    """Posts the suggestion that the person saw; of many at once only what is certain still.

    Raises LedgerRefused where the ledger has changed since, so that it is suggested no more.
    """
    by.require(Permission.FINANCE)
    with transaction.atomic():
        row = StatementLine.objects.select_for_update().get(pk=line.pk)
        if known := Payment.objects.filter(line=row).first():
            return Decided(known, made=False)
        chosen = next((one for one in suggest([row])[row.pk] if one.key == key), None)
        if chosen is None or (only_certain and not chosen.certain):
            raise LedgerRefused(_("The ledger has changed since you looked. Look again."))
        return _post(by, row, chosen)


def _post(by: Actor, line: StatementLine, chosen: Suggestion) -> Decided:
    if chosen.returns is not None:
        return send_back(by=by, line=line, payment=Payment.objects.get(pk=chosen.returns))
    shares = [(share.invoice_id, share.amount) for share in chosen.shares]
    payer = Payer.objects.get(pk=chosen.payer_id) if chosen.payer_id else None
    return post(by=by, line=line, payer=payer, shares=shares)


def set_aside(*, by: Actor, line: StatementLine, reason: str) -> StatementLine:
    """Not about us; may be taken back. Raises LedgerRefused: no reason, posted already."""
    by.require(Permission.FINANCE)
    if not reason.strip():
        raise LedgerRefused(_("Say why it is set aside."), "reason")
    with transaction.atomic():
        row = StatementLine.objects.select_for_update().get(pk=line.pk)
        if Payment.objects.filter(line=row).exists():
            raise LedgerRefused(_("This line of the statement is posted already."))
        if row.set_aside_at:
            return row
        row.set_aside_at, row.set_aside_reason = clock.now(), reason.strip()[:300]
        row.save(update_fields=["set_aside_at", "set_aside_reason"])
        note(by=by, action="line_set_aside", subject=row, reason=reason, amount=row.amount)
    return row


def take_back(*, by: Actor, line: StatementLine) -> None:
    """The line waits for a decision again; does nothing to one that was not set aside."""
    by.require(Permission.FINANCE)
    with transaction.atomic():
        row = StatementLine.objects.select_for_update().get(pk=line.pk)
        if not row.set_aside_at:
            return
        reason, row.set_aside_at, row.set_aside_reason = row.set_aside_reason, None, ""
        row.save(update_fields=["set_aside_at", "set_aside_reason"])
        note(by=by, action="line_taken_back", subject=row, reason=reason, amount=row.amount)


def _check(line: StatementLine) -> None:
    if line.set_aside_at:
        raise LedgerRefused(_("This line of the statement was set aside. Take it back first."))
    if line.currency != "UAH":
        raise LedgerRefused(
            _(
                "Only hryvnias are posted. Set the line aside, and enter a grant’s money as a tranche."
            )
        )
