"""`stripe_check` and the page: what differs is said, what failed is tried again."""

from collections.abc import Callable
from datetime import date
from io import StringIO

import pytest
from django.conf import LazySettings, settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.bank import payments
from billing.documents import acts
from billing.models import Invoice, LedgerEvent, Payer, Payment, StripeEvent, StripeObject
from billing.states import StripeStatus
from billing.stripe.subscriptions import switch_subscriptions
from billing.stripe.tasks import catch_up
from tests.integration.mirror.conftest import Mirror
from tests.money import d
from tests.stripe_server import Failure


def check() -> list[str]:
    """The rules that `stripe_check` finds broken; none with exit code 0."""
    out = StringIO()
    try:
        call_command("stripe_check", stdout=out)
    except CommandError as error:
        if error.returncode != 1:
            raise
        return [line.split(":")[0] for line in out.getvalue().splitlines()]
    assert "agrees" in out.getvalue()
    return []


def sent(mirror: Mirror) -> Invoice:
    mirror.mark()
    bill = mirror.bill()
    mirror.run_jobs()
    return bill


def at(page: str, *args: object) -> str:
    return reverse(f"finance:{page}", urlconf=settings.PUBLIC_SCHEMA_URLCONF, args=args)


@pytest.fixture
def officer(mirror: Mirror, client_of: Callable[..., Client]) -> Client:
    client = client_of(None)
    client.force_login(mirror.money.officer())
    return client


def test_a_whole_life_agrees_at_every_step(mirror: Mirror) -> None:
    assert check() == []
    bill = sent(mirror)
    assert check() == []
    mirror.stripe.books.paid_by_customer(mirror.row(bill).stripe_id)
    for event in mirror.events():
        mirror.deliver(event)
    mirror.run_jobs()
    assert check() == []
    mirror.wait(days=30)
    june = mirror.bill(date(2026, 6, 1))
    mirror.run_jobs()
    acts.void(by=mirror.money.by, invoice=june, reason="Помилка")
    mirror.run_jobs()
    new = mirror.money.agreement(mirror.account)
    on = date(2026, 9, 1)
    switch_subscriptions(
        by=mirror.money.by, account=mirror.account, old=mirror.agreement, new=new, on=on
    )
    mirror.run_jobs()
    assert check() == []


def test_money_at_stripe_that_nobody_told_us_of(mirror: Mirror) -> None:
    bill = sent(mirror)
    mirror.stripe.books.paid_by_customer(mirror.row(bill).stripe_id)
    assert check() == ["state", "payment"]


def test_changes_made_at_stripe_by_hand(mirror: Mirror) -> None:
    bill = sent(mirror)
    key = mirror.row(bill).stripe_id
    mirror.stripe.books.act("invoices", key, "void", {})
    (subscription,) = mirror.stripe.made("subscriptions")
    mirror.stripe.books.act("subscriptions", subscription["id"], "delete", {})
    assert check() == ["state", "subscription"]
    copy = {**mirror.stripe.books.get("invoices", key), "id": "in_copy", "status": "open"}
    mirror.stripe.books.rows["invoices"]["in_copy"] = copy
    mirror.stripe.books.rows["invoices"]["in_alien"] = {**copy, "id": "in_alien", "metadata": {}}
    assert set(check()) == {"twice", "state", "unknown", "subscription"}


def test_another_sum_at_stripe(mirror: Mirror) -> None:
    bill = sent(mirror)
    mirror.stripe.books.get("invoices", mirror.row(bill).stripe_id)["total"] += 1
    assert check() == ["sum"]


def test_a_bill_that_became_open_again_differs(mirror: Mirror) -> None:
    bill = sent(mirror)
    payment = payments.enter(
        by=mirror.money.by, payer=bill.payer, received_on=mirror.now.date(), amount=d("18500.50")
    )
    match = payments.match(by=mirror.money.by, payment=payment, invoice=bill, amount=d("18500.50"))
    mirror.run_jobs()
    assert check() == []
    payments.unmatch(by=mirror.money.by, match=match, reason="Чуже")
    mirror.run_jobs()
    assert check() == ["state"]
    assert Payment.objects.count() == 1


