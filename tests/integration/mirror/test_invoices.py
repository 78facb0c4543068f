"""An invoice of the ledger is at Stripe once, whatever happens on the way."""

import pytest

from billing.bank import payments
from billing.documents import acts
from billing.models import Invoice, Payer, Payment, StripeObject
from billing.states import PaymentSource, StripeGoal, StripeStatus
from tests.integration.mirror.conftest import Mirror
from tests.money import d
from tests.stripe_server import Failure

WHOLE = 1_850_050


def pay(mirror: Mirror, bill: Invoice, amount: str = "18500.50") -> Payment:
    """By bank, whole."""
    payment = payments.enter(
        by=mirror.money.by, payer=bill.payer, received_on=mirror.now.date(), amount=d(amount)
    )
    payments.match(by=mirror.money.by, payment=payment, invoice=bill, amount=d(amount))
    return payment


def test_an_invoice_is_made_finalized_and_sent(mirror: Mirror) -> None:
    mirror.mark()
    bill = mirror.bill()
    row = mirror.row(bill)
    assert row.key == (
        f"bez:local:invoice:{mirror.account.katottg}:{bill.payer_id}:2026-05.{bill.pk}"
    )
    mirror.run_jobs()
    (made,) = mirror.stripe.made("invoices")
    assert (made["status"], made["total"], made["auto_advance"]) == ("open", WHOLE, "false")
    assert mirror.stripe.books.mailed == [made["id"]]
    row.refresh_from_db()
    assert (row.status, row.state, row.error) == (StripeStatus.DONE, "open", "")
    (item,) = mirror.stripe.made("invoiceitems")
    assert item["description"].startswith("Травень 2026: ")
    assert made["metadata"]["city_katottg"] == mirror.account.katottg
    assert {field["value"] for field in made["custom_fields"]} >= {bill.label, "Полтава"}


def test_a_payer_that_does_not_use_stripe_leaves_no_trace(mirror: Mirror) -> None:
    mirror.bill()
    mirror.run_jobs()
    assert not StripeObject.objects.exists()
    assert mirror.stripe.seen == []


CALLS = [
    "POST /v1/customers",
    "POST /v1/invoices",
    "POST /v1/invoiceitems",
    "POST /v1/invoices/*",
]


@pytest.mark.parametrize("failure", [*Failure])
@pytest.mark.parametrize("call", CALLS)
def test_nothing_is_doubled_by_failures(mirror: Mirror, call: str, failure: Failure) -> None:
    """At each call: broken, cut after the effect, not reached, too slow, busy; twice in a row."""
    mirror.mark()
    mirror.bill()
    mirror.stripe.fail(call, failure, times=2)
    mirror.settle()
    assert mirror.statuses() == ["open"]
    assert [row["total"] for row in mirror.stripe.made("invoices")] == [WHOLE]
    assert len(mirror.stripe.made("customers")) == len(mirror.stripe.made("invoiceitems")) == 1
    assert len(mirror.stripe.books.mailed) == 1


def test_a_customer_is_not_doubled_after_the_keys_are_forgotten(mirror: Mirror) -> None:
    mirror.mark(mirror.money.payer(contact_email="second@example.org"))
    mirror.stripe.fail("POST /v1/customers", Failure.CUT)
    mirror.run_jobs()
    assert StripeObject.objects.get().status == StripeStatus.WAITING
    mirror.wait(days=2)
    mirror.run_jobs()
    assert StripeObject.objects.get().status == StripeStatus.DONE
    assert len(mirror.stripe.made("customers")) == 1


@pytest.mark.parametrize("call", CALLS[1:3])
def test_nothing_is_doubled_after_the_keys_are_forgotten(mirror: Mirror, call: str) -> None:
    """The call had its effect, the answer was cut, and the next try comes two days later."""
    mirror.mark()
    mirror.bill()
    mirror.stripe.fail(call, Failure.CUT)
    mirror.run_jobs()
    assert StripeObject.objects.filter(status=StripeStatus.WAITING, attempts__gt=0).exists()
    mirror.wait(days=2)
    assert mirror.stripe.keys == {}
    mirror.run_jobs()
    assert mirror.statuses() == ["open"]
    assert len(mirror.stripe.made("customers")) == len(mirror.stripe.made("invoiceitems")) == 1


