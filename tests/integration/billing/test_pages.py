"""A finance officer's work in the browser: from a payer to money that pays an invoice."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bezpechne.kernel import clock
from billing.documents.run import run
from billing.models import (
    Act,
    CityAccount,
    CostEntry,
    FundingPeriod,
    Grant,
    Invoice,
    Paper,
    Payer,
    Payment,
)
from billing.states import ActState, PayerKind
from tenants.models import City
from tests.money import EDRPOUS, Money, d

JUNE_20 = datetime(2026, 6, 20, 9, tzinfo=UTC)
PDF = b"%PDF-1.7\n1 0 obj\n"


@pytest.fixture(autouse=True)
def _june() -> Any:
    with clock.frozen(JUNE_20):
        yield


@pytest.fixture
def money() -> Money:
    return Money()


@pytest.fixture
def officer(db: None, client_of: Callable[..., Client], money: Money) -> Client:
    client = client_of(None)
    client.force_login(money.officer())
    return client


def at(page: str, *args: Any) -> str:
    return reverse(f"finance:{page}", urlconf=settings.PUBLIC_SCHEMA_URLCONF, args=args)


def send(client: Client, page: str, args: list[Any], status: int = 302, /, **data: Any) -> Any:
    response = client.post(at(page, *args), data)
    assert response.status_code == status, response.content.decode()[:3000]
    return response


@pytest.fixture
def account(alpha: City, money: Money) -> CityAccount:
    return money.account(alpha)


def test_from_a_payer_to_a_paid_invoice(officer: Client, alpha: City) -> None:
    """Every step by the pages alone."""
    send(officer, "new_account", [], city=alpha.slug)
    payer = {"kind": "local_budget", "name": "Полтавська міська рада", "language": "uk"}
    send(officer, "new_payer", [], **payer, edrpou=EDRPOUS[0])
    agreement = {
        "payer": Payer.objects.get().pk,
        "number": "12/26",
        "signed_on": "2026-04-20",
        "starts_on": "2026-05-01",
        "ends_on": "2026-12-31",
        "source": "general_fund",
        "basis": "monthly",
        "engagement": "service",
        "monthly_amount": "18 500,50",
        "kpkvk": "0218230",
        "kekv": "2240",
        "without_vat": "on",
    }
    send(officer, "new_agreement", [alpha.slug], **agreement)
    page = officer.get(at("fund", alpha.slug)).content.decode()
    assert 'value="2026-05-01"' in page, "the days of the agreement are offered"
    chosen = {"shares": Payer.objects.get().agreements.get().pk, "percent": "100"}
    send(officer, "fund", [alpha.slug], **chosen, first="2026-05-01", last="2026-12-31")
    send(officer, "run_month", [alpha.slug, "2026-05"])
    act = Act.objects.get()
    copy = SimpleUploadedFile("акт.pdf", PDF)
    send(officer, "sign_act", [act.pk], signed_on="2026-06-03", copy=copy)
    send(
        officer,
        "new_payment",
        [],
        received_on="2026-06-15",
        amount="18500,50",
        once="7f1f5a52-5d8f-4a5e-9d43-0a0f2f4c8a11",
    )
    payment, invoice = Payment.objects.get(), Invoice.objects.get()
    offered = officer.get(at("match_payment", payment.pk)).content.decode()
    assert "18500.50" in offered or "18500,50" in offered
    send(officer, "match_payment", [payment.pk], invoice=invoice.pk, amount="18 500,50")
    send(officer, "close_month", [alpha.slug, "2026-05"])
    invoice.refresh_from_db()
    act.refresh_from_db()
    assert not invoice.open_amount
    assert act.state == ActState.SIGNED
    download = officer.get(at("paper", Paper.objects.get().pk))
    assert b"".join(download) == PDF
    assert "attachment" in download["Content-Disposition"]


def test_a_second_press_enters_nothing(officer: Client) -> None:
    once = "7f1f5a52-5d8f-4a5e-9d43-0a0f2f4c8a11"
    for _press in range(2):
        send(officer, "new_payment", [], received_on="2026-06-15", amount="5", once=once)
    assert Payment.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("edrpou", "12345679"), ("iban", "UA00 1234"), ("budget_code", "12"), ("name", "")],
)
def test_wrong_codes_are_said_and_the_rest_stays(officer: Client, field: str, value: str) -> None:
    data = {"kind": "donor", "name": "Фонд", "language": "uk", "bank": "Банк", field: value}
    page = send(officer, "new_payer", [], 422, **data).content.decode()
    assert "error-summary" in page
    assert "Банк" in page
    assert not Payer.objects.exists()


def test_a_refusal_stands_at_its_field(officer: Client, account: CityAccount, money: Money) -> None:
    agreement = money.agreement(account)
    money.fund(agreement)
    page = send(
        officer,
        "fund",
        [account.slug],
        422,
        shares=agreement.pk,
        percent="100",
        first="2026-12-01",
        last="2026-12-31",
    )
    assert page.context["form"].errors["first"]
    assert FundingPeriod.objects.count() == 1


@pytest.mark.parametrize(
    ("page", "changes", "field"),
    [
        ("new_agreement", {"ends_on": "2026-01-01"}, "ends_on"),
        ("new_agreement", {"number": "12/26"}, "number"),
        ("new_grant", {"ends_on": "2026-01-01"}, "ends_on"),
        ("new_grant", {"amount": "-5"}, "amount"),
        ("new_grant", {"number": "12/26"}, "number"),
        ("new_payer", {"edrpou": EDRPOUS[0]}, "edrpou"),
    ],
)
def test_what_the_tables_refuse_is_said_at_its_field_and_never_by_a_constraint_s_name(
    officer: Client,
    account: CityAccount,
    money: Money,
    page: str,
    changes: dict[str, str],
    field: str,
) -> None:
    payer = money.payer(edrpou=EDRPOUS[0])
    money.agreement(account, payer, number="12/26")
    money.grant(payer, number="12/26")
    days = {"signed_on": "2026-02-01", "starts_on": "2026-03-01", "ends_on": "2026-12-31"}
    agreement = {
        "payer": str(payer.pk),
        "source": "grant",
        "basis": "monthly",
        "engagement": "service",
        "monthly_amount": "1",
        "kekv": "2240",
    }
    forms: dict[str, tuple[list[Any], dict[str, str]]] = {
        "new_agreement": ([account.slug], {**days, **agreement, "number": "1"}),
        "new_grant": ([payer.pk], {**days, "number": "1", "currency": "UAH", "amount": "1"}),
        "new_payer": ([], {"kind": "donor", "name": "Інший фонд", "language": "uk"}),
    }
    args, data = forms[page]
    refused = send(officer, page, args, 422, **{**data, **changes})
    assert refused.context["form"].errors[field]
    assert "billing_" not in refused.content.decode()


def test_a_search_goes_on_over_its_pages(officer: Client, money: Money) -> None:
    for number in range(52):
        money.payer(name=f"Фонд & {number}")
    money.payer(PayerKind.OWN_FUNDS, name="Рада")
    first = officer.get(at("payers"), {"q": "Фонд &", "kind": "donor"})
    (following,) = re.findall(r'rel="next" href="([^"]*)"', first.content.decode())
    second = officer.get(at("payers") + unescape(following)).content.decode()
    assert second.count("Фонд &amp; ") == 2
    assert "Рада" not in second


def test_a_month_of_the_overview_leads_to_its_report(officer: Client) -> None:
    address = re.search(
        r'href="([^"]*first=2026-05[^"]*)"', officer.get(at("home")).content.decode()
    )
    assert address
    report = officer.get(unescape(address[1])).content.decode()
    assert "2026-05" in report
    assert "травень 2026" in report


def test_two_shares_make_the_whole(officer: Client, account: CityAccount, money: Money) -> None:
    one, two = money.agreement(account), money.agreement(account)
    send(
        officer,
        "fund",
        [account.slug],
        shares=one.pk,
        second=two.pk,
        percent="33,33".replace(",", "."),
        first="2026-05-01",
        last="2026-12-31",
    )
    shares = FundingPeriod.objects.get().shares.order_by("pk").values_list("percent", flat=True)
    assert list(shares) == [d("33.33"), d("66.67")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("act.pdf", b"<html><script>alert(1)</script>"),
        ("act.pdf", b"MZ\x90\x00"),
        ("act.pdf", b""),
    ],
)
def test_a_disguised_file_is_no_signed_copy(
    officer: Client, account: CityAccount, money: Money, name: str, content: bytes
) -> None:
    money.fund(money.agreement(account))
    (act,) = run(by=money.by, account=account, month=date(2026, 5, 1)).acts
    copy = SimpleUploadedFile(name, content)
    send(officer, "sign_act", [act.pk], 422, signed_on="2026-06-03", copy=copy)
    act.refresh_from_db()
    assert act.state == ActState.ISSUED
    assert not Paper.objects.exists()


def test_a_cost_is_corrected_with_a_reason(
    officer: Client, account: CityAccount, money: Money
) -> None:
    money.fund(money.agreement(account))
    cost = {"kind": "other", "first": "2026-05-01", "last": "2026-05-31", "description": "Друк"}
    send(officer, "post_cost", [account.slug, "2026-05"], **cost, amount="1 000,01")
    entry = CostEntry.objects.get()
    send(officer, "reverse_cost", [entry.pk], 422, reason="")
    send(officer, "reverse_cost", [entry.pk], reason="Не та сума")
    assert sum(row.amount for row in CostEntry.objects.all()) == 0
    send(officer, "post_cost", [account.slug, "2026-05"], 422, **cost, amount="десять")


def test_grants_lines_and_rates(officer: Client, money: Money) -> None:
    donor = money.payer(PayerKind.DONOR)
    grant = {
        "number": "G-1",
        "currency": "USD",
        "amount": "1000",
        "signed_on": "2026-01-01",
        "starts_on": "2026-01-01",
        "ends_on": "2026-12-31",
    }
    send(officer, "new_grant", [donor.pk], 422, **grant, lines="Оплата праці 900")
    send(officer, "new_grant", [donor.pk], 422, **grant, lines="Оплата | 1000,01")
    send(officer, "new_grant", [donor.pk], **grant, lines="Оплата праці | 900,00\n\n")
    made = Grant.objects.get()
    tranche = {"received_on": "2026-05-05", "amount": "500"}
    send(officer, "new_tranche", [made.pk], 422, **tranche)
    rate = {"currency": "USD", "day": "2026-05-05", "source": "НБУ"}
    send(officer, "new_exchange_rate", [], **rate, rate="41,4567")
    send(officer, "new_tranche", [made.pk], **tranche)
    entered = made.tranches.get()
    assert entered.amount_uah == d("20728.35")
    send(officer, "reverse_tranche", [entered.pk], 422, reason=" ")
    send(officer, "reverse_tranche", [entered.pk], reason="Не той курс")
    assert sum(row.amount_uah for row in made.tranches.all()) == 0
    again = send(officer, "reverse_tranche", [entered.pk], 422, reason="Ще раз")
    assert again.context["form"].non_field_errors()


def test_those_who_may_only_look_change_nothing(
    client_of: Callable[..., Client], account: CityAccount, money: Money
) -> None:
    from tests.factories import Make  # noqa: PLC0415 - this test alone

    for role, may_look in [("finance_viewer", True), ("donor_viewer", False), ("operator", False)]:
        client = client_of(None)
        client.force_login(Make(None).user(role))
        page = client.get(at("account", account.slug))
        assert page.status_code == (200 if may_look else 403), role
        assert b"days/pause" not in page.content
        send(client, "show_costs", [account.slug], 403)
    account.refresh_from_db()
    assert not account.is_public


def test_lists_cost_the_same_with_many_rows(
    officer: Client, account: CityAccount, money: Money
) -> None:
    money.fund(money.agreement(account))
    run(by=money.by, account=account, month=date(2026, 5, 1))
    money.payer()

    def queries() -> dict[str, int]:
        found = {}
        for name in ("home", "payers", "accounts", "acts", "invoices", "bank", "rates"):
            with CaptureQueriesContext(connection) as captured:
                assert officer.get(at(name)).status_code == 200
            found[name] = len(captured)
        return found

    queries()
    few = queries()
    for month in (date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)):
        run(by=money.by, account=account, month=month)
        money.payer()
    assert queries() == few


def test_odd_addresses_are_not_found(officer: Client, account: CityAccount) -> None:
    for text in ("2026-13", "26-05", "рік", "2026-05-01", "1999-01"):
        assert officer.get(f"/finance/cities/{account.slug}/{text}/").status_code == 404
    assert officer.get("/finance/cities/nowhere/").status_code == 404
    assert officer.get("/finance/payers/?page=99999&kind=zzz&q=%00").status_code == 200
