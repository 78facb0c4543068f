"""Acts and their invoices: issued, signed, cancelled. The only writers of both."""

from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Max, Sum
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor
from billing import events
from billing.audit import note
from billing.documents.numbering import ACT, INVOICE, next_number
from billing.errors import LedgerRefused
from billing.models import (
    Act,
    ActLine,
    Allocation,
    CityAccount,
    FundingAgreement,
    Invoice,
    Paper,
)
from billing.states import ACT_ALLOWED, ActState, InvoiceState

DAYS_UNTIL_DUE = 30


def issue_acts(*, by: Actor, account: CityAccount, month: date, on: date) -> list[Act]:
    """Acts of a month for everything that stands in none yet, one for each agreement.

    A repeated call finds nothing left, so nothing is doubled. An act with a positive sum gets its
    invoice with it. Parts that add up to nothing wait for others.
    """
    by.require(Permission.FINANCE)
    with transaction.atomic():
        CityAccount.objects.select_for_update().get(pk=account.pk)
        left = Allocation.objects.filter(entry__account=account, month=month, act_line__isnull=True)
        sums = left.values("agreement").annotate(amount=Sum("amount")).order_by("agreement")
        return [
            _issue(by, account, found["agreement"], month, on, found["amount"])
            for found in sums
            if found["amount"]
        ]


def _issue(
    by: Actor, account: CityAccount, agreement_id: int, month: date, on: date, amount: Decimal
) -> Act:
    agreement = FundingAgreement.objects.select_related("payer").get(pk=agreement_id)
    earlier = Act.objects.filter(agreement=agreement, month=month).exclude(state=ActState.CANCELLED)
    act = Act.objects.create(
        payer=agreement.payer,
        agreement=agreement,
        account=account,
        month=month,
        sequence=(earlier.aggregate(last=Max("sequence"))["last"] or 0) + 1,
        year=on.year,
        number=next_number(agreement.payer, ACT, on.year),
        issued_on=on,
        amount=amount,
    )
    parts = Allocation.objects.filter(
        agreement=agreement, entry__account=account, month=month, act_line__isnull=True
    )
    ActLine.objects.bulk_create(ActLine(act=act, allocation=part) for part in parts)
    note(
        by=by,
        action="act_issued",
        subject=act,
        month=month,
        number=act.label,
        amount=amount,
    )
    if amount > 0:
        issue_invoice(by=by, act=act, on=on)
    return act


def issue_invoice(*, by: Actor, act: Act, on: date, due_on: date | None = None) -> Invoice:
    """A bill for an act. Raises LedgerRefused when it has one, is cancelled, or asks for nothing."""
    by.require(Permission.FINANCE)
    with transaction.atomic():
        row = Act.objects.select_for_update().select_related("payer").get(pk=act.pk)
        if row.state == ActState.CANCELLED:
            raise LedgerRefused(_("The act is cancelled."))
        if row.amount <= 0:
            raise LedgerRefused(_("The act asks for no money, so there is nothing to bill."))
        if Invoice.objects.filter(act=row, state=InvoiceState.ISSUED).exists():
            raise LedgerRefused(_("The act has its invoice already."))
        invoice = Invoice.objects.create(
            payer=row.payer,
            agreement_id=row.agreement_id,
            account_id=row.account_id,
            act=row,
            month=row.month,
            year=on.year,
            number=next_number(row.payer, INVOICE, on.year),
            issued_on=on,
            due_on=due_on or on + timedelta(days=DAYS_UNTIL_DUE),
            amount=row.amount,
        )
        note(
            by=by,
            action="invoice_issued",
            subject=invoice,
            number=invoice.label,
            amount=invoice.amount,
        )
        events.tell(events.ISSUED, invoice)
    return invoice


def sign(*, by: Actor, act: Act, signed_on: date, copy: Paper) -> Act:
    """The signed copy is here: from its date the sum is accrued. Raises LedgerRefused."""
    by.require(Permission.FINANCE)
    with transaction.atomic():
        row = _change(act, ActState.SIGNED)
        if signed_on > clock.today():
            raise LedgerRefused(_("The day of the signature is in the future."), "signed_on")
        if signed_on < row.month:
            raise LedgerRefused(
                _("The day of the signature is before the month that the act is about."),
                "signed_on",
            )
        row.signed_on, row.signed_copy = signed_on, copy
        row.save(update_fields=["state", "signed_on", "signed_copy"])
        note(
            by=by,
            action="act_signed",
            subject=row,
            signed_on=signed_on,
            amount=row.amount,
        )
    return row


def cancel(*, by: Actor, act: Act, reason: str) -> Act:
    """Takes back an act that nobody signed; its costs wait for a new one, its number stays used.

    Raises LedgerRefused without a reason, for a signed act (a counter-entry corrects that), and
    while its invoice is paid in part.
    """
    by.require(Permission.FINANCE)
    if not reason.strip():
        raise LedgerRefused(_("Say why the act is cancelled."), "reason")
    with transaction.atomic():
        row = _change(act, ActState.CANCELLED)
        for invoice in Invoice.objects.filter(act=row, state=InvoiceState.ISSUED):
            void(by=by, invoice=invoice, reason=reason)
        row.cancelled_reason = reason.strip()
        row.save(update_fields=["state", "cancelled_reason"])
        ActLine.objects.filter(act=row).delete()
        note(
            by=by,
            action="act_cancelled",
            subject=row,
            reason=reason,
            number=row.label,
            amount=row.amount,
        )
    return row


def void(*, by: Actor, invoice: Invoice, reason: str) -> Invoice:
    """Takes back a bill of which nothing is paid. Raises LedgerRefused."""
    by.require(Permission.FINANCE)
    if not reason.strip():
        raise LedgerRefused(_("Say why the invoice is taken back."), "reason")
    with transaction.atomic():
        row = Invoice.objects.select_for_update().get(pk=invoice.pk)
        if row.state == InvoiceState.VOID:
            raise LedgerRefused(_("The invoice is void already."))
        if row.matched:
            raise LedgerRefused(
                _("Something is paid of invoice %(number)s. Undo its matches first.")
                % {"number": row.label}
            )
        row.state, row.void_reason = InvoiceState.VOID, reason.strip()
        row.save(update_fields=["state", "void_reason"])
        note(
            by=by,
            action="invoice_voided",
            subject=row,
            reason=reason,
            number=row.label,
            amount=row.amount,
        )
        events.tell(events.VOIDED, row)
    return row


def _change(act: Act, to: ActState) -> Act:
    row = Act.objects.select_for_update().get(pk=act.pk)
    if to not in ACT_ALLOWED[row.state]:
        said = {
            ActState.SIGNED: _("The act is signed already: reverse its entries instead."),
            ActState.CANCELLED: _("The act is cancelled."),
        }
        raise LedgerRefused(str(said[ActState(row.state)]))
    row.state = to
    return row
