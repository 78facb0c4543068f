"""What happened to an invoice, told inside the transaction. The ledger knows nobody who listens."""

from django.dispatch import Signal

from billing.models import Invoice

ISSUED, VOIDED, PAID, REOPENED = "issued", "voided", "paid", "reopened"

happened = Signal()


def tell(event: str, invoice: Invoice) -> None:
    """An error in a receiver rolls the action back."""
    happened.send(sender=None, event=event, invoice=invoice)
