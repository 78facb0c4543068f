"""Statements, their lines, payments and what they pay."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from bezpechne.kernel import clock
from billing.models.costs import Posted
from billing.models.documents import Invoice
from billing.models.payers import Payer
from billing.states import PaymentKind, PaymentSource


class BankStatement(models.Model):
    """An imported file; the same bytes are imported once."""

    file_name = models.CharField(max_length=150)
    sha256 = models.CharField(max_length=64, unique=True)
    format = models.CharField(max_length=10)
    account_iban = models.CharField(max_length=34, blank=True)
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    # Movements that had come in another file before.
    skipped = models.PositiveIntegerField(default=0)
    imported_at = models.DateTimeField(default=clock.now)
    imported_by_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "billing_statement"

    def __str__(self) -> str:
        return f"statement {self.pk}"


class StatementFile(models.Model):
    """An upload as it came. Without a statement it waits for a person who says what its columns are."""

    file_name = models.CharField(max_length=150)
    sha256 = models.CharField(max_length=64, unique=True)
    content = models.BinaryField()
    statement = models.OneToOneField(
        BankStatement, on_delete=models.PROTECT, null=True, related_name="file"
    )
    uploaded_at = models.DateTimeField(default=clock.now)
    uploaded_by_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "billing_statement_file"

    def __str__(self) -> str:
        return f"statement file {self.pk}"


class ColumnMapping(models.Model):
    """What a person said of a table with these names of columns; offered for the next one."""

    header = models.CharField(max_length=64, unique=True)
    columns: "models.JSONField[dict[str, int], dict[str, int]]" = models.JSONField(default=dict)
    account_iban = models.CharField(max_length=34, blank=True)
    confirmed_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "billing_column_mapping"

    def __str__(self) -> str:
        return f"mapping {self.pk}"


class StatementLine(models.Model):
    """A movement as the bank told it; credit positive, debit negative. Waits for a decision.

    `fingerprint` recognises a movement that came in another file before.
    """

    statement = models.ForeignKey(BankStatement, on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveIntegerField()
    fingerprint = models.CharField(max_length=64, unique=True)
    booked_on = models.DateField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3, default="UAH")
    payer_name = models.CharField(max_length=250, blank=True)
    payer_iban = models.CharField(max_length=34, blank=True)
    payer_edrpou = models.CharField(max_length=10, blank=True)
    purpose = models.TextField(blank=True)
    reference = models.CharField(max_length=140, blank=True)
    # The bank took back a movement of before; never suggested for posting.
    is_reversal = models.BooleanField(default=False)
    # Set aside with a reason: not about us. None while undecided or posted.
    set_aside_at = models.DateTimeField(null=True)
    set_aside_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "billing_statement_line"
        indexes = [models.Index(fields=["statement", "number"], name="billing_line_order")]

    def __str__(self) -> str:
        return f"line {self.pk}"


class Payment(models.Model):
    """Money that moved, UAH. Negative: sent back. Its sum never changes."""

    payer = models.ForeignKey(Payer, on_delete=models.PROTECT, null=True, related_name="payments")
    kind = models.CharField(max_length=12, choices=PaymentKind.choices, default=PaymentKind.PAYMENT)
    source = models.CharField(max_length=10, choices=PaymentSource.choices)
    received_on = models.DateField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    reference = models.CharField(max_length=140, blank=True)
    note = models.CharField(max_length=300, blank=True)
    line = models.OneToOneField(StatementLine, on_delete=models.PROTECT, null=True)
    # The payment that this one sends back.
    returns = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="returned_by"
    )
    # Sum of the matches, kept under the row's lock.
    matched = models.DecimalField(max_digits=14, decimal_places=2, default=Decimal(0))
    # What of it was sent back, as a positive sum.
    returned = models.DecimalField(max_digits=14, decimal_places=2, default=Decimal(0))
    # A source that repeats itself posts once.
    source_key = models.CharField(max_length=120, null=True, unique=True)  # noqa: DJ001 - null repeats, blank would not
    created_at = models.DateTimeField(default=clock.now)
    created_by_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "billing_payment"
        constraints = [
            models.CheckConstraint(
                name="billing_payment_sign",
                condition=Q(kind="return", amount__lt=0, returns__isnull=False)
                | (~Q(kind="return") & Q(amount__gt=0, returns=None)),
            ),
            models.CheckConstraint(
                name="billing_payment_matched",
                condition=Q(amount__lt=0, matched=0, returned=0)
                | Q(matched__gte=0, returned__gte=0, amount__gte=F("matched") + F("returned")),
            ),
        ]
        indexes = [
            models.Index(fields=["payer", "received_on"], name="billing_payment_of_payer"),
            models.Index(fields=["received_on"], name="billing_payment_day"),
        ]

    def __str__(self) -> str:
        return f"payment {self.pk}"

    @property
    def free_amount(self) -> Decimal:
        """What of it pays nothing yet."""
        return self.amount - self.matched - self.returned if self.amount > 0 else Decimal(0)


class PaymentMatch(Posted):
    """A part of a payment for an invoice; undone by a row with the opposite sum."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="matches")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="matches")
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="reversed_by"
    )
    created_at = models.DateTimeField(default=clock.now)
    created_by_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "billing_payment_match"
        constraints = [
            models.CheckConstraint(
                name="billing_match_sign",
                condition=Q(amount__gt=0, reverses=None) | Q(amount__lt=0, reverses__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"match {self.pk}"
