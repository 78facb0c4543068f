"""The report as a spreadsheet, as separated text and as a PDF: same sums, no names of people."""

import csv
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from bezpechne.kernel import clock
from billing.costs.posting import Cost, post
from billing.models import FundingAgreement, Payer, ViewerScope
from billing.reports import links
from billing.reports.lens import Lens
from billing.reports.period import Period
from billing.reports.report import cost_report
from billing.states import EntryKind
from billing.system import LEDGER
from tenants.models import City
from tests.factories import Make
from tests.integration.billing.books import APRIL, JUNE, MAY, NOW, Books
from tests.money import d

PAGES = "bezpechne.urls.public"
SPRING = "first=2026-04&last=2026-06"
ENDINGS = ("xlsx", "csv", "pdf")


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


def url(name: str, *args: Any) -> str:
    return reverse(f"finance:{name}", PAGES, args=args)


@pytest.fixture
def books(alpha: City) -> Books:
    """Settled from April to June, with a name in every place where people type."""
    made = Books(alpha)
    cost = Cost(
        account=made.account,
        first=MAY,
        last=MAY,
        kind=EntryKind.OTHER,
        amount=d("7.00"),
        description="Оплата Петренку",
        agreement=made.donor,
    )
    post(by=LEDGER, cost=cost)
    for month in (APRIL, MAY, JUNE):
        made.settle(month)
    Payer.objects.update(contact_name="Петренко", signatory="Петренко", address="Петренко")
    FundingAgreement.objects.update(note="Петренко")
    return made


@pytest.fixture
def client(books: Books, client_of: Callable[[None], Client]) -> Client:
    signed_in = client_of(None)
    signed_in.force_login(Make(None).user("finance"))
    return signed_in


def fetched(client: Client, address: str) -> bytes:
    response = client.get(address)
    assert response.status_code == 200, address
    assert response["Content-Disposition"].startswith('attachment; filename="costs-')
    return bytes(response.content)


def sheets(content: bytes) -> dict[str, list[tuple[Any, ...]]]:
    book = load_workbook(BytesIO(content))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}


def test_the_spreadsheet_counts_with_real_numbers(client: Client, books: Books) -> None:
    address = f"/en{url('report_file', 'xlsx')}?{SPRING}&account={books.account.pk}"
    found = sheets(fetched(client, address))
    report = cost_report(Lens(everything=True), Period(APRIL, JUNE))
    months = found["By month"]
    assert months[0][:4] == ("Month", "Plan", "Accrued", "Paid")
    assert months[1][0].date() == APRIL
    total = next(row for row in months if row[0] == "Total")
    assert [round(Decimal(value), 2) for value in total[1:4]] == [
        report.total.plan,
        report.total.accrued,
        report.total.paid,
    ]
    assert sum(Decimal(str(row[2])) for row in months[1:4]) == report.total.accrued
    kinds = [row[0] for row in found["Acts, invoices, payments"][1:]]
    assert (kinds.count("Act"), kinds.count("Invoice"), kinds.count("Payment")) == (4, 4, 4)
    assert [row[1] for row in found["Agreements"][1:3]] == [
        books.donor.number,
        books.council.number,
    ]


def test_separated_text_opens_in_a_ukrainian_spreadsheet(client: Client, books: Books) -> None:
    content = fetched(client, f"/en{url('report_file', 'csv')}?{SPRING}")
    assert content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(StringIO(content.decode("utf-8-sig")), delimiter=";"))
    april = next(line for line in lines if line[:1] == ["04.2026"])
    assert april == ["04.2026", "10000,01", "10000,01", "10000,01", "0,00", "100,0"]


def test_the_pdf_is_a_pdf_in_ukrainian(client: Client, books: Books) -> None:
    uk = fetched(client, f"{url('report_file', 'pdf')}?{SPRING}")
    assert uk.startswith(b"%PDF-")
    assert len(uk) > 10_000
    en = fetched(client, f"/en{url('report_file', 'pdf')}?{SPRING}")
    assert abs(len(en) - len(uk)) < 100


