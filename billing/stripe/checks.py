"""Where the ledger and Stripe differ: everything of both, a few lists each, nothing is changed."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from bezpechne.kernel import clock
from billing import stripe_gateway as gateway
from billing.models import FundingPeriod, Invoice, Payment, StripeEvent, StripeObject
from billing.states import InvoiceState, StripeKind, StripeStatus
from billing.stripe import subscription_calls as calls
from billing.stripe.booking import paid_by_stripe, source_key
from billing.stripe.intents import KEY, midnight
from billing.stripe.objects import kopiykas
from billing.stripe.receivers import unmirrored
from billing.stripe_gateway import Seen

# What waits longer has stuck.
PATIENCE = timedelta(hours=1)
_GONE = {"void", "draft"}


@dataclass(frozen=True)
class Difference:
    """`what` names the rule; `text` the rows by their keys, never a person."""

    what: str
    text: str


def differences() -> Iterator[Difference]:
    """All of them. Raises StripeFailed when Stripe does not answer."""
    yield from _unfinished()
    yield from _not_wanted()
    yield from _invoices()
    yield from _subscriptions()


def _unfinished() -> Iterator[Difference]:
    old = clock.now() - PATIENCE
    for row in StripeObject.objects.exclude(status=StripeStatus.DONE).order_by("pk"):
        if row.status == StripeStatus.FAILED or row.created_at < old:
            yield Difference("unfinished", f"{row.key}: {row.status}, {row.error or 'no error'}")
    for event in StripeEvent.objects.filter(handled_at=None, received_at__lt=old).order_by("pk"):
        yield Difference("event", f"{event.event_id}: {event.type} is not handled")


def _not_wanted() -> Iterator[Difference]:
    for bill in unmirrored():
        yield Difference("not mirrored", f"invoice {bill.pk}")


def _by_key(listed: Iterator[Seen]) -> tuple[dict[str, Seen], Iterator[Difference]]:
    """Objects by our key, and those that are there twice."""
    found: dict[str, Seen] = {}
    times: Counter[str] = Counter()
    for seen in listed:
        key = (seen.get("metadata") or {}).get(KEY) or seen["id"]
        times[key] += 1
        found[key] = seen
    twice = (Difference("twice", f"{key}: {n} objects") for key, n in times.items() if n > 1)
    return found, twice


def _invoices() -> Iterator[Difference]:
    listed, twice = _by_key(gateway.invoices())
    yield from twice
    rows = StripeObject.objects.filter(kind=StripeKind.INVOICE).select_related("invoice")
    paid = set(Payment.objects.filter(source="stripe").values_list("source_key", flat=True))
    for row in rows.order_by("pk"):
        seen = listed.pop(row.key, None)
        bill = row.invoice
        if bill is None or row.status != StripeStatus.DONE:
            continue
        if seen is None:
            if bill.state == InvoiceState.ISSUED:
                yield Difference("missing", f"invoice {bill.pk}: nothing at Stripe")
            continue
        yield from _invoice(bill, seen, paid)
    for seen in listed.values():
        # Stripe's own empty bill of a subscription is none.
        if seen["total"] and seen["status"] not in _GONE:
            yield Difference("unknown", f"{seen['id']}: {seen['total']}, not in the ledger")


def _invoice(bill: Invoice, seen: Seen, paid: set[str | None]) -> Iterator[Difference]:
    told = f"invoice {bill.pk}, {seen['id']}"
    if seen["total"] != kopiykas(bill.amount):
        yield Difference("sum", f"{told}: {kopiykas(bill.amount)} here, {seen['total']} there")
    wanted = _state_of(bill)
    status = seen["status"]
    is_credited = wanted == "void" and status == "paid"
    if status != wanted and not is_credited:
        yield Difference("state", f"{told}: {wanted} here, {status} there")
    if status == "paid" and paid_by_stripe(seen) and source_key(seen["id"]) not in paid:
        yield Difference("payment", f"{told}: paid at Stripe, no payment here")


def _state_of(bill: Invoice) -> str:
    if bill.state == InvoiceState.VOID:
        return "void"
    return "open" if bill.open_amount else "paid"


def _subscriptions() -> Iterator[Difference]:
    """Each runs as long as it has to, and nobody else's runs for a city."""
    listed, twice = _by_key(calls.subscriptions())
    yield from twice
    now = clock.now().timestamp()
    running: dict[str, list[Seen]] = defaultdict(list)
    for seen in listed.values():
        city = (seen.get("metadata") or {}).get("city_katottg")
        if city and seen["status"] != "canceled":
            running[city].append(seen)
    kinds = (StripeKind.SUBSCRIPTION, StripeKind.SCHEDULE)
    for row in StripeObject.objects.filter(kind__in=kinds, status=StripeStatus.DONE).order_by("pk"):
        begins, ends = (midnight(day) for day in row.term)
        found = listed.get(row.key)
        if found is None:
            if begins + PATIENCE.total_seconds() < now < ends:
                yield Difference("missing", f"{row.key}: no subscription at Stripe")
        elif found["status"] == "canceled":
            if now < ends:
                yield Difference("subscription", f"{row.key}: ended at Stripe before its day")
        elif found["cancel_at"] != ends:
            yield Difference("subscription", f"{row.key}: another last day at Stripe")
    for city, rows in running.items():
        if len({row["customer"] for row in rows}) > 1 and not _shared(city):
            yield Difference("payers", f"{city}: {len(rows)} subscriptions run at once")


def _shared(katottg: str) -> bool:
    """Two payers may share the days of a city."""
    rows = FundingPeriod.objects.filter(
        account__katottg=katottg, days__contains=clock.today(), shares__percent__lt=100
    )
    return rows.exists()
