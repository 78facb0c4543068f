"""A finance officer brings a bank's file and decides its lines, by the pages alone."""

import re
from collections.abc import Callable, Iterator
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
from billing.bank.statements import files
from billing.documents.run import run
from billing.models import (
    BankStatement,
    Invoice,
    Payment,
    PaymentMatch,
    StatementFile,
    StatementLine,
)
from tenants.models import City
from tests.factories import Make
from tests.money import EDRPOUS, Money, d

NOW = datetime(2026, 7, 20, 9, tzinfo=UTC)
OURS = "UA213223130000026007233566001"
HEADER = "Дата операції;Сума;ЄДРПОУ контрагента;Назва контрагента;Призначення платежу"
COLUMNS = {"day": "0", "amount": "1", "payer_edrpou": "2", "payer_name": "3", "purpose": "4"}


@pytest.fixture(autouse=True)
def _july() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def officer(db: None, client_of: Callable[..., Client]) -> Client:
    client = client_of(None)
    client.force_login(Money().officer())
    return client


@pytest.fixture
def invoices(alpha: City) -> list[Invoice]:
    """10 000,00 for each of April, May and June."""
    money = Money()
    account = money.account(alpha)
    money.fund(money.agreement(account, money.payer(edrpou=EDRPOUS[0], name="Рада <b>")))
    for month in (4, 5, 6):
        run(by=money.by, account=account, month=date(2026, month, 1))
    return list(Invoice.objects.order_by("month"))


def at(page: str, *args: Any) -> str:
    return reverse(f"finance:{page}", urlconf=settings.PUBLIC_SCHEMA_URLCONF, args=args)


def send(client: Client, page: str, args: list[Any], status: int = 302, /, **data: Any) -> Any:
    response = client.post(at(page, *args), data)
    assert response.status_code == status, response.content.decode()[:3000]
    return response


def csv(*rows: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("july.csv", "\n".join([HEADER, *rows]).encode("windows-1251"))


def row(purpose: str = "Оплата", amount: str = "10000,00", day: int = 10) -> str:
    return f"{day:02}.07.2026;{amount};{EDRPOUS[0]};Рада <b>;{purpose}"


def bring(client: Client, *rows: str) -> BankStatement:
    address = send(client, "upload_statement", [], file=csv(*rows))["Location"]
    page = client.get(address)
    assert page.status_code == 200
    assert client.post(address, {**COLUMNS, "own_account": OURS}).status_code == 302
    return BankStatement.objects.latest("pk")


def text(response: Any) -> str:
    return unescape(response.content.decode())


def test_from_a_file_to_a_paid_invoice(officer: Client, invoices: list[Invoice]) -> None:
    address = send(officer, "upload_statement", [], file=csv(row("за червень 2026")))["Location"]
    page = officer.get(address).content.decode()
    assert re.search(
        r'name="amount"[^<]*(<option[^<]*</option>\s*)*<option value="1" selected', page
    )
    assert "Рада &lt;b&gt;" in page
    assert officer.post(address, {**COLUMNS, "own_account": ""}).status_code == 422
    statement = bring(officer, row("за червень 2026"))
    line = statement.lines.get()
    shown = officer.get(at("statement", statement.pk)).content.decode()
    assert f'name="line" value="{line.pk}"' in shown
    assert "<b>" not in shown
    detail = officer.get(at("line", line.pk)).content.decode()
    (key, *_) = re.findall(r'name="key" value="([^"]+)"', detail)
    for _press in range(2):
        send(officer, "post_line", [line.pk], key=key)
    assert PaymentMatch.objects.get().invoice == invoices[2]
    assert "0" in officer.get(at("statements")).content.decode()


def test_the_file_is_offered_as_it_was_mapped_before(officer: Client) -> None:
    bring(officer, row())
    address = send(officer, "upload_statement", [], file=csv(row(day=11)))["Location"]
    page = officer.get(address).content.decode()
    assert f'value="{OURS}"' in page


def test_the_same_file_leads_to_its_first_import(officer: Client) -> None:
    statement = bring(officer, row())
    page = send(officer, "upload_statement", [], 422, file=csv(row())).content.decode()
    assert f'href="{at("statement", statement.pk)}"' in page
    kept = StatementFile.objects.get()
    assert officer.get(at("preview_statement", kept.pk))["Location"] == at(
        "statement", statement.pk
    )
    assert BankStatement.objects.count() == 1


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7", b"PK\x03\x04", b"words", b"<html>", b"x" * (files.MOST_BYTES + 1)]
)
def test_what_is_no_statement_is_said_at_the_upload(officer: Client, content: bytes) -> None:
    page = send(
        officer, "upload_statement", [], 422, file=SimpleUploadedFile("statement.xml", content)
    )
    assert page.context["form"].errors
    assert not StatementFile.objects.exists()


