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


def api() -> Any:
    """The library's services for this installation's account."""
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


def once(key: str) -> dict[str, str]:
    """Options of a call that must not happen twice."""
    return {"idempotency_key": key}


def call(method: Any, *args: Any, **kwargs: Any) -> Seen:
    """One call and its answer as plain values. Raises StripeFailed."""
    with _faults():
        found: Seen = method(*args, **kwargs).to_dict()
    return found


def rows(service: Any, params: Seen) -> Iterator[Seen]:
    """A list, page after page. Raises StripeFailed, perhaps in the middle."""
    with _faults():
        for row in service.list({"limit": PAGE, **params}).auto_paging_iter():
            yield row.to_dict()


def since_of(params: Seen) -> Seen:
    """`since` as Stripe's filter of lists."""
    since = params.pop("since", None)
    return {**params, "created": {"gte": since}} if since else params


# --- Who pays, for what ---------------------------------------------------------------------------


def create_customer(key: str, *, name: str, email: str, metadata: Seen) -> Seen:
    """A payer."""
    params = {
        "name": name,
        "email": email,
        "metadata": metadata,
    }
    return call(api().customers.create, params, options=once(key))


def customers(since: int) -> Iterator[Seen]:
    return rows(api().customers, {"created": {"gte": since}})


def create_product(key: str, *, own_id: str, name: str, metadata: Seen) -> Seen:
    """Its id is ours to choose, so it cannot be there twice."""
    params = {"id": own_id, "name": name, "metadata": metadata}
    return call(api().products.create, params, options=once(key))


def product(own_id: str) -> Seen | None:
    """None when there is none."""
    try:
        return call(api().products.retrieve, own_id)
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
    return call(api().prices.create, params, options=once(key))


def prices(lookup: str) -> Iterator[Seen]:
    return rows(api().prices, {"lookup_keys": [lookup]})


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
    return call(api().invoices.create, params, options=once(key))


def invoice(stripe_id: str) -> Seen:
    """With what was paid past Stripe, which comes only when it is asked for."""
    expand = {"expand": ["amount_paid_off_stripe"]}
    return call(api().invoices.retrieve, stripe_id, expand)


def invoices(**params: Any) -> Iterator[Seen]:
    """By customer and `since`, or all of them; with what was paid past Stripe."""
    return rows(api().invoices, {"expand": ["data.amount_paid_off_stripe"], **since_of(params)})


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
    return call(api().invoice_items.create, params, options=once(key))


def items(invoice_id: str) -> Iterator[Seen]:
    return rows(api().invoice_items, {"invoice": invoice_id})


def finalize(key: str, stripe_id: str) -> Seen:
    """From now on it has a number and is not edited any more."""
    params = {"auto_advance": False}
    return call(api().invoices.finalize_invoice, stripe_id, params, options=once(key))


def send(key: str, stripe_id: str) -> Seen:
    """Stripe mails it to the payer."""
    return call(api().invoices.send_invoice, stripe_id, options=once(key))


def pay_out_of_band(key: str, stripe_id: str) -> Seen:
    """The money came by bank: Stripe asks for none."""
    params = {"paid_out_of_band": True}
    return call(api().invoices.pay, stripe_id, params, options=once(key))


def void(key: str, stripe_id: str) -> Seen:
    return call(api().invoices.void_invoice, stripe_id, options=once(key))


def delete_draft(key: str, stripe_id: str) -> Seen:
    return call(api().invoices.delete, stripe_id, options=once(key))


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
    return call(api().credit_notes.create, params, options=once(key))


def credit_notes(invoice_id: str) -> Iterator[Seen]:
    return rows(api().credit_notes, {"invoice": invoice_id})


# --- Events ---------------------------------------------------------------------------------------


def events(since: int) -> Iterator[Seen]:
    """All that Stripe keeps: 30 days, newest first."""
    return rows(api().events, {"created": {"gte": since}})


def check_signature(body: bytes, signature: str) -> None:
    """Raises Forged unless Stripe signed these bytes within the last five minutes."""
    import stripe  # noqa: PLC0415 - as above

    secret = settings.STRIPE_WEBHOOK_SECRET
    tolerance = stripe.Webhook.DEFAULT_TOLERANCE
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, tolerance)
    except (stripe.SignatureVerificationError, UnicodeDecodeError) as error:
        raise Forged from error
