"""The only place that speaks to Stripe: thin calls, plain values, one exception.

The library is imported at the first call, so an installation without a key never loads it. Sums are
kopiykas, moments are seconds of Unix time, as Stripe has them. What comes back are plain
dictionaries: the library's objects have not been any since version 16. A call that must not happen
twice takes the key under which Stripe repeats its answer for 24 hours instead of doing it again.
"""

import contextlib
from collections.abc import Iterator
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings

from bezpechne.kernel.logs import mask

if TYPE_CHECKING:
    from stripe import StripeClient

Seen = dict[str, Any]

# Seconds to connect, and to wait for an answer: the worker's other jobs wait behind it.
TIMEOUT = (5, 20)
CURRENCY = "uah"
DAYS_UNTIL_DUE = 30
PAGE = 100


class Fault(Enum):
    """`TEMPORARY`: the same call may pass later. `USED_KEY`: never again under this key, because
    Stripe keeps an error, or other values, as its answer. `PERMANENT`: it was refused.
    """

    TEMPORARY = "temporary"
    USED_KEY = "used_key"
    PERMANENT = "permanent"


class StripeFailed(Exception):
    """Why a call did not pass. `text` is Stripe's own sentence; it names no person."""

    def __init__(self, fault: Fault, text: str, code: str = "") -> None:
        super().__init__(text)
        self.fault = fault
        self.text = text
        self.code = code


class Forged(Exception):
    """A message that Stripe did not sign, or signed too long ago."""


@cache
def _client(key: str, base: str) -> "StripeClient":
    import stripe  # noqa: PLC0415 - without a key nobody pays for it

    stripe.enable_telemetry = False
    return stripe.StripeClient(
        key,
        base_addresses={"api": base},
        http_client=stripe.RequestsClient(timeout=TIMEOUT),
        # The queue tries again, and it remembers between two tries.
        max_network_retries=0,
    )


def _api() -> Any:
    return _client(settings.STRIPE_API_KEY, settings.STRIPE_API_BASE).v1


@contextlib.contextmanager
def _faults() -> Iterator[None]:
    import stripe  # noqa: PLC0415 - as above

    try:
        yield
    except stripe.StripeError as error:
        raise StripeFailed(_fault_of(error), _text_of(error), error.code or "") from error


def _fault_of(error: Any) -> Fault:
    import stripe  # noqa: PLC0415 - as above

    status = error.http_status or 0
    if isinstance(error, stripe.IdempotencyError):
        # 409: the first call is still at work.
        return Fault.TEMPORARY if status == 409 else Fault.USED_KEY
    if status >= 500 and error.headers.get("idempotent-replayed") == "true":
        return Fault.USED_KEY
    # A refused key of the account is a setting that somebody will mend.
    waits = (stripe.AuthenticationError, stripe.PermissionError, stripe.RateLimitError)
    if isinstance(error, waits) or status in {0, 409} or status >= 500:
        return Fault.TEMPORARY
    return Fault.PERMANENT


def _text_of(error: Any) -> str:
    # Stripe repeats an address that it does not like.
    return mask(str(error.user_message or type(error).__name__))[:300]


def _key(key: str) -> dict[str, str]:
    return {"idempotency_key": key}


def _call(method: Any, *args: Any, **kwargs: Any) -> Seen:
    with _faults():
        found: Seen = method(*args, **kwargs).to_dict()
    return found


def _rows(service: Any, params: Seen) -> Iterator[Seen]:
    with _faults():
        for row in service.list({"limit": PAGE, **params}).auto_paging_iter():
            yield row.to_dict()


# --- Who pays, for what ---------------------------------------------------------------------------


def create_customer(key: str, *, name: str, email: str, language: str, metadata: Seen) -> Seen:
    """A payer."""
    params = {
        "name": name,
        "email": email,
        "preferred_locales": [language],
        "metadata": metadata,
    }
    return _call(_api().customers.create, params, options=_key(key))


