"""What Stripe is asked about subscriptions and their schedules, through the gateway."""

from collections.abc import Iterator
from typing import Any

from billing import stripe_gateway as gateway
from billing.stripe_gateway import Seen


def create_subscription(key: str, *, customer: str, price: str, until: int, metadata: Seen) -> Seen:
    """From now until `until`. The whole term is free at Stripe: bills are the ledger's own."""
    params = {
        "customer": customer,
        "items": [{"price": price}],
        "collection_method": "send_invoice",
        "days_until_due": gateway.DAYS_UNTIL_DUE,
        "trial_end": until,
        "cancel_at": until,
        "proration_behavior": "none",
        "metadata": metadata,
    }
    return gateway.call(gateway.api().subscriptions.create, params, options=gateway.once(key))


def subscriptions(**params: Any) -> Iterator[Seen]:
    """By customer and `since`, or all of them; cancelled ones too."""
    return gateway.rows(gateway.api().subscriptions, {"status": "all", **gateway.since_of(params)})


def subscription(stripe_id: str) -> Seen:
    return gateway.call(gateway.api().subscriptions.retrieve, stripe_id)


def cancel_subscription_at(stripe_id: str, moment: int) -> Seen:
    """It ends at `moment`, and nothing is charged or given back for it.

    Without a key, as all that may be said twice: under one, a day that was taken back and chosen
    again would be answered and not set.
    """
    params = {"cancel_at": moment, "proration_behavior": "none"}
    return gateway.call(gateway.api().subscriptions.update, stripe_id, params)


def end_subscription(stripe_id: str) -> Seen:
    """At once, for an end that is already past."""
    params = {"invoice_now": False, "prorate": False}
    return gateway.call(gateway.api().subscriptions.cancel, stripe_id, params)


def create_schedule(
    key: str, *, customer: str, price: str, since: int, until: int, metadata: Seen
) -> Seen:
    """A subscription that begins at `since`; free at Stripe as the others are."""
    phase = {
        "items": [{"price": price}],
        "collection_method": "send_invoice",
        "invoice_settings": {"days_until_due": gateway.DAYS_UNTIL_DUE},
        "proration_behavior": "none",
        "trial": True,
        "end_date": until,
        "metadata": metadata,
    }
    params = {
        "customer": customer,
        "start_date": since,
        "end_behavior": "cancel",
        "phases": [phase],
        "metadata": metadata,
    }
    return gateway.call(
        gateway.api().subscription_schedules.create, params, options=gateway.once(key)
    )


def schedules(**params: Any) -> Iterator[Seen]:
    """By customer and `since`, or all of them."""
    return gateway.rows(gateway.api().subscription_schedules, gateway.since_of(params))


def schedule(stripe_id: str) -> Seen:
    return gateway.call(gateway.api().subscription_schedules.retrieve, stripe_id)


def cancel_schedule(stripe_id: str) -> Seen:
    """One that has not begun."""
    return gateway.call(gateway.api().subscription_schedules.cancel, stripe_id)


def release_schedule(stripe_id: str) -> Seen:
    """Its subscription goes on by itself, and may be given an end: a scheduled one refuses that."""
    return gateway.call(gateway.api().subscription_schedules.release, stripe_id)