def test_a_wrong_line_or_column_is_said_and_nothing_is_kept(officer: Client) -> None:
    address = send(officer, "upload_statement", [], file=csv(row(), row(amount="багато")))[
        "Location"
    ]
    good = {**COLUMNS, "own_account": OURS}
    assert "3: " in text(officer.post(address, good))
    for field, value in (("amount", ""), ("amount", "0"), ("day", "99"), ("own_account", "UA12")):
        response = officer.post(address, {**good, field: value})
        assert response.status_code == 422
        assert response.context["form"].errors[field]
    assert not StatementLine.objects.exists()


def test_camt_is_imported_after_a_look(officer: Client) -> None:
    content = f"""<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<Stmt><Acct><Id><IBAN>{OURS}</IBAN></Id></Acct><Ntry><Amt Ccy="UAH">5.00</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-07-10</Dt></BookgDt>
<AddtlNtryInf>Внесок</AddtlNtryInf></Ntry></Stmt></BkToCstmrStmt></Document>""".encode()
    upload = SimpleUploadedFile("x.csv", content)
    address = send(officer, "upload_statement", [], file=upload)["Location"]
    assert "Внесок" in text(officer.get(address))
    assert officer.post(address).status_code == 302
    assert StatementLine.objects.get().amount == d("5")


def test_ticked_lines_are_read_once_more_and_posted_together(
    officer: Client, invoices: list[Invoice]
) -> None:
    statement = bring(
        officer, row("за травень 2026"), row("за червень 2026"), row("без слів", "7,00"), row("x")
    )
    lines = list(statement.lines.order_by("number"))
    asked = officer.get(
        at("confirm_lines", statement.pk), {"line": [line.pk for line in lines]}
    ).content.decode()
    chosen = re.findall(r'name="chosen" value="([^"]+)"', asked)
    assert len(chosen) == 2, "only what is certain"
    for _press in range(2):
        send(officer, "confirm_lines", [statement.pk], chosen=chosen)
    assert Payment.objects.count() == PaymentMatch.objects.count() == 2
    # One of them is refused, the other is posted all the same.
    more = bring(officer, row("за квітень 2026", day=12), row("за квітень 2026", day=13))
    asked = officer.get(
        at("confirm_lines", more.pk), {"line": [line.pk for line in more.lines.all()]}
    ).content.decode()
    chosen = re.findall(r'name="chosen" value="([^"]+)"', asked)
    assert len(chosen) == 2
    send(officer, "confirm_lines", [more.pk], chosen=chosen)
    assert Payment.objects.count() == 3


@pytest.mark.parametrize("chosen", ["", ":", "x:1", "99999999999999999999:1", "1", "²:1"])
def test_odd_choices_post_nothing(officer: Client, chosen: str) -> None:
    statement = bring(officer, row())
    send(officer, "confirm_lines", [statement.pk], chosen=chosen)
    assert officer.get(at("confirm_lines", statement.pk), {"line": chosen}).status_code == 200
    assert not Payment.objects.exists()