def test_money_by_bank_settles_the_invoice_past_stripe(mirror: Mirror) -> None:
    mirror.mark()
    bill = mirror.bill()
    mirror.run_jobs()
    pay(mirror, bill)
    mirror.stripe.fail("POST /v1/invoices/*", Failure.CUT)
    mirror.settle()
    (made,) = mirror.stripe.made("invoices")
    assert (made["status"], made["amount_paid_off_stripe"]) == ("paid", WHOLE)
    assert Payment.objects.count() == 1, "and nothing came by Stripe"


def test_a_part_by_bank_leaves_the_invoice_open(mirror: Mirror) -> None:
    mirror.mark()
    bill = mirror.bill()
    pay(mirror, bill, "100.00")
    mirror.run_jobs()
    assert mirror.statuses() == ["open"]
    assert mirror.row(bill).goal == StripeGoal.SENT


def test_a_void_invoice_is_void_there_too(mirror: Mirror) -> None:
    mirror.mark()
    bill = mirror.bill()
    mirror.run_jobs()
    acts.void(by=mirror.money.by, invoice=bill, reason="Помилка")
    mirror.stripe.fail("POST /v1/invoices/*", Failure.CUT)
    mirror.settle()
    assert mirror.statuses() == ["void"]


def test_a_void_before_the_first_call_makes_nothing(mirror: Mirror) -> None:
    mirror.mark()
    acts.void(by=mirror.money.by, invoice=mirror.bill(), reason="Помилка")
    mirror.run_jobs()
    assert mirror.statuses() == []


def test_a_void_after_a_cut_call_takes_back_what_it_left(mirror: Mirror) -> None:
    mirror.mark()
    bill = mirror.bill()
    mirror.stripe.fail("POST /v1/invoices", Failure.CUT)
    mirror.run_jobs()
    assert mirror.statuses() == ["draft"]
    acts.void(by=mirror.money.by, invoice=bill, reason="Помилка")
    mirror.wait(days=2)
    mirror.run_jobs()
    assert mirror.statuses() == []
    assert mirror.row(bill).status == StripeStatus.DONE


def test_one_that_was_paid_past_stripe_gets_a_credit_note(mirror: Mirror) -> None:
    mirror.mark()
    bill = mirror.bill()
    payment = pay(mirror, bill)
    mirror.run_jobs()
    payments.unmatch(by=mirror.money.by, match=payment.matches.get(), reason="Чуже")
    acts.void(by=mirror.money.by, invoice=bill, reason="Помилка")
    mirror.stripe.fail("POST /v1/credit_notes", Failure.CUT)
    mirror.settle()
    (note,) = mirror.stripe.made("credit_notes")
    assert (note["amount"], note["out_of_band_amount"]) == (str(WHOLE), str(WHOLE))


def test_what_stripe_refuses_waits_for_a_person(mirror: Mirror) -> None:
    mirror.mark()
    Payer.objects.filter(pk=mirror.payer.pk).update(contact_email="")
    bill = mirror.bill()
    mirror.run_jobs()
    row = mirror.row(bill)
    assert (row.status, row.error) == (StripeStatus.FAILED, "Missing email.")
    assert mirror.run_jobs() == 0


def test_stripe_down_for_two_days_loses_nothing(mirror: Mirror) -> None:
    mirror.mark()
    bill = mirror.bill()
    for _hour in range(48):
        mirror.stripe.fail("GET /v1/customers", Failure.DOWN, times=9)
        mirror.run_jobs()
        mirror.wait(hours=1)
    row = mirror.row(bill)
    assert row.status == StripeStatus.WAITING
    assert row.error
    mirror.stripe.mend()
    mirror.settle()
    assert mirror.statuses() == ["open"]


def test_money_by_stripe_is_one_payment(mirror: Mirror) -> None:
    mirror.mark()
    bill = mirror.bill()
    mirror.run_jobs()
    mirror.stripe.books.paid_by_customer(mirror.row(bill).stripe_id)
    for event in [*mirror.events("invoice."), *reversed(mirror.events("invoice."))]:
        assert mirror.deliver(event) == 200
    mirror.run_jobs()
    payment = Payment.objects.get()
    assert (payment.source, payment.amount) == (PaymentSource.STRIPE, d("18500.50"))
    assert payment.source_key == f"stripe:{mirror.row(bill).stripe_id}"
    bill.refresh_from_db()
    assert bill.open_amount == 0
    assert mirror.row(bill).goal == StripeGoal.PAID
