"""Payments and what they pay. Nothing is posted unasked: each function is one person's decision."""

from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor
from billing import events
from billing.audit import note
from billing.errors import LedgerRefused
from billing.models import Invoice, Payer, Payment, PaymentMatch, StatementLine
from billing.spreading import KOPIYKA
from billing.states import InvoiceState, PaymentKind, PaymentSource
from billing.wording import money_text


def enter(
    *,
    by: Actor,
    payer: Payer | None,
    received_on: date,
    amount: Decimal,
    source: PaymentSource = PaymentSource.HAND,
    line: StatementLine | None = None,
    reference: str = "",
    note_text: str = "",
    source_key: str | None = None,
) -> Payment:
    """Money that came. `payer` None: nobody knows yet whose it is.

    A repeated `source_key` returns the payment that it made. Raises LedgerRefused: not positive,
    in the future, a statement line that was posted or set aside.
    """
    by.require(Permission.FINANCE)
    _check_amount(amount)
    if received_on > clock.today():
        raise LedgerRefused(_("The day is in the future."), "received_on")
    with transaction.atomic():
        if source_key and (known := Payment.objects.filter(source_key=source_key).first()):
            return known
        if line is not None:
            _check_line(line, amount)
        try:
            with transaction.atomic():
                payment = Payment.objects.create(
                    payer=payer,
                    source=source,
                    received_on=received_on,
                    amount=amount,
                    reference=reference[:140],
                    note=note_text[:300],
                    line=line,
                    source_key=source_key,
                    created_by_id=by.id,
                )
        except IntegrityError:
            # Two people, or two tabs, at one line.
            raise LedgerRefused(_("This line of the statement is posted already.")) from None
        note(
            by=by,
            action="payment_entered",
            subject=payment,
            amount=amount,
            received_on=received_on,
            source=source,
        )
    return payment


def match(*, by: Actor, payment: Payment, invoice: Invoice, amount: Decimal) -> PaymentMatch:
    """Pays an invoice, or a part of it, from a payment.

    A payment without a payer gets the invoice's. Raises LedgerRefused: more than is open on
    either side, a void invoice, another payer's, a payment that is not ours.
    """
    by.require(Permission.FINANCE)
    _check_amount(amount)
    with transaction.atomic():
        paid = Payment.objects.select_for_update().get(pk=payment.pk)
        bill = Invoice.objects.select_for_update().get(pk=invoice.pk)
        _check_match(paid, bill, amount)
        if paid.payer_id is None:
            paid.payer_id = bill.payer_id
        made: PaymentMatch = PaymentMatch.objects.create(
            payment=paid, invoice=bill, amount=amount, created_by_id=by.id
        )
        _move(paid, bill, amount)
        note(
            by=by,
            action="payment_matched",
            subject=paid,
            account_id=bill.account_id,
            invoice=bill.pk,
            amount=amount,
        )
    return made


def unmatch(*, by: Actor, match: PaymentMatch, reason: str) -> PaymentMatch:
    """Undoes a match by a row with the opposite sum. Raises LedgerRefused."""
    by.require(Permission.FINANCE)
    if not reason.strip():
        raise LedgerRefused(_("Say why the match is undone."), "reason")
    with transaction.atomic():
        paid = Payment.objects.select_for_update().get(pk=match.payment_id)
        bill = Invoice.objects.select_for_update().get(pk=match.invoice_id)
        if match.reverses_id or PaymentMatch.objects.filter(reverses=match).exists():
            raise LedgerRefused(_("This match is undone already."))
        made: PaymentMatch = PaymentMatch.objects.create(
            payment=paid,
            invoice=bill,
            amount=-match.amount,
            reverses=match,
            created_by_id=by.id,
        )
        _move(paid, bill, -match.amount)
        note(
            by=by,
            action="payment_unmatched",
            subject=paid,
            account_id=bill.account_id,
            reason=reason,
            invoice=bill.pk,
            amount=match.amount,
        )
    return made


