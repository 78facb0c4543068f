"""An invoice of the ledger at Stripe: made, sent, paid past Stripe, taken back."""

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import override

from bezpechne.kernel import clock
from billing import stripe_gateway as gateway
from billing.models import Invoice, StripeObject
from billing.states import StripeGoal, StripeKind
from billing.stripe import booking
from billing.stripe.intents import key_of, metadata_of, midnight, own
from billing.stripe.objects import (
    by_key,
    customer_of,
    customer_row,
    ensure,
    kopiykas,
    made_since,
    once,
)
from billing.stripe_gateway import Fault, Seen, StripeFailed
from billing.wording import day_text

NEVER_MADE, DELETED = "never made", "deleted"


def invoice_key(bill: Invoice, kind: StripeKind = StripeKind.INVOICE) -> str:
    period = f"{bill.month:%Y-%m}.{bill.pk}"
    return key_of(kind, account=bill.account, payer=bill.payer, period=period)


def bring(row: StripeObject) -> str:
    """Brings an invoice to its goal, from wherever it is; Stripe's word for its state.

    Raises StripeFailed.
    """
    bill = Invoice.objects.select_related("payer", "account", "agreement").get(stripe_objects=row)
    if row.goal == StripeGoal.VOID and _was_never_made(row):
        return NEVER_MADE
    ensure(row, lambda: _found(row, customer_of(bill.payer)), lambda key: _make(key, row, bill))
    seen = _seen(row)
    if seen is None:
        return DELETED
    if seen["status"] == "paid":
        booking.book(row, seen)
    if row.goal == StripeGoal.VOID:
        return _take_back(row, bill, seen)
    if seen["status"] == "draft":
        seen = _finalize(row, bill)
    if row.goal == StripeGoal.PAID:
        return _settle(row, seen)
    return _send(row, seen)


def _was_never_made(row: StripeObject) -> bool:
    """Without a customer there is no bill; else it is looked for before we believe it."""
    if row.stripe_id or row.payer is None:
        return False
    customer = customer_row(row.payer).stripe_id
    return not customer or _found(row, customer) is None


def _found(row: StripeObject, customer: str) -> Seen | None:
    return by_key(row, gateway.invoices(customer=customer, since=made_since(row)))


def _seen(row: StripeObject) -> Seen | None:
    """As it is now; None when its draft is gone, which only one goal allows."""
    try:
        return gateway.invoice(row.stripe_id)
    except StripeFailed as failed:
        if failed.code == "resource_missing" and row.goal == StripeGoal.VOID:
            return None
        raise


def _make(key: str, row: StripeObject, bill: Invoice) -> Seen:
    # Stripe takes no day that is over, and this may be a late try.
    due = max(bill.due_on + timedelta(days=1), clock.today() + timedelta(days=1))
    with override(bill.payer.language):
        fields = [
            (str(_("Invoice No")), bill.label),
            (str(_("Contract No")), bill.agreement.number[:140]),
            (str(_("City")), bill.account.name),
        ]
        footer = str(_("Without VAT.")) if bill.agreement.without_vat else ""
    return gateway.create_invoice(
        key,
        customer=customer_of(bill.payer),
        due=midnight(due),
        fields=fields,
        footer=footer,
        metadata=metadata_of(row),
    )


def _finalize(row: StripeObject, bill: Invoice) -> Seen:
    item = own(
        StripeKind.ITEM,
        invoice_key(bill, StripeKind.ITEM),
        payer=bill.payer,
        account=bill.account,
        agreement=bill.agreement,
    )

    def make(key: str) -> Seen:
        with override(bill.payer.language):
            text = _("%(month)s: a moderator’s work, %(city)s") % {
                "city": bill.account.name,
                "month": day_text(bill.month, "F Y"),
            }
        return gateway.create_item(
            key,
            customer=customer_of(bill.payer),
            invoice_id=row.stripe_id,
            amount=kopiykas(bill.amount),
            text=str(text),
            metadata=metadata_of(item),
        )

    ensure(item, lambda: by_key(item, gateway.items(row.stripe_id)), make)
    seen = gateway.invoice(row.stripe_id)
    if seen["total"] != kopiykas(bill.amount):
        raise StripeFailed(Fault.PERMANENT, "The draft at Stripe has another sum than the ledger.")
    return once(row, "finalize", lambda key: gateway.finalize(key, row.stripe_id))


def _send(row: StripeObject, seen: Seen) -> str:
    if seen["status"] == "open" and row.sent_at is None:
        seen = once(row, "send", lambda key: gateway.send(key, row.stripe_id))
        StripeObject.objects.filter(pk=row.pk).update(sent_at=clock.now())
    return str(seen["status"])


def _settle(row: StripeObject, seen: Seen) -> str:
    if seen["status"] in {"open", "uncollectible"}:
        seen = once(row, "pay", lambda key: gateway.pay_out_of_band(key, row.stripe_id))
    return str(seen["status"])


def _take_back(row: StripeObject, bill: Invoice, seen: Seen) -> str:
    status = seen["status"]
    if status == "draft":
        once(row, "delete", lambda key: gateway.delete_draft(key, row.stripe_id))
        return DELETED
    if status in {"open", "uncollectible"}:
        seen = once(row, "void", lambda key: gateway.void(key, row.stripe_id))
    elif status == "paid":
        if booking.paid_by_stripe(seen):
            text = "It was paid at Stripe and is void here: give the money back there."
            raise StripeFailed(Fault.PERMANENT, text)
        _credit(row, bill)
    return str(seen["status"])


def _credit(row: StripeObject, bill: Invoice) -> None:
    """A bill that was paid past Stripe cannot be void there: a credit note takes it back."""
    credit = own(
        StripeKind.CREDIT_NOTE,
        invoice_key(bill, StripeKind.CREDIT_NOTE),
        payer=bill.payer,
        account=bill.account,
        agreement=bill.agreement,
    )

    def make(key: str) -> Seen:
        return gateway.create_credit_note(
            key,
            invoice_id=row.stripe_id,
            amount=kopiykas(bill.amount),
            memo=bill.void_reason,
            metadata=metadata_of(credit),
        )

    ensure(credit, lambda: by_key(credit, gateway.credit_notes(row.stripe_id)), make)
