"""Who pays: payers, their grants, what was received and at which rate."""

from collections.abc import Collection
from datetime import date, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language

from bezpechne.kernel import clock
from billing.identifiers import validate_budget_code, validate_edrpou, validate_iban
from billing.states import PayerKind

# A donor expects the financial report within two weeks after the end (rules of IRF).
REPORT_DAYS = 14


class SaidByActions(models.Model):
    """A form leaves the table's constraints to the action, which refuses at the field it is about.

    Django would name the constraint to the person who typed.
    """

    class Meta:
        abstract = True

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Nothing: the action asks first, and the database keeps them in any case."""


class CityAccount(models.Model):
    """A city in the ledger: outlives the tenant, whose key is empty once it is deleted.

    The place's facts are copied from the gazetteer, so that reports need no other package.
    """

    # No constraint: a restore replaces the city's row by SQL, and the account stays.
    city = models.OneToOneField(
        "tenants.City",
        on_delete=models.SET_NULL,
        null=True,
        related_name="account",
        db_constraint=False,
    )
    katottg = models.CharField(max_length=19, unique=True)
    slug = models.CharField(max_length=40)
    schema = models.CharField(max_length=63, blank=True)
    name_uk = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    name_sort = models.CharField(max_length=200, blank=True)
    oblast = models.CharField(max_length=50, blank=True)
    population = models.PositiveIntegerField(null=True)
    budget_code = models.CharField(max_length=11, blank=True)
    # Whether the city's site tells who pays for its moderator.
    is_public = models.BooleanField(default=False)

    class Meta:
        db_table = "billing_city_account"
        indexes = [
            models.Index(fields=["name_sort"], name="billing_account_name"),
            models.Index(fields=["slug"], name="billing_account_slug"),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def name(self) -> str:
        """Name in the language in force."""
        return self.name_en if get_language() == "en" else self.name_uk


class Payer(SaidByActions):
    """An organisation that pays. Never deleted once an agreement names it: deactivated."""

    kind = models.CharField(max_length=16, choices=PayerKind.choices)
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    # Blank for a foreign donor.
    edrpou = models.CharField(max_length=8, blank=True, validators=[validate_edrpou])
    iban = models.CharField(max_length=34, blank=True, validators=[validate_iban])
    bank = models.CharField(max_length=120, blank=True)
    budget_code = models.CharField(max_length=11, blank=True, validators=[validate_budget_code])
    address = models.CharField(max_length=250, blank=True)
    signatory = models.CharField(max_length=200, blank=True)
    contact_name = models.CharField(max_length=120, blank=True)
    contact_email = models.EmailField(max_length=254, blank=True)
    contact_phone = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=2, default="uk")
    # What a donor wants to be said wherever its money is shown.
    notice_uk = models.CharField(max_length=500, blank=True)
    notice_en = models.CharField(max_length=500, blank=True)
    is_active = models.BooleanField(default=True)
    # From this moment on its invoices are sent by Stripe too; None: never, or no longer.
    stripe_since = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "billing_payer"
        constraints = [
            models.UniqueConstraint(
                fields=["edrpou"], name="billing_payer_edrpou_unique", condition=~Q(edrpou="")
            )
        ]

    def __str__(self) -> str:
        return f"payer {self.pk}"


class ExchangeRate(models.Model):
    """Hryvnias for one unit of a currency on a day, by the National Bank or the bank itself."""

    currency = models.CharField(max_length=3)
    day = models.DateField()
    rate = models.DecimalField(max_digits=14, decimal_places=6)
    source = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "billing_exchange_rate"
        constraints = [
            models.UniqueConstraint(fields=["currency", "day"], name="billing_rate_unique"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="billing_rate_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.day}"


class Grant(SaidByActions):
    """A donor's grant agreement, in its own currency."""

    payer = models.ForeignKey(Payer, on_delete=models.PROTECT, related_name="grants")
    number = models.CharField(max_length=60)
    signed_on = models.DateField()
    currency = models.CharField(max_length=3, default="USD")
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    starts_on = models.DateField()
    ends_on = models.DateField()
    note = models.TextField(blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "billing_grant"
        constraints = [
            models.UniqueConstraint(fields=["payer", "number"], name="billing_grant_unique"),
            models.CheckConstraint(
                condition=Q(starts_on__lte=F("ends_on")), name="billing_grant_dates"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="billing_grant_positive"),
        ]

    def __str__(self) -> str:
        return f"grant {self.pk}"

    @property
    def report_due(self) -> date:
        """Last day for the financial report."""
        return self.ends_on + timedelta(days=REPORT_DAYS)


class GrantLine(models.Model):
    """One line of a grant's budget."""

    grant = models.ForeignKey(Grant, on_delete=models.CASCADE, related_name="lines")
    name = models.CharField(max_length=120)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "billing_grant_line"
        constraints = [
            models.UniqueConstraint(fields=["grant", "name"], name="billing_grant_line_unique"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="billing_grant_line_positive"),
        ]

    def __str__(self) -> str:
        return f"line {self.pk} of grant {self.grant_id}"


class Tranche(models.Model):
    """Money of a grant as it came; `amount_uah` is `amount` × `rate`, rounded once, then fixed."""

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="tranches")
    received_on = models.DateField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    rate = models.DecimalField(max_digits=14, decimal_places=6)
    rate_source = models.CharField(max_length=120)
    amount_uah = models.DecimalField(max_digits=16, decimal_places=2)
    reference = models.CharField(max_length=120, blank=True)
    # A correction is a row of its own with the opposite sums.
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="reversed_by"
    )
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "billing_tranche"
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, reverses=None) | Q(amount__lt=0, reverses__isnull=False),
                name="billing_tranche_sign",
            )
        ]

    def __str__(self) -> str:
        return f"tranche {self.pk}"
