"""A city whose donor uses Stripe, and a Stripe."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from bezpechne.kernel import clock
from billing import stripe_gateway
from billing.documents.run import run
from billing.models import CityAccount, FundingAgreement, Invoice, Payer, StripeObject
from billing.states import StripeKind
from billing.stripe.payers import use_stripe
from tenants.models import City
from tests.money import Money
from tests.stripe_server import StripeServer, signed, stripe_server

JUNE_2 = datetime(2026, 6, 2, 9, tzinfo=UTC)
SECRET = "whsec_tests"


@dataclass
class Mirror:
    """Both sides, and one clock for both."""

    stripe: StripeServer
    city: City
    client: Client
    run_jobs: Callable[[], int]
    money: Money = field(default_factory=Money)
    now: datetime = JUNE_2
    account: CityAccount = field(init=False)
    payer: Payer = field(init=False)
    agreement: FundingAgreement = field(init=False)
    _stack: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        self._stack.enter_context(clock.frozen(self.now))
        self.account = self.money.account(self.city)
        self.payer = self.money.payer(contact_email="fund@example.org", name="Фонд")
        self.agreement = self.money.agreement(self.account, self.payer, monthly="18500.50")
        self.money.fund(self.agreement)

    def close(self) -> None:
        self._stack.close()

    def wait(self, **by: float) -> None:
        """Time goes on here and at Stripe."""
        delta = timedelta(**by)
        self.now += delta
        self._stack.enter_context(clock.frozen(self.now))
        self.stripe.move(delta)

    def mark(self, payer: Payer | None = None) -> None:
        use_stripe(by=self.money.by, payer=payer or self.payer, uses=True)

    def bill(self, month: date = date(2026, 5, 1)) -> Invoice:
        """Runs a month; its invoice, whose job still waits."""
        (act,) = run(by=self.money.by, account=self.account, month=month).acts
        return Invoice.objects.select_related("payer").get(act=act)

    def row(self, invoice: Invoice) -> StripeObject:
        return StripeObject.objects.get(kind=StripeKind.INVOICE, invoice=invoice)

    def settle(self) -> None:
        """All jobs, and those that they put off, within two days."""
        for _step in range(60):
            if not self.run_jobs() and not StripeObject.objects.filter(status="waiting").exists():
                return
            self.wait(hours=0.5)

    def statuses(self) -> list[str]:
        """Of our invoices at Stripe."""
        return [row["status"] for row in self.stripe.made("invoices")]

    def deliver(self, event: dict[str, Any], **more: Any) -> int:
        """What our webhook answers to an event of Stripe's."""
        body, signature = signed(event, more.pop("secret", SECRET), more.pop("at", None))
        return self.post(more.pop("body", body), signature)

    def post(self, body: bytes, signature: str) -> int:
        sent = self.client.post(
            "/stripe/webhook/",
            body,
            content_type="application/json",
            headers={"stripe-signature": signature},
        )
        return int(sent.status_code)

    def events(self, kind: str = "") -> list[dict[str, Any]]:
        """Of a type, oldest first."""
        return [row for row in self.stripe.books.things("events") if row["type"].startswith(kind)]


@pytest.fixture
def use_server(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[StripeServer], None]]:
    def use(server: StripeServer) -> None:
        settings.STRIPE_API_KEY = "sk_test_tests"
        settings.STRIPE_WEBHOOK_SECRET = SECRET
        settings.STRIPE_API_BASE = server.base
        monkeypatch.setattr(stripe_gateway, "TIMEOUT", (2, 0.4))

    stripe_gateway._client.cache_clear()
    yield use
    stripe_gateway._client.cache_clear()


@pytest.fixture
def stripe(use_server: Callable[[StripeServer], None]) -> Iterator[StripeServer]:
    with stripe_server(JUNE_2) as server:
        use_server(server)
        yield server


@pytest.fixture
def mirror(
    stripe: StripeServer,
    alpha: City,
    client_of: Callable[..., Client],
    run_jobs: Callable[[], int],
) -> Iterator[Mirror]:
    found = Mirror(stripe, alpha, client_of(None, enforce_csrf_checks=True), run_jobs)
    yield found
    found.close()
