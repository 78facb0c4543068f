"""What is, or has to be, at Stripe, and what Stripe told."""

from datetime import date

from django.db import models
from django.db.models import Q

from bezpechne.kernel import clock
from billing.models.documents import Invoice
from billing.models.funding import FundingAgreement
from billing.models.payers import CityAccount, Payer
from billing.states import StripeGoal, StripeKind, StripeStatus


class StripeObject(models.Model):
    """One object that we own, or mean to own, at Stripe; `goal` is what it has to come to.

    Written in the transaction of the ledger's change; a job then brings Stripe there, step by step,
    and asks before each step how far it is. `key` stands in the object's metadata, so what a cut
    connection left behind is found again however late.
    """

    kind = models.CharField(max_length=14, choices=StripeKind.choices)
    key = models.CharField(max_length=150, unique=True)
    # Raised when Stripe would only repeat an error under the old key.
    version = models.PositiveSmallIntegerField(default=1)
    goal = models.CharField(max_length=10, choices=StripeGoal.choices, default=StripeGoal.PRESENT)
    status = models.CharField(
        max_length=8, choices=StripeStatus.choices, default=StripeStatus.WAITING
    )
    stripe_id = models.CharField(max_length=80, blank=True)
    # Stripe's own word for its state, as it was last seen.
    state = models.CharField(max_length=40, blank=True)
    seen_at = models.DateTimeField(null=True)
    # When Stripe mailed an invoice: nothing at Stripe says so afterwards.
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    payer = models.ForeignKey(
        Payer, on_delete=models.PROTECT, null=True, related_name="stripe_objects"
    )
    account = models.ForeignKey(
        CityAccount, on_delete=models.PROTECT, null=True, related_name="stripe_objects"
    )
    agreement = models.ForeignKey(
        FundingAgreement, on_delete=models.PROTECT, null=True, related_name="stripe_objects"
    )
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, null=True, related_name="stripe_objects"
    )
    # Kopiykas of a price.
    amount = models.PositiveBigIntegerField(null=True)
    # Of a subscription: its first day, and the first day on which it is no longer there.
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "billing_stripe_object"
        constraints = [
            models.UniqueConstraint(
                fields=["stripe_id"], name="billing_stripe_id_unique", condition=~Q(stripe_id="")
            ),
            models.UniqueConstraint(
                fields=["invoice"],
                name="billing_stripe_invoice_once",
                condition=Q(kind=StripeKind.INVOICE),
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                name="billing_stripe_unfinished",
                condition=~Q(status=StripeStatus.DONE),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def term(self) -> tuple[date, date]:
        """A subscription's first day, and the day after its last. LookupError for other kinds."""
        if self.starts_on is None or self.ends_on is None:
            raise LookupError(self.kind)
        return self.starts_on, self.ends_on

    @property
    def is_dead(self) -> bool:
        """A subscription that was taken back before its first day."""
        starts_on, ends_on = self.term
        return self.goal == StripeGoal.ENDED and ends_on <= starts_on

    def call_key(self, step: str = "make") -> str:
        """Under which Stripe does a step once."""
        return f"{self.key}:{self.version}:{step}"


class StripeEvent(models.Model):
    """What Stripe told, once each. Only its object's id counts: the object is asked for anew."""

    event_id = models.CharField(max_length=80, unique=True)
    type = models.CharField(max_length=80)
    object_id = models.CharField(max_length=80)
    created = models.DateTimeField()
    received_at = models.DateTimeField(default=clock.now)
    handled_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "billing_stripe_event"
        indexes = [
            models.Index(fields=["-created"], name="billing_stripe_event_newest"),
            models.Index(
                fields=["id"],
                name="billing_stripe_event_open",
                condition=Q(handled_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.event_id
