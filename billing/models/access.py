"""Who of the viewers sees what, links to reports, and the history of the ledger."""

from typing import Any

from django.db import models
from django.db.models import Q

from bezpechne.kernel import clock
from billing.models.costs import Posted
from billing.models.payers import CityAccount, Payer


class ViewerScope(models.Model):
    """What a donor's or a city's finance viewer sees: a payer's money, or a city's."""

    user_id = models.BigIntegerField()
    payer = models.ForeignKey(Payer, on_delete=models.CASCADE, null=True)
    account = models.ForeignKey(CityAccount, on_delete=models.CASCADE, null=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "billing_viewer_scope"
        constraints = [
            models.CheckConstraint(
                name="billing_scope_one_of",
                condition=Q(payer=None, account__isnull=False)
                | Q(payer__isnull=False, account=None),
            ),
            models.UniqueConstraint(
                fields=["user_id", "payer", "account"],
                name="billing_scope_unique",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"scope of user {self.user_id}"


class ReportLink(models.Model):
    """Opens one report to whoever holds it, until it expires or is revoked."""

    payer = models.ForeignKey(Payer, on_delete=models.CASCADE, null=True)
    account = models.ForeignKey(CityAccount, on_delete=models.CASCADE, null=True)
    label = models.CharField(max_length=120)
    first_month = models.DateField()
    last_month = models.DateField()
    language = models.CharField(max_length=2, default="uk")
    token_hash = models.CharField(max_length=64, blank=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    opened = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now)
    created_by_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "billing_report_link"
        constraints = [
            models.UniqueConstraint(
                fields=["token_hash"],
                name="billing_link_token_unique",
                condition=~Q(token_hash=""),
            ),
            models.CheckConstraint(
                name="billing_link_one_of",
                condition=Q(payer=None, account__isnull=False)
                | Q(payer__isnull=False, account=None),
            ),
        ]

    def __str__(self) -> str:
        return f"link {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.revoked_at is None and self.expires_at > clock.now()


class LedgerEvent(Posted):
    """Who changed what in the money; ids alone, never a person's name or address."""

    at = models.DateTimeField(default=clock.now)
    actor_kind = models.CharField(max_length=12)
    actor_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    # No foreign keys: history names what may be gone.
    payer_id = models.BigIntegerField(null=True)
    account_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    detail: "models.JSONField[Any, Any]" = models.JSONField(default=dict)

    class Meta:
        db_table = "billing_event"
        indexes = [
            models.Index(fields=["subject", "subject_id", "id"], name="billing_event_subject"),
            models.Index(fields=["account_id", "id"], name="billing_event_account"),
            models.Index(fields=["payer_id", "id"], name="billing_event_payer"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.subject_id}: {self.action}"
