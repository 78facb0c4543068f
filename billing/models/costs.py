"""What the work cost: tariffs, entries and who bears them."""

from typing import Any, NoReturn

from django.db import models
from django.db.models import F, Q

from bezpechne.kernel import clock
from bezpechne.kernel.activities import Activity
from billing.models.funding import FundingAgreement
from billing.models.payers import CityAccount
from billing.states import EntryKind


class LedgerIsImmutable(TypeError):
    """Somebody tried to change or delete what was posted; a counter-entry corrects."""


class PostedQuerySet(models.QuerySet[Any]):
    """Reads and inserts."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise LedgerIsImmutable

    def delete(self) -> NoReturn:
        raise LedgerIsImmutable

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise LedgerIsImmutable


class Posted(models.Model):
    """A row that stays as it was posted; a trigger in the database says the same."""

    objects = PostedQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise LedgerIsImmutable
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise LedgerIsImmutable


class Tariff(models.Model):
    """Hryvnias an hour before contributions, in force until the next one starts.

    Without a city: for all that have none of their own. A blank activity: for every activity
    that has no line of its own. Nothing can overlap: a row has a first day alone.
    """

    account = models.ForeignKey(
        CityAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="tariffs"
    )
    activity = models.CharField(max_length=16, choices=Activity.choices, blank=True)
    starts_on = models.DateField()
    per_hour = models.DecimalField(max_digits=10, decimal_places=2)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "billing_tariff"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "activity", "starts_on"],
                name="billing_tariff_unique",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(per_hour__gte=0), name="billing_tariff_positive"),
        ]

    def __str__(self) -> str:
        return f"tariff {self.pk}"


class ContributionRate(models.Model):
    """Per cent of gross pay that an employer adds (ЄСВ), in force until the next one starts."""

    starts_on = models.DateField(unique=True)
    percent = models.DecimalField(max_digits=5, decimal_places=2)
    source = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "billing_contribution_rate"
        constraints = [
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100), name="billing_contribution_percent"
            )
        ]

    def __str__(self) -> str:
        return f"contribution from {self.starts_on}"


class CostEntry(Posted):
    """One cost of a city in one month, UAH; never changed, corrected by a counter-entry.

    `first_day` to `last_day`, both included, lie within `month`. A `source_key` is posted once.
    With an `agreement` its payer bears all; without, the payers of the days by their shares.
    """

    account = models.ForeignKey(CityAccount, on_delete=models.PROTECT, related_name="costs")
    month = models.DateField()
    first_day = models.DateField()
    last_day = models.DateField()
    kind = models.CharField(max_length=16, choices=EntryKind.choices)
    activity = models.CharField(max_length=16, choices=Activity.choices, blank=True)
    minutes = models.IntegerField(null=True)
    per_hour = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    description = models.CharField(max_length=300, blank=True)
    agreement = models.ForeignKey(
        FundingAgreement, on_delete=models.PROTECT, null=True, related_name="own_costs"
    )
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="reversed_by"
    )
    reason = models.CharField(max_length=300, blank=True)
    source_key = models.CharField(max_length=120, null=True, unique=True)  # noqa: DJ001 - null repeats, blank would not
    created_at = models.DateTimeField(default=clock.now)
    created_by_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "billing_cost_entry"
        constraints = [
            models.CheckConstraint(
                name="billing_cost_within_month",
                condition=Q(month__lte=F("first_day"), first_day__lte=F("last_day")),
            ),
            models.CheckConstraint(
                name="billing_cost_sign",
                condition=Q(amount__gte=0, reverses=None)
                | Q(amount__lte=0, reverses__isnull=False, reason__gt=""),
            ),
        ]
        indexes = [models.Index(fields=["account", "month"], name="billing_cost_month")]

    def __str__(self) -> str:
        return f"cost {self.pk}"


class Allocation(Posted):
    """A payer's part of an entry; the parts of an entry add up to it (deferred trigger)."""

    entry = models.ForeignKey(CostEntry, on_delete=models.PROTECT, related_name="allocations")
    agreement = models.ForeignKey(
        FundingAgreement, on_delete=models.PROTECT, related_name="allocations"
    )
    kekv = models.CharField(max_length=4)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    # The entry's month, here too: sums over the whole fleet read this table alone.
    month = models.DateField()

    class Meta:
        db_table = "billing_allocation"
        constraints = [
            models.UniqueConstraint(fields=["entry", "agreement"], name="billing_allocation_unique")
        ]
        indexes = [
            models.Index(fields=["agreement", "month"], name="billing_allocation_month"),
            models.Index(fields=["month"], name="billing_allocation_of_month"),
        ]

    def __str__(self) -> str:
        return f"allocation {self.pk}"


class ClosedMonth(models.Model):
    """A month of a city in which nothing is posted any more; reopened only with a reason."""

    account = models.ForeignKey(CityAccount, on_delete=models.PROTECT, related_name="closed")
    month = models.DateField()
    closed_at = models.DateTimeField(default=clock.now)
    closed_by_id = models.BigIntegerField(null=True)
    reopened_at = models.DateTimeField(null=True)
    reopened_by_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "billing_closed_month"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "month"],
                name="billing_month_closed_once",
                condition=Q(reopened_at=None),
            ),
            models.CheckConstraint(
                name="billing_month_reopened_with_reason",
                condition=Q(reopened_at=None) | ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"month {self.pk}"