@pytest.mark.parametrize("ending", ENDINGS)
def test_no_file_holds_what_people_typed(client: Client, books: Books, ending: str) -> None:
    content = fetched(client, f"{url('report_file', ending)}?{SPRING}")
    text = str(sheets(content)) if ending == "xlsx" else content.decode("utf-8", "ignore")
    assert "Петренк" not in text
    if ending != "pdf":
        assert books.donor.payer.name in text


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_a_name_that_looks_like_a_formula_is_a_name(
    client: Client, books: Books, ending: str
) -> None:
    Payer.objects.filter(pk=books.donor.payer_id).update(name="=1+1")
    FundingAgreement.objects.filter(pk=books.donor.pk).update(number="@SUM(A1)\x0b")
    content = fetched(client, f"{url('report_file', ending)}?{SPRING}")
    if ending == "csv":
        text = content.decode("utf-8-sig")
        assert "'=1+1" in text
        assert "'@SUM" in text
        return
    book = load_workbook(BytesIO(content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert [cell.value for cell in cells if cell.value == "=1+1"]
    assert not [cell for cell in cells if cell.data_type == "f"]


@pytest.mark.parametrize("ending", ["docx", "XLSX", "..", "xlsx.exe"])
def test_other_endings_are_not_there(client: Client, books: Books, ending: str) -> None:
    assert client.get(f"/finance/reports/file/{ending}/").status_code == 404
    link = links.make(
        by=LEDGER, about=books.account, label="Рада", first=APRIL, last=MAY, last_day=NOW.date()
    )
    assert client.get(f"/finance/r/{links.token_of(link)}/{ending}/").status_code == 404


@pytest.mark.parametrize("ending", ENDINGS)
def test_files_of_others_are_not_there(
    client: Client, books: Books, beta: City, client_of: Any, ending: str
) -> None:
    stranger = Books(beta)
    viewer = Make(None).user("donor_viewer")
    ViewerScope.objects.create(user_id=viewer.pk, payer=books.donor.payer)
    donor: Client = client_of(None)
    donor.force_login(viewer)
    address = url("report_file", ending)
    for query in (f"account={stranger.account.pk}", f"payer={books.council.payer_id}"):
        assert donor.get(f"{address}?{query}").status_code == 404
    content = donor.get(f"{address}?{SPRING}").content
    if ending == "csv":
        text = content.decode("utf-8-sig")
        assert books.donor.payer.name in text
        assert books.council.payer.name not in text
        assert books.council.number not in text


def test_a_link_s_files_hold_its_payer_alone_and_end_with_it(
    client: Client, books: Books, client_of: Any
) -> None:
    link = links.make(
        by=LEDGER,
        about=books.council.payer,
        label="Рада",
        first=MAY,
        last=MAY,
        last_day=date(2026, 12, 1),
    )
    guest: Client = client_of(None)
    address = url("report_link_file", links.token_of(link), "csv")
    text = fetched(guest, address).decode("utf-8-sig")
    assert books.council.payer.name in text
    assert books.donor.payer.name not in text
    assert "4265,17" in text
    assert "4523,15" not in text
    links.revoke(by=LEDGER, link=link)
    for ending in ENDINGS:
        path = url("report_link_file", links.token_of(link), ending)
        assert guest.get(path).status_code == 410


def test_cities_come_as_text_in_the_order_of_the_page(
    client: Client, books: Books, beta: City
) -> None:
    Books(beta).settle(APRIL)
    address = f"/en{url('report_cities_file')}?{SPRING}&sort=accrued&order=ascending"
    lines = fetched(client, address).decode("utf-8-sig").splitlines()
    assert [line.split(";")[0] for line in lines[-2:]] == ["Ternopil", "Poltava"]


def test_an_empty_report_makes_files_too(client: Client, books: Books) -> None:
    for ending in ENDINGS:
        fetched(client, f"{url('report_file', ending)}?first=2020-01&last=2020-02")
