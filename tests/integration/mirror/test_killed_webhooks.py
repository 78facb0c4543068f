"""Webhooks whose handling is killed at random statements: each payment once. `KILLS=200` soaks."""

import os
import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection

from bezpechne.kernel import clock
from billing.documents.run import run
from billing.models import Invoice, Payment, StripeEvent, StripeObject
from billing.spreading import months
from billing.states import StripeKind
from billing.stripe.driving import drive
from billing.stripe.payers import use_stripe
from tenants.models import City
from tests.integration.committed import DYING, killed, unblocked
from tests.integration.mirror.conftest import SECRET
from tests.money import Money, d
from tests.stripe_server import StripeServer, signed, stripe_server

pytestmark = pytest.mark.processes

NUMBER = int(os.environ.get("KILLS", "5"))
# The whole of receiving and handling takes some more: no kill comes too late to matter twice.
MOST_STATEMENTS = 45
LATER = datetime(2027, 1, 20, 9, tzinfo=UTC)
# Receives the event as the page does, then does every job about events that is open.
CODE = f"""{DYING}
from django.test import RequestFactory
from billing.models import StripeEvent
from billing.stripe import inbox, webhook
with dying():
    request = RequestFactory().post(
        "/stripe/webhook/",
        os.environ["BODY"].encode(),
        content_type="application/json",
        headers={{"stripe-signature": os.environ["SIGNATURE"]}},
    )
    sent = webhook.receive(request)
    assert sent.status_code == 200, sent.status_code
    for pk in StripeEvent.objects.filter(handled_at=None).values_list("pk", flat=True):
        inbox.handle(pk)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with unblocked(django_db_blocker):
        yield
        with connection.cursor() as cursor:
            cursor.execute(
                "TRUNCATE public.billing_city_account, public.billing_payer, public.billing_event,"
                " public.billing_stripe_event, public.procrastinate_jobs CASCADE"
            )


def bills(number: int) -> list[StripeObject]:
    """So many invoices, twelve at most, sent at Stripe; committed."""
    money = Money()
    account = money.account(City.objects.get(slug="poltava"))
    payer = money.payer(contact_email="fund@example.org")
    money.fund(money.agreement(account, payer, "18500.50"))
    use_stripe(by=money.by, payer=payer, uses=True)
    for month in months(date(2026, 1, 1), date(2026, number, 1)):
        run(by=money.by, account=account, month=month)
    rows = list(StripeObject.objects.filter(kind=StripeKind.INVOICE).order_by("pk"))
    for row in rows:
        drive(row.pk)
        row.refresh_from_db()
    return rows


def check() -> None:
    """No money twice, none lost between its payment and its match."""
    for invoice in Invoice.objects.filter(stripe_objects__isnull=False):
        found = list(Payment.objects.filter(matches__invoice=invoice))
        assert len(found) <= 1
        assert invoice.matched == (found[0].amount if found else 0)
    keys = list(Payment.objects.values_list("source_key", flat=True))
    assert len(keys) == len(set(keys))
    assert all(payment.free_amount == 0 for payment in Payment.objects.all())


def events_of(stripe: StripeServer, row: StripeObject, kind: str) -> list[dict[str, Any]]:
    return [
        event
        for event in stripe.books.things("events")
        if event["type"].startswith(kind) and event["data"]["object"]["id"] == row.stripe_id
    ]


def deliver(event: dict[str, Any], kill_after: int, stripe: StripeServer) -> None:
    body, signature = signed(event, SECRET)
    killed(
        CODE,
        KILL_AFTER=str(kill_after),
        BODY=body.decode(),
        SIGNATURE=signature,
        STRIPE_API_KEY="sk_test_tests",
        STRIPE_API_BASE=stripe.base,
        STRIPE_WEBHOOK_SECRET=SECRET,
    )


def test_each_payment_is_booked_exactly_once_whenever_it_was_killed(
    committed: None, use_server: Callable[[StripeServer], None]
) -> None:
    chance = random.Random(int(os.environ.get("SEED", "0")))  # noqa: S311 - for tests
    with clock.frozen(LATER), stripe_server(LATER) as stripe:
        use_server(stripe)
        # Each invoice is paid, then told of in any order, again and again, by processes that die.
        each = max(-(-NUMBER // 12), 5)
        rows = bills(-(-NUMBER // each))
        for row in rows:
            stripe.books.paid_by_customer(row.stripe_id)
            for _kill in range(each):
                event = chance.choice(events_of(stripe, row, "invoice."))
                deliver(event, chance.randint(1, MOST_STATEMENTS), stripe)
                check()
            (paid,) = events_of(stripe, row, "invoice.paid")
            deliver(paid, 0, stripe)
        check()
        assert Payment.objects.count() == len(rows)
        assert set(Payment.objects.values_list("amount", flat=True)) == {d("18500.50")}
        assert not StripeEvent.objects.filter(handled_at=None).exists()