def test_an_invoice_is_found_and_paid_by_hand(officer: Client, invoices: list[Invoice]) -> None:
    line = bring(officer, row("?", "15000,00")).lines.get()
    page = at("line_invoice", line.pk)
    for words in (f"№ {invoices[1].label}", str(invoices[1].number), "Полтав", "Рада", EDRPOUS[0]):
        assert f'value="{invoices[1].pk}"' in officer.get(page, {"q": words}).content.decode(), (
            words
        )
    assert 'name="invoice"' not in officer.get(page, {"q": "999"}).content.decode()
    assert officer.get(page, {"q": "\0%_²"}).status_code == 200
    send(officer, "line_invoice", [line.pk], invoice=invoices[1].pk)
    assert Payment.objects.get().free_amount == d("5000")
    send(officer, "line_invoice", [line.pk], 404, invoice="x")


def test_every_other_decision(officer: Client, invoices: list[Invoice]) -> None:
    statement = bring(
        officer,
        row("Внесок", "7,00"),
        row("Відсотки", "1,00"),
        row("Повернення", "-7,00", day=12),
    )
    free, aside, back = statement.lines.order_by("number")
    send(officer, "post_unmatched", [free.pk], payer=invoices[0].payer_id)
    send(officer, "set_aside", [aside.pk], 422, reason="")
    send(officer, "set_aside", [aside.pk], reason="Відсотки банку")
    assert "Відсотки банку" in text(officer.get(at("line", aside.pk)))
    send(officer, "line_return", [back.pk], 422, payment="")
    send(officer, "line_return", [back.pk], payment=Payment.objects.get(line=free).pk)
    shown = {
        which: officer.get(at("statement", statement.pk), {"which": which}).content.decode()
        for which in ("undecided", "posted", "aside", "all")
    }
    links = {which: len(re.findall(r"/bank/lines/\d+/", page)) for which, page in shown.items()}
    assert links == {"undecided": 0, "posted": 2, "aside": 1, "all": 3}
    send(officer, "take_back", [aside.pk])
    assert officer.get(at("statement", statement.pk)).content.decode().count("/bank/lines/") == 1


def test_the_lines_as_text_are_safe_to_open(officer: Client) -> None:
    statement = bring(officer, row("=HYPERLINK(1)"), row("-5,00", day=11))
    response = officer.get(at("statement_file", statement.pk))
    body = response.content.decode("utf-8-sig")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert ";'=HYPERLINK(1);" in body
    assert "10.07.2026;10000,00;UAH" in body


def test_viewers_look_and_decide_nothing(
    officer: Client, client_of: Callable[..., Client], invoices: list[Invoice]
) -> None:
    statement = bring(officer, row("за червень 2026"))
    line = statement.lines.get()
    viewer = client_of(None)
    viewer.force_login(Make(None).user("finance_viewer"))
    for page in (at("statement", statement.pk), at("line", line.pk)):
        shown = viewer.get(page)
        assert shown.status_code == 200
        assert 'name="line"' not in shown.content.decode()
        assert 'name="key"' not in shown.content.decode()
    send(viewer, "post_line", [line.pk], 403, key="x")
    send(viewer, "confirm_lines", [statement.pk], 403)
    assert not Payment.objects.exists()


def test_pages_cost_the_same_with_many_lines(officer: Client, invoices: list[Invoice]) -> None:
    def rows(number: int, first: int) -> list[str]:
        return [row(f"за червень 2026, {n}", f"{first + n},00", 1 + n % 15) for n in range(number)]

    def queries(statement: BankStatement) -> list[int]:
        pages = [
            at("statements"),
            at("statement", statement.pk),
            at("statement_file", statement.pk),
            f"{at('confirm_lines', statement.pk)}?line={statement.lines.latest('pk').pk}",
        ]
        found = []
        for page in pages:
            with CaptureQueriesContext(connection) as captured:
                assert officer.get(page).status_code == 200
            found.append(len(captured))
        return found

    found = {}
    for number in (2, 60):
        statement = bring(officer, *rows(number, number * 100))
        # The first look tells what was done just now.
        officer.get(at("statements"))
        found[number] = queries(statement)
    assert found[2] == found[60]
    assert (
        "?which=undecided&amp;page=2" in officer.get(at("statement", statement.pk)).content.decode()
    )
