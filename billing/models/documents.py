"""Acts, invoices, their numbers, and papers that somebody uploaded."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from bezpechne.kernel import clock
from billing.models.costs import Allocation
from billing.models.funding import FundingAgreement
from billing.models.payers import CityAccount, Grant, Payer
from billing.states import ActState, InvoiceState, PaperKind


class NumberSeries(models.Model):
    """The last number given to a payer's documents of a kind in a year; locked while it grows."""

    payer = models.ForeignKey(Payer, on_delete=models.PROTECT, related_name="series")
    kind = models.CharField(max_length=8)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "billing_number_series"
        constraints = [
            models.UniqueConstraint(fields=["payer", "kind", "year"], name="billing_series_unique")
        ]

    def __str__(self) -> str:
        return f"series {self.pk}"


class Paper(models.Model):
    """A scan or a signed container, kept as it came. Read through a page that checks who asks."""

    kind = models.CharField(max_length=20, choices=PaperKind.choices)
    number = models.CharField(max_length=60, blank=True)
    dated_on = models.DateField(null=True)
    file = models.FileField(upload_to="billing/papers/", max_length=200)
    file_name = models.CharField(max_length=150)
    content_type = models.CharField(max_length=80)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    payer = models.ForeignKey(Payer, on_delete=models.PROTECT, null=True, related_name="papers")
    agreement = models.ForeignKey(
        FundingAgreement, on_delete=models.PROTECT, null=True, related_name="papers"
    )
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, null=True, related_name="papers")
    account = models.ForeignKey(
        CityAccount, on_delete=models.PROTECT, null=True, related_name="papers"
    )
    created_at = models.DateTimeField(default=clock.now)
    created_by_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "billing_paper"

    def __str__(self) -> str:
        return f"paper {self.pk}"


class Act(models.Model):
    """What an agreement's payer accepts for a month of a city; signed, it is the accrual.

    One that is not cancelled for each agreement and month; what is posted after the signature goes
    into a further act (`sequence` 2, 3 …), also a negative one.
    """

    payer = models.ForeignKey(Payer, on_delete=models.PROTECT, related_name="acts")
    agreement = models.ForeignKey(FundingAgreement, on_delete=models.PROTECT, related_name="acts")
    account = models.ForeignKey(CityAccount, on_delete=models.PROTECT, related_name="acts")
    month = models.DateField()
    sequence = models.PositiveSmallIntegerField(default=1)
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    issued_on = models.DateField()
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    state = models.CharField(max_length=10, choices=ActState.choices, default=ActState.ISSUED)
    signed_on = models.DateField(null=True)
    signed_copy = models.OneToOneField(Paper, on_delete=models.PROTECT, null=True)
    cancelled_reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "billing_act"
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "month", "sequence"],
                name="billing_act_once",
                condition=~Q(state="cancelled"),
            ),
            models.UniqueConstraint(
                fields=["payer", "year", "number"], name="billing_act_number_unique"
            ),
            models.CheckConstraint(
                name="billing_act_signed_has_copy",
                condition=~Q(state="signed")
                | Q(signed_on__isnull=False, signed_copy__isnull=False),
            ),
            models.CheckConstraint(
                name="billing_act_cancelled_has_reason",
                condition=~Q(state="cancelled") | ~Q(cancelled_reason=""),
            ),
        ]
        indexes = [
            models.Index(fields=["account", "month"], name="billing_act_of_account"),
            models.Index(fields=["month"], name="billing_act_of_month"),
        ]

    def __str__(self) -> str:
        return f"act {self.pk}"

    @property
    def label(self) -> str:
        """«12/2026»: the number among the payer's acts of a year."""
        return f"{self.number}/{self.year}"


class ActLine(models.Model):
    """A part of a cost in an act; each part is in one act at most. Gone when that is cancelled."""

    act = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="lines")
    allocation = models.OneToOneField(Allocation, on_delete=models.PROTECT, related_name="act_line")

    class Meta:
        db_table = "billing_act_line"

    def __str__(self) -> str:
        return f"act line {self.pk}"


class Invoice(models.Model):
    """A bill for one act. Paid, partly paid or open is the sum of its matches."""

    payer = models.ForeignKey(Payer, on_delete=models.PROTECT, related_name="invoices")
    agreement = models.ForeignKey(
        FundingAgreement, on_delete=models.PROTECT, related_name="invoices"
    )
    account = models.ForeignKey(CityAccount, on_delete=models.PROTECT, related_name="invoices")
    act = models.ForeignKey(Act, on_delete=models.PROTECT, related_name="invoices")
    month = models.DateField()
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    issued_on = models.DateField()
    due_on = models.DateField()
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    # Sum of the matches, kept by `billing.bank.actions` under the row's lock.
    matched = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    state = models.CharField(
        max_length=8, choices=InvoiceState.choices, default=InvoiceState.ISSUED
    )
    void_reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "billing_invoice"
        constraints = [
            models.UniqueConstraint(
                fields=["act"], name="billing_invoice_once", condition=Q(state="issued")
            ),
            models.UniqueConstraint(
                fields=["payer", "year", "number"], name="billing_invoice_number_unique"
            ),
            models.CheckConstraint(
                name="billing_invoice_matched",
                condition=Q(matched__gte=0, matched__lte=F("amount"))
                | Q(amount__lte=0, matched__lte=0, matched__gte=F("amount")),
            ),
            models.CheckConstraint(
                name="billing_invoice_void_is_unpaid", condition=~Q(state="void") | Q(matched=0)
            ),
        ]
        indexes = [
            models.Index(fields=["account", "month"], name="billing_invoice_of_account"),
            models.Index(
                fields=["payer", "issued_on"],
                name="billing_invoice_open",
                condition=Q(state="issued") & ~Q(matched=F("amount")),
            ),
        ]

    def __str__(self) -> str:
        return f"invoice {self.pk}"

    @property
    def label(self) -> str:
        """«12/2026»."""
        return f"{self.number}/{self.year}"

    @property
    def open_amount(self) -> Decimal:
        """What is still to be paid."""
        return self.amount - self.matched if self.state == InvoiceState.ISSUED else Decimal(0)