def customers(since: int) -> Iterator[Seen]:
    return _rows(_api().customers, {"created": {"gte": since}})


def create_product(key: str, *, own_id: str, name: str, metadata: Seen) -> Seen:
    """Its id is ours to choose, so it cannot be there twice."""
    params = {"id": own_id, "name": name, "metadata": metadata}
    return _call(_api().products.create, params, options=_key(key))


def product(own_id: str) -> Seen | None:
    """None when there is none."""
    try:
        return _call(_api().products.retrieve, own_id)
    except StripeFailed as failed:
        if failed.code == "resource_missing":
            return None
        raise


def create_price(key: str, *, product_id: str, amount: int, lookup: str, metadata: Seen) -> Seen:
    """So much a month."""
    params = {
        "product": product_id,
        "currency": CURRENCY,
        "unit_amount": amount,
        "recurring": {"interval": "month"},
        "lookup_key": lookup,
        "metadata": metadata,
    }
    return _call(_api().prices.create, params, options=_key(key))


def prices(lookup: str) -> Iterator[Seen]:
    return _rows(_api().prices, {"lookup_keys": [lookup]})


# --- Subscriptions --------------------------------------------------------------------------------


def create_subscription(key: str, *, customer: str, price: str, until: int, metadata: Seen) -> Seen:
    """From now until `until`. The whole term is free at Stripe: bills are the ledger's own."""
    params = {
        "customer": customer,
        "items": [{"price": price}],
        "collection_method": "send_invoice",
        "days_until_due": DAYS_UNTIL_DUE,
        "trial_end": until,
        "cancel_at": until,
        "proration_behavior": "none",
        "metadata": metadata,
    }
    return _call(_api().subscriptions.create, params, options=_key(key))


def subscriptions(**params: Any) -> Iterator[Seen]:
    """By customer and `since`, or all of them; cancelled ones too."""
    return _rows(_api().subscriptions, {"status": "all", **_since(params)})


def subscription(stripe_id: str) -> Seen:
    return _call(_api().subscriptions.retrieve, stripe_id)


def cancel_subscription_at(stripe_id: str, moment: int) -> Seen:
    """It ends at `moment`, and nothing is charged or given back for it.

    Without a key, as all that may be said twice: under one, a day that was taken back and chosen
    again would be answered and not set.
    """
    params = {"cancel_at": moment, "proration_behavior": "none"}
    return _call(_api().subscriptions.update, stripe_id, params)


def end_subscription(stripe_id: str) -> Seen:
    """At once, for an end that is already past."""
    params = {"invoice_now": False, "prorate": False}
    return _call(_api().subscriptions.cancel, stripe_id, params)


