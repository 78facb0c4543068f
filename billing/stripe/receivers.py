"""Hears of the ledger's invoices, inside the ledger's transaction."""

from typing import Any

from django.db.models import F, QuerySet

from billing import events
from billing.models import Invoice, StripeObject
from billing.states import InvoiceState, StripeGoal, StripeKind
from billing.stripe.intents import aim, is_on, want
from billing.stripe.invoices import invoice_key

_GOALS = {
    events.VOIDED: StripeGoal.VOID,
    events.PAID: StripeGoal.PAID,
    events.REOPENED: StripeGoal.SENT,
}


def on_event(event: str, invoice: Invoice, **kwargs: Any) -> None:
    """A new invoice of a payer that uses Stripe is wanted there; later changes follow it."""
    if event == events.ISSUED:
        if is_on() and invoice.payer.stripe_since:
            mirror_invoice(invoice)
        return
    row = StripeObject.objects.filter(kind=StripeKind.INVOICE, invoice=invoice).first()
    if row and row.goal != _GOALS[event]:
        aim(row, _GOALS[event])


def mirror_invoice(invoice: Invoice) -> StripeObject:
    """The intent that an invoice is made at Stripe and sent; the second call finds the first's."""
    return want(
        StripeKind.INVOICE,
        invoice_key(invoice),
        goal=StripeGoal.SENT,
        invoice=invoice,
        payer=invoice.payer,
        account=invoice.account,
        agreement=invoice.agreement,
    )


def unmirrored() -> QuerySet[Invoice]:
    """Bills of payers that use Stripe, without an intent."""
    rows = Invoice.objects.filter(
        state=InvoiceState.ISSUED,
        created_at__gte=F("payer__stripe_since"),
        stripe_objects=None,
    )
    return rows.select_related("payer", "account", "agreement").order_by("pk")


def mirror_missing() -> None:
    """A bill that was issued while its payer was just being marked is there by morning."""
    for invoice in unmirrored():
        row = mirror_invoice(invoice)
        if not invoice.open_amount:
            aim(row, StripeGoal.PAID)
