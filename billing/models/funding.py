"""Agreements, and which of them pays for a city on which day."""

from datetime import date, timedelta
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from bezpechne.kernel import clock
from billing.identifiers import validate_kekv, validate_kpkvk
from billing.models.contractors import Contractor
from billing.models.payers import CityAccount, Grant, GrantLine, Payer, SaidByActions
from billing.states import KEKV_OF, Basis, Engagement, Source


class Int8Range(Func):
    """A key as a range of one: plain GiST has no equality of integers without an extension."""

    function = "int8range"
    output_field: Any = models.Field()


def _one(name: str) -> Int8Range:
    return Int8Range(F(name), F(name), Value("[]"))


class FundingAgreement(SaidByActions):
    """What a payer promised for a city. `starts_on` to `ends_on`, both included."""

    payer = models.ForeignKey(Payer, on_delete=models.PROTECT, related_name="agreements")
    account = models.ForeignKey(CityAccount, on_delete=models.PROTECT, related_name="agreements")
    number = models.CharField(max_length=60)
    signed_on = models.DateField()
    starts_on = models.DateField()
    ends_on = models.DateField()
    source = models.CharField(max_length=16, choices=Source.choices)
    basis = models.CharField(max_length=8, choices=Basis.choices, default=Basis.MONTHLY)
    engagement = models.CharField(
        max_length=16, choices=Engagement.choices, default=Engagement.SERVICE
    )
    # Pay for a whole month before contributions, UAH.
    monthly_amount = models.DecimalField(max_digits=12, decimal_places=2)
    kpkvk = models.CharField(max_length=7, blank=True, validators=[validate_kpkvk])
    kekv = models.CharField(max_length=4, validators=[validate_kekv])
    grant = models.ForeignKey(
        Grant, on_delete=models.PROTECT, null=True, blank=True, related_name="agreements"
    )
    grant_line = models.ForeignKey(
        GrantLine, on_delete=models.PROTECT, null=True, blank=True, related_name="agreements"
    )
    # Who does the work; empty until somebody needs the papers drawn up.
    contractor = models.ForeignKey(
        Contractor, on_delete=models.PROTECT, null=True, blank=True, related_name="agreements"
    )
    # The amended agreement: a supplementary one prolongs or changes it.
    amends = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="amended_by"
    )
    without_vat = models.BooleanField(default=True)
    note = models.TextField(blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "billing_agreement"
        constraints = [
            models.UniqueConstraint(
                fields=["payer", "account", "number"], name="billing_agreement_unique"
            ),
            models.CheckConstraint(
                condition=Q(starts_on__lte=F("ends_on")), name="billing_agreement_dates"
            ),
            models.CheckConstraint(
                condition=Q(monthly_amount__gte=0), name="billing_agreement_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"agreement {self.pk}"

    @property
    def contribution_kekv(self) -> str:
        """Code of the social contribution; blank where none is paid on top."""
        return KEKV_OF[self.engagement][1]

    def covers(self, first: date, last: date) -> bool:
        return self.starts_on <= first and last <= self.ends_on


class FundingPeriod(models.Model):
    """Days of a city with one set of payers; `days` is [first, day after the last).

    A pause has no shares and says why nobody pays. Two periods of a city never share a day.
    """

    account = models.ForeignKey(CityAccount, on_delete=models.PROTECT, related_name="periods")
    days = DateRangeField()
    is_pause = models.BooleanField(default=False)
    reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "billing_period"
        constraints = [
            ExclusionConstraint(
                name="billing_period_one_a_day",
                expressions=[
                    (_one("account"), RangeOperators.OVERLAPS),
                    ("days", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="billing_period_bounded",
                condition=Q(days__startswith__isnull=False, days__endswith__isnull=False),
            ),
            models.CheckConstraint(
                name="billing_period_pause_has_reason",
                condition=Q(is_pause=False) | ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"period {self.pk}"

    @property
    def first(self) -> date:
        first: date = self.days.lower
        return first

    @property
    def last(self) -> date:
        """Last day that belongs to it."""
        end: date = self.days.upper
        return end - timedelta(days=1)


class PeriodShare(models.Model):
    """A payer's part of a period. A deferred trigger keeps the sum of a period at 100."""

    period = models.ForeignKey(FundingPeriod, on_delete=models.CASCADE, related_name="shares")
    agreement = models.ForeignKey(FundingAgreement, on_delete=models.PROTECT, related_name="shares")
    percent = models.DecimalField(max_digits=5, decimal_places=2)

    class Meta:
        db_table = "billing_period_share"
        constraints = [
            models.UniqueConstraint(fields=["period", "agreement"], name="billing_share_unique"),
            models.CheckConstraint(
                condition=Q(percent__gt=0, percent__lte=100), name="billing_share_percent"
            ),
        ]

    def __str__(self) -> str:
        return f"share {self.pk}"


class PlanMonth(models.Model):
    """What an agreement's payer is to pay for a month, contributions included: a projection.

    `billing.funding.plans` writes it anew whenever those change.
    """

    agreement = models.ForeignKey(FundingAgreement, on_delete=models.CASCADE, related_name="plan")
    account = models.ForeignKey(CityAccount, on_delete=models.PROTECT, related_name="plan")
    month = models.DateField()
    days = models.PositiveSmallIntegerField()
    amount = models.DecimalField(max_digits=12, decimal_places=2)

    class Meta:
        db_table = "billing_plan_month"
        constraints = [
            models.UniqueConstraint(fields=["agreement", "month"], name="billing_plan_unique"),
        ]
        indexes = [
            models.Index(fields=["month"], name="billing_plan_of_month"),
            models.Index(fields=["account", "month"], name="billing_plan_of_account"),
        ]

    def __str__(self) -> str:
        return f"plan {self.pk}"
