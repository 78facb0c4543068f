"""What Stripe tells: kept once, handled by asking Stripe what is so now, in any order."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from bezpechne.kernel import clock, queue
from billing import stripe_gateway as gateway
from billing.models import StripeEvent, StripeObject
from billing.states import StripeKind, StripeStatus
from billing.stripe.driving import STEPS, drive
from billing.stripe.intents import drive_later, is_on
from billing.stripe.objects import made_since

FOLLOWED = ("invoice.", "credit_note.", "customer.", "subscription_schedule.")
# How long Stripe lists an event.
LISTED = timedelta(days=30)
# Longer than Stripe could tell it again.
KEPT = timedelta(days=90)
# What is younger has its own job still to come.
YOUNG = timedelta(hours=1)


def take(told: dict[str, Any]) -> bool:
    """Keeps an event and its job; False for one that is known, or that nobody follows.

    Raises LookupError or TypeError for what is no event.
    """
    kind = str(told["type"])
    about = told["data"]["object"].get("id")
    if not kind.startswith(FOLLOWED) or not about:
        return False
    with transaction.atomic():
        event, is_new = StripeEvent.objects.get_or_create(
            event_id=str(told["id"]),
            defaults={
                "type": kind[:80],
                "object_id": str(about),
                "created": datetime.fromtimestamp(int(told["created"]), UTC),
            },
        )
        if is_new:
            queue.defer("billing.stripe_event", pk=event.pk)
    return is_new


def handle(pk: int) -> None:
    """Asks for the event's object as it is now; what is not ours is passed over.

    Raises Later when Stripe does not answer; the event stays open until then.
    """
    event = StripeEvent.objects.filter(pk=pk, handled_at=None).first()
    if event is None or not is_on():
        return
    row = StripeObject.objects.filter(stripe_id=event.object_id, kind__in=STEPS).first()
    if row is not None:
        drive(row.pk)
        row.refresh_from_db()
        event.error = row.error
    event.handled_at = clock.now()
    event.save(update_fields=["handled_at", "error"])


def catch_up() -> int:
    """What no webhook brought, and jobs that were lost; returns how many events were new.

    Raises StripeFailed when Stripe does not answer.
    """
    since = clock.now() - LISTED
    kept = StripeEvent.objects.filter(created__gte=since).values_list("event_id", flat=True)
    known = set(kept)
    told = gateway.events(int(since.timestamp()))
    new = sum(take(event) for event in told if event["id"] not in known)
    _forget()
    _take_up_jobs(clock.now() - YOUNG)
    _compare_open_invoices()
    return new


def _forget() -> None:
    old = StripeEvent.objects.filter(created__lt=clock.now() - KEPT)
    old.filter(handled_at__isnull=False).delete()


def _take_up_jobs(before: datetime) -> None:
    for event in StripeEvent.objects.filter(handled_at=None, received_at__lt=before):
        queue.defer("billing.stripe_event", pk=event.pk)
    waiting = StripeObject.objects.filter(status=StripeStatus.WAITING, kind__in=STEPS)
    for row in waiting.filter(created_at__lt=before):
        drive_later(row)


def _compare_open_invoices() -> None:
    """Even a silence of months is made up for: Stripe lists events for one, and invoices for ever."""
    rows = StripeObject.objects.filter(kind=StripeKind.INVOICE, state="open").order_by("created_at")
    by_id = {row.stripe_id: row for row in rows}
    if not by_id:
        return
    for seen in gateway.invoices(since=made_since(next(iter(by_id.values())))):
        row = by_id.get(seen["id"])
        if row is not None and row.state != seen["status"]:
            drive_later(row)
