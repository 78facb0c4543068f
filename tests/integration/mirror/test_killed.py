"""A worker that dies between two calls leaves work that another takes up, and nothing twice."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection

from bezpechne.kernel import clock
from bezpechne.kernel.queue import Later
from billing.documents.run import run
from billing.models import Payment, StripeObject
from billing.states import StripeKind, StripeStatus
from billing.stripe.driving import drive
from billing.stripe.payers import use_stripe
from tenants.models import City
from tests.integration.committed import at_once, killed, python, unblocked
from tests.integration.mirror.conftest import SECRET
from tests.money import Money
from tests.stripe_server import StripeServer, stripe_server

pytestmark = pytest.mark.processes

CALLS = (
    "CustomerService.create",
    "InvoiceService.create",
    "InvoiceItemService.create",
    "InvoiceService.finalize_invoice",
    "InvoiceService.send_invoice",
)
CODE = """
import django, os, signal
django.setup()
from billing import stripe_gateway
from billing.stripe.driving import drive
call = stripe_gateway.call
def killing(method, *args, **kwargs):
    found = call(method, *args, **kwargs)
    if method.__qualname__ == os.environ["KILL_AFTER"]:
        os.kill(os.getpid(), signal.SIGKILL)
    return found
stripe_gateway.call = killing
drive(int(os.environ["ROW"]))
"""


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with unblocked(django_db_blocker):
        yield
        with connection.cursor() as cursor:
            cursor.execute(
                "TRUNCATE public.billing_city_account, public.billing_payer, public.billing_event,"
                " public.procrastinate_jobs CASCADE"
            )


def wanted() -> StripeObject:
    """An invoice that has to be sent; committed."""
    money = Money()
    account = money.account(City.objects.get(slug="poltava"))
    payer = money.payer(contact_email="fund@example.org")
    money.fund(money.agreement(account, payer))
    with clock.frozen(datetime(2026, 6, 2, 9, tzinfo=UTC)):
        use_stripe(by=money.by, payer=payer, uses=True)
        run(by=money.by, account=account, month=date(2026, 5, 1))
    row: StripeObject = StripeObject.objects.get(kind=StripeKind.INVOICE)
    return row


def test_killed_after_each_call_nothing_is_made_twice(
    committed: None, use_server: Callable[[StripeServer], None]
) -> None:
    with stripe_server(clock.now()) as stripe:
        use_server(stripe)
        row = wanted()
        given = {
            "ROW": str(row.pk),
            "STRIPE_API_KEY": "sk_test_tests",
            "STRIPE_API_BASE": stripe.base,
            "STRIPE_WEBHOOK_SECRET": SECRET,
        }
        for call in CALLS:
            killed(CODE, KILL_AFTER=call, **given)
            row.refresh_from_db()
            assert row.status == StripeStatus.WAITING, call
        done = python(CODE, KILL_AFTER="", **given)
        assert done.returncode == 0, done.stderr
        row.refresh_from_db()
        assert (row.status, row.state) == (StripeStatus.DONE, "open")
        counts = [len(stripe.made(name)) for name in ("customers", "invoices", "invoiceitems")]
        assert counts == [1, 1, 1]
        assert stripe.books.mailed == [row.stripe_id]


def test_two_jobs_at_once_make_one_of_each(
    committed: None, use_server: Callable[[StripeServer], None]
) -> None:
    with stripe_server(clock.now()) as stripe:
        use_server(stripe)
        row = wanted()
        told = at_once([lambda: drive(row.pk)] * 3)
        assert [error for error in told if error is not None and not isinstance(error, Later)] == []
        drive(row.pk)
        counts = [len(stripe.made(name)) for name in ("customers", "invoices", "invoiceitems")]
        assert counts == [1, 1, 1]
        stripe.books.paid_by_customer(StripeObject.objects.get(pk=row.pk).stripe_id)
        assert at_once([lambda: drive(row.pk)] * 3) == [None, None, None]
        payment = Payment.objects.get()
        assert payment.free_amount == 0
        assert len(stripe.books.mailed) == 1


def test_without_a_key_the_library_is_not_loaded(committed: None) -> None:
    done = python(
        "import django, sys; django.setup()\n"
        "import bezpechne.urls.public, bezpechne.urls.city, billing.tasks\n"
        "from django.core.management import call_command\n"
        "call_command('check')\n"
        "assert 'stripe' not in sys.modules"
    )
    assert done.returncode == 0, done.stderr
