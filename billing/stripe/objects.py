"""Makes an object at Stripe once: known, else found by its key, else made."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal

from django.db.models import F

from bezpechne.kernel import clock
from billing import stripe_gateway as gateway
from billing.models import Payer, StripeObject
from billing.states import StripeKind
from billing.stripe.intents import KEY, key_of, metadata_of, own
from billing.stripe_gateway import Fault, Seen, StripeFailed

PRODUCT_NAME = "Робота модератора"
# Clocks of two machines differ; what we made is never older than the row that wanted it.
SKEW = timedelta(days=1)


def kopiykas(amount: Decimal) -> int:
    return int(amount * 100)


def made_since(row: StripeObject) -> int:
    """From which moment on an object may have been made."""
    return int((row.created_at - SKEW).timestamp())


def by_key(row: StripeObject, rows: Iterator[Seen]) -> Seen | None:
    """The object whose metadata holds the row's key."""
    return next((seen for seen in rows if (seen.get("metadata") or {}).get(KEY) == row.key), None)


def once(row: StripeObject, step: str, call: Callable[[str], Seen]) -> Seen:
    """A call that Stripe does once. Raises StripeFailed.

    Under a key that only repeats an old error the next try would get the same: it takes a new one,
    after a look at what there is.
    """
    try:
        return call(row.call_key(step))
    except StripeFailed as failed:
        if failed.fault == Fault.USED_KEY:
            StripeObject.objects.filter(pk=row.pk).update(version=F("version") + 1)
        raise


def ensure(row: StripeObject, find: Callable[[], Seen | None], make: Callable[[str], Seen]) -> str:
    """The object's id at Stripe.

    Stripe forgets keys after a day, so what an earlier try may have left is looked for first, by
    lists: they are current, which the search of Stripe is not. Raises StripeFailed.
    """
    if row.stripe_id:
        return str(row.stripe_id)
    seen = find() or once(row, "make", make)
    row.stripe_id = seen["id"]
    StripeObject.objects.filter(pk=row.pk).update(stripe_id=row.stripe_id, seen_at=clock.now())
    return str(row.stripe_id)


def customer_row(payer: Payer) -> StripeObject:
    return own(StripeKind.CUSTOMER, key_of(StripeKind.CUSTOMER, payer=payer), payer=payer)


def customer_of(payer: Payer) -> str:
    """Stripe's customer of a payer: one, however many cities it pays for."""
    row = customer_row(payer)

    def make(key: str) -> Seen:
        return gateway.create_customer(
            key,
            name=payer.name,
            email=payer.contact_email,
            metadata=metadata_of(row),
        )

    return ensure(row, lambda: by_key(row, gateway.customers(made_since(row))), make)


def bring_customer(row: StripeObject) -> str:
    """Step of a payer's row."""
    customer_of(Payer.objects.get(stripe_objects=row))
    return "present"


def price_of(amount: Decimal) -> str:
    """The price of so much a month, and the product that it is a price of."""
    sum_ = kopiykas(amount)
    product = _product()
    key = key_of(StripeKind.PRICE, period=str(sum_))
    row = own(StripeKind.PRICE, key, amount=sum_)

    def make(call_key: str) -> Seen:
        return gateway.create_price(
            call_key, product_id=product, amount=sum_, lookup=key, metadata=metadata_of(row)
        )

    return ensure(row, lambda: next(gateway.prices(key), None), make)


def _product() -> str:
    row = own(StripeKind.PRODUCT, key_of(StripeKind.PRODUCT))
    own_id = row.key.rstrip(":-").replace(":", "_")

    def make(key: str) -> Seen:
        return gateway.create_product(
            key, own_id=own_id, name=PRODUCT_NAME, metadata=metadata_of(row)
        )

    return ensure(row, lambda: gateway.product(own_id), make)