def test_an_intent_and_an_event_that_have_stuck(mirror: Mirror) -> None:
    sent(mirror)
    StripeObject.objects.filter(kind="invoice").update(status=StripeStatus.WAITING)
    assert check() == [], "a young one has its job still"
    mirror.deliver(mirror.events("invoice.sent")[0])
    mirror.wait(hours=2)
    assert check() == ["unfinished", "event"]
    mirror.run_jobs()
    assert check() == []


def test_a_bill_without_an_intent(mirror: Mirror) -> None:
    sent(mirror)
    StripeObject.objects.filter(kind="invoice").delete()
    assert check() == ["not mirrored", "unknown"]
    catch_up(timestamp=0)
    mirror.run_jobs()
    assert check() == []
    assert mirror.statuses() == ["open"], "what was there is found again"


def test_no_answer_is_no_agreement(mirror: Mirror) -> None:
    mirror.stripe.fail("GET /v1/invoices", Failure.DOWN)
    with pytest.raises(CommandError, match="did not answer") as told:
        call_command("stripe_check")
    assert told.value.returncode == 2


def test_the_page_shows_what_failed_and_tries_it_again(mirror: Mirror, officer: Client) -> None:
    mirror.mark()
    Payer.objects.filter(pk=mirror.payer.pk).update(contact_email="")
    bill = mirror.bill()
    mirror.run_jobs()
    page = officer.get(at("stripe")).content.decode()
    assert "Missing email." in page
    assert at("invoice", bill.pk) in page
    (customer,) = mirror.stripe.made("customers")
    customer["email"] = "fund@example.org"
    assert officer.post(at("stripe_again")).status_code == 302
    mirror.run_jobs()
    assert mirror.statuses() == ["open"]
    assert LedgerEvent.objects.filter(action="stripe_again").exists()
    mirror.deliver(mirror.events("invoice.sent")[0])
    page = officer.get(at("stripe")).content.decode()
    assert "Missing email." not in page
    assert "invoice.sent" in page
    assert StripeEvent.objects.count() == 1


def test_the_page_asks_the_same_for_one_row_and_for_many(mirror: Mirror, officer: Client) -> None:
    mirror.mark()
    mirror.bill()
    with CaptureQueriesContext(
        connection,
    ) as one:
        officer.get(at("stripe"))
    for month in (6, 7, 8):
        mirror.wait(days=31)
        mirror.bill(date(2026, month, 1))
    with CaptureQueriesContext(connection) as many:
        officer.get(at("stripe"))
    assert len(one) == len(many)


def test_a_payer_begins_and_leaves_by_its_page(mirror: Mirror, officer: Client) -> None:
    here = at("payer", mirror.payer.pk)
    toggle = at("payer_stripe", mirror.payer.pk)
    assert toggle in officer.get(here).content.decode()
    officer.post(toggle)
    mirror.payer.refresh_from_db()
    assert mirror.payer.stripe_since == mirror.now
    officer.post(toggle)
    mirror.payer.refresh_from_db()
    assert mirror.payer.stripe_since is None


def test_a_payer_without_an_address_is_refused_in_a_sentence(
    mirror: Mirror, officer: Client
) -> None:
    Payer.objects.filter(pk=mirror.payer.pk).update(contact_email="")
    officer.post(at("payer_stripe", mirror.payer.pk))
    assert officer.get(at("payer", mirror.payer.pk)).content.decode().count("message--error") == 1
    assert not StripeObject.objects.exists()


def test_without_a_key_nothing_of_it_is_shown(
    mirror: Mirror, officer: Client, settings: LazySettings
) -> None:
    settings.STRIPE_API_KEY = ""
    for page in ("home", "payers"):
        assert "stripe" not in officer.get(at(page)).content.decode().lower()
    assert "stripe" not in officer.get(at("payer", mirror.payer.pk)).content.decode().lower()
    assert officer.get(at("stripe")).status_code == 404
    assert officer.post(at("stripe_again")).status_code == 404
    assert officer.post(at("payer_stripe", mirror.payer.pk)).status_code == 404
    with pytest.raises(CommandError, match="STRIPE_API_KEY"):
        call_command("stripe_check")
