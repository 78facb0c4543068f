"""Money that came, what it pays, and what went back."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from bezpechne.kernel import clock
from billing.bank import payments
from billing.documents import acts
from billing.documents.run import run
from billing.errors import LedgerRefused
from billing.models import Invoice, Payment, PaymentMatch
from billing.states import PaymentKind
from tenants.models import City
from tests.money import Money, d

MAY = date(2026, 5, 1)
JUNE_10 = date(2026, 6, 10)
NOW = datetime(2026, 6, 20, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _june() -> object:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def money() -> Money:
    return Money()


@pytest.fixture
def invoice(alpha: City, money: Money) -> Invoice:
    """10 000,00 for May."""
    account = money.account(alpha)
    money.fund(money.agreement(account))
    run(by=money.by, account=account, month=MAY)
    return Invoice.objects.get()


def paid(money: Money, invoice: Invoice, amount: str) -> Payment:
    return payments.enter(by=money.by, payer=invoice.payer, received_on=JUNE_10, amount=d(amount))


def refused(action: Callable[[], object]) -> str:
    with translation.override("en"), pytest.raises(LedgerRefused) as caught:
        action()
    return caught.value.sentence


def test_parts_pay_an_invoice_and_never_more(money: Money, invoice: Invoice) -> None:
    first, second = paid(money, invoice, "4000.00"), paid(money, invoice, "7000.00")
    payments.match(by=money.by, payment=first, invoice=invoice, amount=d("4000"))
    assert "4\N{NO-BREAK SPACE}000,00" not in refused(
        lambda: payments.match(by=money.by, payment=second, invoice=invoice, amount=d("7000"))
    )
    payments.match(by=money.by, payment=second, invoice=invoice, amount=d("6000"))
    invoice.refresh_from_db()
    second.refresh_from_db()
    assert invoice.open_amount == 0
    assert second.free_amount == d("1000")
    assert "is open" in refused(
        lambda: payments.match(by=money.by, payment=second, invoice=invoice, amount=d("0.01"))
    )


def test_a_match_is_undone_by_its_opposite_and_once(money: Money, invoice: Invoice) -> None:
    payment = paid(money, invoice, "10000.00")
    match = payments.match(by=money.by, payment=payment, invoice=invoice, amount=d("10000"))
    assert "Undo its matches" in refused(
        lambda: acts.void(by=money.by, invoice=invoice, reason="Помилка")
    )
    payments.unmatch(by=money.by, match=match, reason="Не той рахунок")
    assert "already" in refused(lambda: payments.unmatch(by=money.by, match=match, reason="Ще раз"))
    invoice.refresh_from_db()
    assert not invoice.matched
    assert PaymentMatch.objects.count() == 2
    acts.void(by=money.by, invoice=invoice, reason="Помилка")
    assert "void" in refused(
        lambda: payments.match(by=money.by, payment=payment, invoice=invoice, amount=d("1"))
    )


def test_too_much_goes_back_and_only_what_is_free(money: Money, invoice: Invoice) -> None:
    payment = paid(money, invoice, "12000.00")
    payments.match(by=money.by, payment=payment, invoice=invoice, amount=d("10000"))
    assert "is free" in refused(
        lambda: payments.send_back(
            by=money.by, payment=payment, on=JUNE_10, amount=d("2000.01"), reason="Надлишок"
        )
    )
    back = payments.send_back(
        by=money.by, payment=payment, on=JUNE_10, amount=d("2000"), reason="Надлишок"
    )
    assert (back.kind, back.amount) == (PaymentKind.RETURN, d("-2000"))
    payment.refresh_from_db()
    assert payment.free_amount == 0


def test_a_stranger_s_money_pays_nothing(money: Money, invoice: Invoice) -> None:
    payment = payments.enter(by=money.by, payer=None, received_on=JUNE_10, amount=d("10000.00"))
    payments.mark_misdirected(by=money.by, payment=payment, reason="Призначення про інше")
    assert "not ours" in refused(
        lambda: payments.match(by=money.by, payment=payment, invoice=invoice, amount=d("1"))
    )
    payments.send_back(
        by=money.by, payment=payment, on=JUNE_10, amount=d("10000"), reason="Помилковий платіж"
    )


def test_money_of_one_payer_pays_no_bill_of_another(money: Money, invoice: Invoice) -> None:
    payment = payments.enter(
        by=money.by, payer=money.payer(), received_on=JUNE_10, amount=d("10.00")
    )
    assert "another payer" in refused(
        lambda: payments.match(by=money.by, payment=payment, invoice=invoice, amount=d("10"))
    )


def test_money_without_payer_takes_the_invoice_s(money: Money, invoice: Invoice) -> None:
    payment = payments.enter(by=money.by, payer=None, received_on=JUNE_10, amount=d("10.00"))
    payments.match(by=money.by, payment=payment, invoice=invoice, amount=d("10"))
    payment.refresh_from_db()
    assert payment.payer_id == invoice.payer_id


def test_one_source_is_posted_once(money: Money, invoice: Invoice) -> None:
    for _again in range(2):
        payments.enter(
            by=money.by,
            payer=invoice.payer,
            received_on=JUNE_10,
            amount=d("10.00"),
            source_key="stripe:in_1",
        )
    assert Payment.objects.count() == 1


@pytest.mark.parametrize(
    ("amount", "day"),
    [("0", JUNE_10), ("-1", JUNE_10), ("1.001", JUNE_10), ("1", date(2027, 1, 1))],
)
def test_odd_payments_are_refused(money: Money, invoice: Invoice, amount: str, day: date) -> None:
    refused(
        lambda: payments.enter(by=money.by, payer=invoice.payer, received_on=day, amount=d(amount))
    )
    assert not Payment.objects.exists()
