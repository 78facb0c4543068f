"""Money that came by Stripe: one payment of the ledger for each invoice."""

from datetime import UTC, date, datetime
from decimal import Decimal

from django.db import transaction

from bezpechne.kernel import clock
from billing.bank import payments
from billing.models import Invoice, Payment, StripeObject
from billing.states import InvoiceState, PaymentSource
from billing.stripe_gateway import Fault, Seen, StripeFailed
from billing.system import LEDGER


def source_key(stripe_id: str) -> str:
    return f"stripe:{stripe_id}"


def paid_by_stripe(seen: Seen) -> Decimal:
    """Hryvnias of a paid invoice that went through Stripe. Raises StripeFailed if it does not say."""
    past = seen.get("amount_paid_off_stripe")
    if past is None:
        raise StripeFailed(Fault.PERMANENT, "Stripe does not say how the invoice was paid.")
    return Decimal(seen["amount_paid"] - past) / 100


def book(row: StripeObject, seen: Seen) -> Payment | None:
    """Enters the money once and pays the invoice with it, as far as that is open.

    None when it came past Stripe, or is entered already: what a person undid later stays so. What
    the invoice does not take waits among the payments that pay nothing. Raises StripeFailed.
    """
    amount = paid_by_stripe(seen)
    if amount <= 0:
        return None
    key = source_key(row.stripe_id)
    with transaction.atomic():
        # Two jobs about one invoice: the second finds the payment. The invoice is locked first, as
        # in every match: a lock of our row would meet one of those from the other side.
        bill = Invoice.objects.select_for_update().get(stripe_objects=row)
        if Payment.objects.filter(source_key=key).exists():
            return None
        payment = payments.enter(
            by=LEDGER,
            payer=bill.payer,
            received_on=_paid_on(seen),
            amount=amount,
            source=PaymentSource.STRIPE,
            reference=row.stripe_id,
            source_key=key,
        )
        part = min(bill.open_amount, amount)
        if bill.state == InvoiceState.ISSUED and part > 0:
            payments.match(by=LEDGER, payment=payment, invoice=bill, amount=part)
    return payment


def _paid_on(seen: Seen) -> date:
    paid_at = (seen.get("status_transitions") or {}).get("paid_at")
    if not paid_at:
        return clock.today()
    day = datetime.fromtimestamp(paid_at, UTC).astimezone(clock.KYIV).date()
    return min(day, clock.today())