def send_back(
    *,
    by: Actor,
    payment: Payment,
    on: date,
    amount: Decimal,
    reason: str,
    line: StatementLine | None = None,
) -> Payment:
    """Money that went back to who sent it, from what pays nothing. Raises LedgerRefused."""
    by.require(Permission.FINANCE)
    _check_amount(amount)
    if not reason.strip():
        raise LedgerRefused(_("Say why the money is sent back."), "reason")
    with transaction.atomic():
        paid = Payment.objects.select_for_update().get(pk=payment.pk)
        if amount > paid.free_amount:
            raise LedgerRefused(
                _("Only %(free)s of this payment is free. Undo matches first.")
                % {"free": money_text(paid.free_amount)},
                "amount",
            )
        if on < paid.received_on or on > clock.today():
            raise LedgerRefused(_("It went back after it came, and not in the future."), "on")
        if line is not None:
            _check_line(line, -amount)
        back = Payment.objects.create(
            payer_id=paid.payer_id,
            kind=PaymentKind.RETURN,
            source=PaymentSource.STATEMENT if line else PaymentSource.HAND,
            received_on=on,
            amount=-amount,
            note=reason.strip()[:300],
            line=line,
            returns=paid,
            created_by_id=by.id,
        )
        paid.returned += amount
        paid.save(update_fields=["returned"])
        note(
            by=by,
            action="payment_returned",
            subject=back,
            reason=reason,
            payment=paid.pk,
            amount=amount,
        )
    return back


def mark_misdirected(*, by: Actor, payment: Payment, reason: str) -> Payment:
    """Somebody's money that came by mistake: it pays nothing and waits to be sent back."""
    by.require(Permission.FINANCE)
    if not reason.strip():
        raise LedgerRefused(_("Say how you know that it is not ours."), "reason")
    with transaction.atomic():
        paid = Payment.objects.select_for_update().get(pk=payment.pk)
        if paid.matched or paid.kind != PaymentKind.PAYMENT:
            raise LedgerRefused(_("It pays something. Undo its matches first."))
        paid.kind, paid.note = PaymentKind.MISDIRECTED, reason.strip()[:300]
        paid.save(update_fields=["kind", "note"])
        note(by=by, action="payment_misdirected", subject=paid, reason=reason, amount=paid.amount)
    return paid


# --- Steps ----------------------------------------------------------------------------------------


def _check_amount(amount: Decimal) -> None:
    if amount <= 0:
        raise LedgerRefused(_("The sum is more than nothing."), "amount")
    if amount != amount.quantize(KOPIYKA):
        raise LedgerRefused(_("A sum has two decimal places at most."), "amount")


def _check_line(line: StatementLine, amount: Decimal) -> None:
    row = StatementLine.objects.select_for_update().get(pk=line.pk)
    if row.set_aside_at:
        raise LedgerRefused(_("This line of the statement was set aside. Take it back first."))
    if Payment.objects.filter(line=row).exists():
        raise LedgerRefused(_("This line of the statement is posted already."))
    if row.amount != amount or row.currency != "UAH":
        raise LedgerRefused(_("The sum differs from the statement’s line."), "amount")


def _check_match(paid: Payment, bill: Invoice, amount: Decimal) -> None:
    if paid.kind != PaymentKind.PAYMENT:
        raise LedgerRefused(_("This money is not ours, or went back: it pays nothing."))
    if bill.state == InvoiceState.VOID:
        raise LedgerRefused(_("Invoice %(number)s is void.") % {"number": bill.label})
    if paid.payer_id not in {None, bill.payer_id}:
        raise LedgerRefused(_("Invoice %(number)s is another payer’s.") % {"number": bill.label})
    if amount > bill.open_amount:
        raise LedgerRefused(
            _("Only %(open)s of invoice %(number)s is open.")
            % {"open": money_text(bill.open_amount), "number": bill.label},
            "amount",
        )
    if amount > paid.free_amount:
        raise LedgerRefused(
            _("Only %(free)s of this payment is free.") % {"free": money_text(paid.free_amount)},
            "amount",
        )


def _move(paid: Payment, bill: Invoice, amount: Decimal) -> None:
    was_paid = not bill.open_amount
    paid.matched += amount
    paid.save(update_fields=["matched", "payer"])
    bill.matched += amount
    bill.save(update_fields=["matched"])
    if not bill.open_amount:
        events.tell(events.PAID, bill)
    elif was_paid:
        events.tell(events.REOPENED, bill)
