"""Acts and invoices as PDF: drawn from the ledger, or a sentence that says what is missing."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from bezpechne.kernel import clock
from billing.contractors import assign, save_contractor
from billing.costs.posting import reverse as reverse_cost
from billing.costs.rates import set_contribution
from billing.documents import drafts
from billing.documents.acts import issue_acts
from billing.documents.run import run
from billing.errors import LedgerRefused
from billing.models import Act, Contractor, CostEntry, Invoice, LedgerEvent
from billing.states import Engagement, EntryKind
from billing.system import LEDGER
from tenants.models import City
from tests.money import Money, d

MAY = date(2026, 5, 1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _june() -> Iterator[None]:
    with clock.frozen(datetime(2026, 6, 20, 9, tzinfo=UTC)):
        yield


def at(page: str, key: int) -> str:
    return reverse(f"finance:{page}", urlconf=settings.PUBLIC_SCHEMA_URLCONF, args=[key])


def an_act(city: City, **fields: Any) -> Act:
    money = Money()
    agreement = money.agreement(money.account(city), monthly="18500.00", **fields)
    money.fund(agreement)
    (act,) = run(by=LEDGER, account=agreement.account, month=MAY).acts
    return act


def test_an_act_is_drawn_from_its_lines(alpha: City) -> None:
    act = an_act(alpha, contractor=Money().contractor("ФОП Коваль О. І."))
    paper = drafts.act_of(act)
    assert (paper.number, paper.total, paper.vat) == (act.label, d("18500.00"), None)
    (line,) = paper.lines
    assert (line.quantity, line.price, line.unit) == (d("1"), d("18500.00"), "місяць")
    assert paper.contractor.name == "ФОП Коваль О. І."


def test_wages_are_told_apart_from_the_contribution_upon_them(alpha: City) -> None:
    set_contribution(by=LEDGER, starts_on=date(2016, 1, 1), percent=Decimal(22), source="2464-VI")
    act = an_act(
        alpha, contractor=Money().contractor(), engagement=Engagement.CIVIL_LAW, kekv="2111"
    )
    paper = drafts.act_of(act)
    assert paper.contribution is not None
    assert (paper.pay, paper.contribution.amount) == (d("18500.00"), d("4070.00"))
    assert paper.total == act.amount
    assert (paper.contribution.rate, paper.contribution.kekv) == (d("22"), "2120")
    assert drafts.invoice_of(Invoice.objects.get(act=act)).total == act.amount


def test_vat_is_a_sixth_of_a_sum_that_contains_it(alpha: City) -> None:
    act = an_act(alpha, contractor=Money().contractor(), without_vat=False)
    assert drafts.act_of(act).vat == d("3083.33")


def test_a_reversed_cost_stands_in_its_own_act_as_such(alpha: City) -> None:
    act = an_act(alpha, contractor=Money().contractor())
    fee = CostEntry.objects.get(account=act.account, kind=EntryKind.FEE)
    reverse_cost(by=LEDGER, entry=fee, reason="Помилка")
    (second,) = issue_acts(by=LEDGER, account=act.account, month=MAY, on=date(2026, 6, 9))
    (line,) = drafts.act_of(second).lines
    assert line.service.endswith("(сторно)")
    assert drafts.act_of(second).total == d("-18500.00")
    assert drafts.act_of(second).pdf().startswith(b"%PDF")


def test_without_a_contractor_the_page_says_what_is_missing(
    alpha: City, client_of: Callable[..., Client]
) -> None:
    act = an_act(alpha)
    client = client_of(None)
    client.force_login(Money().officer())
    answer = client.get(at("act_pdf", act.pk), follow=True)
    assert act.agreement.number in answer.content.decode()
    assign(by=LEDGER, agreement=act.agreement, contractor=Money().contractor())
    answer = client.get(at("act_pdf", act.pk))
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment")
    invoice = Invoice.objects.get(act=act)
    answer = client.get(at("invoice_pdf", invoice.pk))
    assert answer.content.startswith(b"%PDF")


def test_one_code_is_one_contractor_and_requisites_stay_out_of_the_history(db: None) -> None:
    known = Money().contractor("ГО «Перша»", code="14360570", iban="UA213223130000026007233566001")
    with pytest.raises(LedgerRefused, match="Перша"):
        Money().contractor("ГО «Друга»", code="14360570")
    known.address = "Полтава, вул. Соборності, 1"
    save_contractor(by=LEDGER, contractor=known)
    event = LedgerEvent.objects.latest("pk")
    assert (event.action, event.detail) == ("contractor_changed", {"changed": ["address"]})
    assert Contractor.objects.count() == 1
