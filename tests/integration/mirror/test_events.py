"""What Stripe tells us, and what others pretend it told."""

import json
import time
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection

from billing.documents import acts
from billing.models import Invoice, Payment, StripeEvent, StripeObject
from billing.stripe import inbox
from tests.integration.mirror.conftest import SECRET, Mirror
from tests.money import d
from tests.stripe_server import Failure, signed
from tests.stripe_server.webhooks import signature_of


def paid(mirror: Mirror) -> Invoice:
    """Sent, then paid on Stripe's page; we were told nothing yet."""
    mirror.mark()
    bill = mirror.bill()
    mirror.run_jobs()
    mirror.stripe.books.paid_by_customer(mirror.row(bill).stripe_id)
    return bill


def last(mirror: Mirror) -> dict[str, Any]:
    (event,) = mirror.events("invoice.paid")
    return event


@pytest.mark.parametrize(
    ("body", "signature", "status"),
    [
        (b"{}", "", 400),
        (b"{}", "t=1,v1=00", 400),
        (b"{}", "nonsense", 400),
        (b"\xff\xfe", "t=1,v1=00", 400),
        (b"x" * (256 * 1024 + 1), "", 413),
    ],
)
def test_what_stripe_did_not_sign_is_refused(
    mirror: Mirror, body: bytes, signature: str, status: int
) -> None:
    assert mirror.post(body, signature) == status
    assert not StripeEvent.objects.exists()


@pytest.mark.parametrize("text", ["[]", "{}", "null", "nonsense", '{"type": 1}'])
def test_a_signed_message_that_is_no_event_is_refused(mirror: Mirror, text: str) -> None:
    body = text.encode()
    assert mirror.post(body, signature_of(body, SECRET)) == 400


def test_another_key_and_another_body_and_another_day_are_refused(mirror: Mirror) -> None:
    paid(mirror)
    event = last(mirror)
    assert mirror.deliver(event, secret="whsec_other") == 400
    assert mirror.deliver(event, body=json.dumps(event | {"type": "invoice.void"}).encode()) == 400
    assert mirror.deliver(event, at=time.time() - 301) == 400
    mirror.run_jobs()
    assert not StripeEvent.objects.exists()
    assert not Payment.objects.exists()


def test_a_replay_is_harmless(mirror: Mirror) -> None:
    paid(mirror)
    message = signed(last(mirror), SECRET)
    assert [mirror.post(*message) for _again in range(3)] == [200, 200, 200]
    assert StripeEvent.objects.count() == 1
    mirror.run_jobs()
    assert mirror.post(*message) == 200
    assert mirror.run_jobs() == 0
    assert Payment.objects.count() == 1


def test_the_order_of_events_does_not_matter(mirror: Mirror) -> None:
    bill = paid(mirror)
    events = mirror.events()
    for event in reversed(events):
        assert mirror.deliver(event) == 200
        mirror.run_jobs()
    bill.refresh_from_db()
    assert bill.open_amount == 0
    assert Payment.objects.get().matched == d("18500.50")
    assert not StripeEvent.objects.filter(handled_at=None).exists()


def test_an_event_that_comes_after_weeks_finds_things_as_they_are_now(mirror: Mirror) -> None:
    mirror.mark()
    bill = mirror.bill()
    mirror.run_jobs()
    (old,) = mirror.events("invoice.finalized")
    acts.void(by=mirror.money.by, invoice=bill, reason="Помилка")
    mirror.run_jobs()
    mirror.wait(days=20)
    mirror.deliver(old)
    mirror.run_jobs()
    assert mirror.row(bill).state == "void"


def test_the_answer_does_not_wait_for_stripe(mirror: Mirror) -> None:
    paid(mirror)
    calls = len(mirror.stripe.seen)
    assert mirror.deliver(last(mirror)) == 200
    assert len(mirror.stripe.seen) == calls
    mirror.stripe.fail("GET /v1/invoices/*", Failure.DOWN)
    mirror.run_jobs()
    assert StripeEvent.objects.get().handled_at is None
    mirror.wait(hours=1)
    mirror.run_jobs()
    assert StripeEvent.objects.get().handled_at == mirror.now
    assert Payment.objects.count() == 1


def test_what_is_not_ours_is_passed_over(mirror: Mirror) -> None:
    event = {
        "id": "evt_x",
        "type": "invoice.paid",
        "created": 1,
        "data": {"object": {"id": "in_other"}},
    }
    assert mirror.deliver(event) == 200
    assert mirror.deliver(event | {"id": "evt_y", "type": "charge.succeeded"}) == 200
    mirror.run_jobs()
    assert [row.event_id for row in StripeEvent.objects.all()] == ["evt_x"]
    assert not Payment.objects.exists()


def test_the_nightly_catch_up_finds_what_no_webhook_brought(mirror: Mirror) -> None:
    bill = paid(mirror)
    mirror.wait(days=5)
    assert inbox.catch_up() > 0
    mirror.run_jobs()
    bill.refresh_from_db()
    assert bill.open_amount == 0
    assert inbox.catch_up() == 0
    assert not StripeEvent.objects.filter(handled_at=None).exists()


def test_a_silence_of_months_is_made_up_for(mirror: Mirror) -> None:
    bill = paid(mirror)
    mirror.wait(days=60)
    assert inbox.catch_up() == 0, "Stripe lists events of one month"
    mirror.run_jobs()
    bill.refresh_from_db()
    assert bill.open_amount == 0


def test_the_catch_up_takes_up_lost_jobs(mirror: Mirror) -> None:
    mirror.mark()
    bill = mirror.bill()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM public.procrastinate_jobs")
    mirror.wait(hours=2)
    inbox.catch_up()
    mirror.run_jobs()
    assert mirror.row(bill).state == "open"


def test_money_for_a_bill_that_was_paid_meanwhile_waits_for_a_person(mirror: Mirror) -> None:
    """Taken back here while the payer was paying there."""
    mirror.mark()
    bill = mirror.bill()
    mirror.run_jobs()
    row = mirror.row(bill)
    mirror.stripe.books.paid_by_customer(row.stripe_id)
    acts.void(by=mirror.money.by, invoice=bill, reason="Помилка")
    mirror.run_jobs()
    row.refresh_from_db()
    assert row.status == "failed"
    assert Payment.objects.get().free_amount == d("18500.50")


def test_a_mark_of_payment_made_at_stripe_books_nothing(mirror: Mirror) -> None:
    """Somebody pressed «paid out of band» there: the bank's statement will tell."""
    mirror.mark()
    bill = mirror.bill()
    mirror.run_jobs()
    key = mirror.row(bill).stripe_id
    mirror.stripe.books.act("invoices", key, "pay", {"paid_out_of_band": "true"})
    mirror.deliver(last(mirror))
    mirror.run_jobs()
    assert not Payment.objects.exists()
    assert mirror.row(bill).state == "paid"


def test_without_a_key_nobody_is_at_home(mirror: Mirror, settings: LazySettings) -> None:
    paid(mirror)
    message = signed(last(mirror), SECRET)
    settings.STRIPE_API_KEY = ""
    assert mirror.post(*message) == 404
    settings.STRIPE_API_KEY, settings.STRIPE_WEBHOOK_SECRET = "sk_test_tests", ""
    assert mirror.post(*message) == 404
    assert StripeObject.objects.exists()