def create_schedule(
    key: str, *, customer: str, price: str, since: int, until: int, metadata: Seen
) -> Seen:
    """A subscription that begins at `since`; free at Stripe as the others are."""
    phase = {
        "items": [{"price": price}],
        "collection_method": "send_invoice",
        "invoice_settings": {"days_until_due": DAYS_UNTIL_DUE},
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
    return _call(_api().subscription_schedules.create, params, options=_key(key))


def schedules(**params: Any) -> Iterator[Seen]:
    """By customer and `since`, or all of them."""
    return _rows(_api().subscription_schedules, _since(params))


def schedule(stripe_id: str) -> Seen:
    return _call(_api().subscription_schedules.retrieve, stripe_id)


def cancel_schedule(stripe_id: str) -> Seen:
    """One that has not begun."""
    return _call(_api().subscription_schedules.cancel, stripe_id)


def release_schedule(stripe_id: str) -> Seen:
    """Its subscription goes on by itself, and may be given an end: a scheduled one refuses that."""
    return _call(_api().subscription_schedules.release, stripe_id)


# --- Invoices -------------------------------------------------------------------------------------


def create_invoice(
    key: str, *, customer: str, due: int, fields: list[tuple[str, str]], footer: str, metadata: Seen
) -> Seen:
    """A draft without lines that Stripe leaves alone until it is finalized."""
    params = {
        "customer": customer,
        "currency": CURRENCY,
        "collection_method": "send_invoice",
        "due_date": due,
        "auto_advance": False,
        "pending_invoice_items_behavior": "exclude",
        "custom_fields": [{"name": name, "value": value} for name, value in fields],
        "footer": footer,
        "metadata": metadata,
    }
    return _call(_api().invoices.create, params, options=_key(key))


def invoice(stripe_id: str) -> Seen:
    """With what was paid past Stripe, which comes only when it is asked for."""
    expand = {"expand": ["amount_paid_off_stripe"]}
    return _call(_api().invoices.retrieve, stripe_id, expand)


def invoices(**params: Any) -> Iterator[Seen]:
    """By customer and `since`, or all of them; with what was paid past Stripe."""
    return _rows(_api().invoices, {"expand": ["data.amount_paid_off_stripe"], **_since(params)})


def create_item(
    key: str, *, customer: str, invoice_id: str, amount: int, text: str, metadata: Seen
) -> Seen:
    """The one line of a draft."""
    params = {
        "customer": customer,
        "invoice": invoice_id,
        "currency": CURRENCY,
        "amount": amount,
        "description": text,
        "metadata": metadata,
    }
    return _call(_api().invoice_items.create, params, options=_key(key))


def items(invoice_id: str) -> Iterator[Seen]:
    return _rows(_api().invoice_items, {"invoice": invoice_id})


def finalize(key: str, stripe_id: str) -> Seen:
    """From now on it has a number and is not edited any more."""
    params = {"auto_advance": False}
    return _call(_api().invoices.finalize_invoice, stripe_id, params, options=_key(key))


def send(key: str, stripe_id: str) -> Seen:
    """Stripe mails it to the payer."""
    return _call(_api().invoices.send_invoice, stripe_id, options=_key(key))


def pay_out_of_band(key: str, stripe_id: str) -> Seen:
    """The money came by bank: Stripe asks for none."""
    params = {"paid_out_of_band": True}
    return _call(_api().invoices.pay, stripe_id, params, options=_key(key))


def void(key: str, stripe_id: str) -> Seen:
    return _call(_api().invoices.void_invoice, stripe_id, options=_key(key))


def delete_draft(key: str, stripe_id: str) -> Seen:
    return _call(_api().invoices.delete, stripe_id, options=_key(key))


def create_credit_note(
    key: str, *, invoice_id: str, amount: int, memo: str, metadata: Seen
) -> Seen:
    """Takes back a bill that was paid; the money itself went past Stripe."""
    params = {
        "invoice": invoice_id,
        "amount": amount,
        "out_of_band_amount": amount,
        "memo": memo,
        "metadata": metadata,
    }
    return _call(_api().credit_notes.create, params, options=_key(key))


def credit_notes(invoice_id: str) -> Iterator[Seen]:
    return _rows(_api().credit_notes, {"invoice": invoice_id})


# --- Events ---------------------------------------------------------------------------------------


def events(since: int) -> Iterator[Seen]:
    """All that Stripe keeps: 30 days, newest first."""
    return _rows(_api().events, {"created": {"gte": since}})


def check_signature(body: bytes, signature: str) -> None:
    """Raises Forged unless Stripe signed these bytes within the last five minutes."""
    import stripe  # noqa: PLC0415 - as above

    secret = settings.STRIPE_WEBHOOK_SECRET
    tolerance = stripe.Webhook.DEFAULT_TOLERANCE
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, tolerance)
    except (stripe.SignatureVerificationError, UnicodeDecodeError) as error:
        raise Forged from error


def _since(params: Seen) -> Seen:
    since = params.pop("since", None)
    return {**params, "created": {"gte": since}} if since else params
