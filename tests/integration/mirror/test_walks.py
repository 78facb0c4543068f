"""Any order of work and failures: in the end both sides agree, and no money is there twice."""

from datetime import date
from random import Random
from typing import Any

import pytest

from billing.bank import payments
from billing.documents import acts
from billing.models import Invoice, Payment
from billing.states import InvoiceState, PaymentSource
from billing.stripe import inbox
from billing.stripe.checks import differences
from billing.stripe.payers import follow
from tests.integration.mirror.conftest import Mirror
from tests.stripe_server import Failure

CALLS = (
    "POST /v1/customers",
    "POST /v1/invoices",
    "POST /v1/invoices/*",
    "GET /v1/invoices/*",
    "POST /v1/invoiceitems",
    "POST /v1/subscriptions",
    "GET /v1/customers",
)
# Without a wait: a slow answer costs the test real time.
FAILURES = (Failure.BROKEN, Failure.CUT, Failure.DOWN, Failure.BUSY)


class Walk:
    """One step after another, chosen by chance."""

    def __init__(self, mirror: Mirror, seed: int) -> None:
        self.mirror = mirror
        self.chance = Random(seed)  # noqa: S311 - a walk, no secret
        self.month = 5
        self.paid_there: set[str] = set()

    def open_bills(self) -> list[Invoice]:
        rows = Invoice.objects.filter(state=InvoiceState.ISSUED).select_related("payer")
        return [bill for bill in rows.order_by("pk") if bill.open_amount]

    def step(self) -> None:
        self.chance.choice(
            [self.bill, self.pay_here, self.pay_there, self.void, self.break_, self.hear, self.wait]
        )()
        if self.chance.random() < 0.7:
            self.mirror.run_jobs()

    def bill(self) -> None:
        if self.month < 11:
            while self.mirror.now.date() <= date(2026, self.month + 1, 1):
                self.mirror.wait(days=5)
            self.mirror.bill(date(2026, self.month, 1))
            self.month += 1

    def pay_here(self) -> None:
        for bill in self.open_bills()[:1]:
            day, by = self.mirror.now.date(), self.mirror.money.by
            payment = payments.enter(
                by=by, payer=bill.payer, received_on=day, amount=bill.open_amount
            )
            payments.match(by=by, payment=payment, invoice=bill, amount=bill.open_amount)

    def pay_there(self) -> None:
        wanted = {self.mirror.row(bill).stripe_id for bill in self.open_bills()}
        for row in self.mirror.stripe.made("invoices"):
            if row["status"] == "open" and row["id"] in wanted:
                self.mirror.stripe.books.paid_by_customer(row["id"])
                self.paid_there.add(row["id"])
                return

    def void(self) -> None:
        for bill in self.open_bills():
            if self.mirror.row(bill).stripe_id not in self.paid_there:
                acts.void(by=self.mirror.money.by, invoice=bill, reason="Помилка")
                return

    def break_(self) -> None:
        times = self.chance.randint(1, 3)
        self.mirror.stripe.fail(self.chance.choice(CALLS), self.chance.choice(FAILURES), times)

    def hear(self) -> None:
        """Some of all messages so far, in any order, some twice."""
        events = self.mirror.events()
        for event in self.chance.choices(events, k=min(4, len(events))):
            assert self.mirror.deliver(event) == 200

    def wait(self) -> None:
        self.mirror.wait(hours=self.chance.choice([0.1, 3, 30]))


@pytest.mark.parametrize("seed", range(12))
def test_both_sides_agree_in_the_end(mirror: Mirror, seed: int) -> None:
    mirror.mark()
    walk = Walk(mirror, seed)
    for _step in range(40):
        walk.step()
    mirror.stripe.mend()
    mirror.settle()
    mirror.wait(hours=2)
    follow(by=mirror.money.by)
    inbox.catch_up()
    mirror.settle()
    assert [f"{found.what}: {found.text}" for found in differences()] == []
    by_stripe = Payment.objects.filter(source=PaymentSource.STRIPE)
    assert {row.reference for row in by_stripe} == walk.paid_there
    assert by_stripe.count() == len(walk.paid_there)
    assert len(mirror.stripe.made("customers")) == len(mirror.stripe.made("subscriptions")) == 1
    assert _once(mirror.stripe.books.mailed)
    assert _once([row["metadata"]["bez_key"] for row in mirror.stripe.made("invoices")])
    assert sum(row["total"] for row in _alive(mirror)) == sum(
        int(bill.amount * 100) for bill in Invoice.objects.filter(state=InvoiceState.ISSUED)
    )


def _alive(mirror: Mirror) -> list[dict[str, Any]]:
    return [row for row in mirror.stripe.made("invoices") if row["status"] != "void"]


def _once(keys: list[str]) -> bool:
    return len(keys) == len(set(keys))
