"""Files of banks: every odd way in which they write a movement, and what is refused."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from billing.bank.statements import camt, files, separated, values
from billing.bank.statements.columns import Mapping, guessed
from billing.bank.statements.movements import Format, Movement, fingerprints
from billing.errors import LedgerRefused

OURS = "UA213223130000026007233566001"
THEIRS = "UA903052992990004149123456789"
HEADER = "Дата операції;Сума;Валюта;Призначення платежу;ЄДРПОУ контрагента;Назва контрагента;Рахунок контрагента;Номер документа"
ROW = (
    f"05.10.2026;18 500,50;UAH;Оплата за вересень 2026;00032106;Полтавська міська рада;{THEIRS};17"
)
NBSP = "\N{NO-BREAK SPACE}"


def refused(action: Callable[[], object]) -> str:
    with translation.override("en"), pytest.raises(LedgerRefused) as caught:
        action()
    return caught.value.sentence


def read(text: str, **columns: int) -> list[Movement]:
    mapping = Mapping(columns or separated.sheet_of(text).columns, OURS)
    return list(separated.read(text, mapping).movements)


def test_a_usual_export_is_understood_from_its_names() -> None:
    (one,) = read(f"{HEADER}\n{ROW}\n")
    assert one == Movement(
        line=2,
        booked_on=date(2026, 10, 5),
        amount=Decimal("18500.50"),
        account=OURS,
        payer_name="Полтавська міська рада",
        payer_iban=THEIRS,
        payer_edrpou="00032106",
        purpose="Оплата за вересень 2026",
        reference="17",
    )


@pytest.mark.parametrize(
    ("names", "parts"),
    [
        (
            "№|Дата проводки|Час|Сума|Валюта|Призначення платежу|ЄДРПОУ|Контрагент|Рахунок контрагента|Референс",
            "- day - amount currency purpose payer_edrpou payer_name payer_iban reference",
        ),
        (
            "Номер документу|Дата документу|Дата операції|Рахунок|Кореспондент|Рахунок кореспондента|Дебет|Кредит|Призначення",
            "reference - day account payer_name payer_iban debit credit purpose",
        ),
        (
            "Booking date|Value date|Counterparty|Counterparty IBAN|Amount|Currency|Purpose|Reference",
            "day - payer_name payer_iban amount currency purpose reference",
        ),
        (
            "Дата|Д/К|Сума|Сума (екв.)|Код контрагента|Назва контрагента|Призначення платежу",
            "day direction amount - payer_edrpou payer_name purpose",
        ),
        ("Date|Description|Paid out|Paid in|Balance", "day purpose debit credit -"),
        (
            "ДАТА ОПЕРАЦІЇ|CУМА|Тип операції|Пpизначення платежу",  # Latin C and p
            "day amount direction purpose",
        ),
    ],
)
def test_names_of_columns_are_known(names: str, parts: str) -> None:
    wanted = {part: place for place, part in enumerate(parts.split()) if part != "-"}
    assert guessed(names.split("|")) == wanted


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1251", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_encodings_and_separators(encoding: str, separator: str) -> None:
    row = ROW.replace("18 500,50", '"18 500,50"')
    content = f"{HEADER}\r\n{row}\r\n".replace(";", separator).encode(encoding)
    assert files.format_of(content) == Format.CSV
    (one,) = read(files.text_of(content))
    assert one.payer_name == "Полтавська міська рада"
    assert one.amount == Decimal("18500.50")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1234,56", "1234.56"),
        ("1234.5", "1234.50"),
        ("1 234,56", "1234.56"),
        (f"1{NBSP}234{NBSP}567,89", "1234567.89"),
        ("1\u202f234,56", "1234.56"),
        ("1'234.56", "1234.56"),
        ("1’234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1,234,567", "1234567"),
        ("1.234.567,8", "1234567.80"),
        ("12345", "12345"),
        ("-5,00", "-5"),
        ("\N{MINUS SIGN}5,00", "-5"),
        ("5.00-", "-5"),
        ("(5,00)", "-5"),
        ("+5,00", "5"),
        ("1 234,50 грн.", "1234.50"),
        ("100.00UAH", "100"),
        ('="1234,50"', "1234.50"),
        ("'77", "77"),
        ("0,01", "0.01"),
    ],
)
def test_sums(text: str, amount: str) -> None:
    assert values.sum_of(text) == Decimal(amount)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "1,234",
        "1.2345",
        "1,2,3",
        "12.34.56",
        "1e5",
        "NaN",
        "--5",
        "٣",
        "1" * 13,
        "5,0,0",
    ],
)
def test_what_is_no_sum(text: str) -> None:
    with translation.override("en"), pytest.raises(ValueError, match="is no sum"):
        values.sum_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "05.10.2026",
        "5.10.2026",
        "05/10/2026",
        "05-10-2026",
        "2026-10-05",
        "05.10.26",
        "05.10.2026 14:22",
        "05.10.2026 14:22:10",
        "2026-10-05T14:22:10+03:00",
        "2026-10-05 14:22:10",
        " 05.10.2026 ",
        "'05.10.2026",
    ],
)
def test_days(text: str) -> None:
    assert values.day_of(text) == date(2026, 10, 5)


@pytest.mark.parametrize(
    "text", ["", "31.02.2026", "2026-13-01", "05.10.1999", "05.10.20266", "05.10.2026 пн", "5"]
)
def test_what_is_no_day(text: str) -> None:
    assert not values.is_day(text)


@pytest.mark.parametrize(
    ("raw", "code"),
    [("32106", "00032106"), ('="00032106"', "00032106"), ("3012345678", "3012345678"), ("", "")],
)
def test_codes_get_back_the_zeros_that_a_spreadsheet_ate(raw: str, code: str) -> None:
    assert values.edrpou_of(raw) == code


def test_debit_and_credit_columns() -> None:
    text = (
        "Дата;Дебет;Кредит;Призначення\n"
        "05.10.2026;;100,00;прийшло\n05.10.2026;40,00;;пішло\n06.10.2026;-40,00;0,00;пішло ще\n"
    )
    assert [one.amount for one in read(text)] == [Decimal(100), Decimal(-40), Decimal(-40)]
    both = "Дата;Дебет;Кредит\n05.10.2026;1,00;1,00\n"
    assert refused(lambda: read(both)).startswith("Line 2: There is a sum in both")


def test_a_column_of_directions() -> None:
    text = (
        "Дата;Сума;Тип операції\n05.10.2026;5;Зарахування\n05.10.2026;5;Списання\n05.10.2026;5;Д\n"
    )
    assert [one.amount for one in read(text)] == [5, -5, -5]
    assert "neither debit" in refused(lambda: read(f"{text}05.10.2026;5;Обмін\n"))


def test_what_stands_before_and_after_the_table_is_no_movement() -> None:
    text = (
        f"Виписка по рахунку;{OURS}\nПеріод: 01.10.2026 – 31.10.2026\n\n{HEADER}\n{ROW}\n;;;\n"
        "Всього надходжень:;18 500,50\nВихідний залишок;1,00\n"
    )
    sheet = separated.sheet_of(text)
    assert sheet.account == OURS
    reading = separated.read(text, Mapping(sheet.columns, sheet.account))
    assert (len(reading.movements), reading.ignored) == (1, 2)


def test_a_text_with_the_separator_and_new_lines_is_one_cell() -> None:
    text = f'{HEADER}\n05.10.2026;1,00;UAH;"Оплата; акт\n№ 5";;;;\n{ROW}\n'
    first, second = read(text)
    assert first.purpose == "Оплата; акт № 5"
    assert (first.line, second.line) == (2, 4)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("05.10.2026;abc;UAH;;;;;", "Line 3: “abc” is no sum."),
        ("35.10.2026;1,00;UAH;;;;;", "Line 3: “35.10.2026” is no day."),
        ("05.10.2026;1,00;гривень;;;;;", "Line 3: “гривень” is no currency."),
        ("05.10.2026;0,00;UAH;;;;;", "Line 3: The sum is nothing."),
        ("05.10.2026;1,00;UAH;a;b;c;d;e;f", "Line 3: There are more cells than columns"),
        ("05.10.2026", "Line 3: “” is no sum."),
        (f'05.10.2026;1,00;UAH;"Оплата\n{ROW}\n{ROW}', "Line 3: A quotation mark is open"),
    ],
)
def test_one_odd_line_refuses_the_whole_file_with_its_number(row: str, said: str) -> None:
    assert refused(lambda: read(f"{HEADER}\n{ROW}\n{row}\n")).startswith(said)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"  \n ", "empty"),
        (b"PK\x03\x04rest", "spreadsheet"),
        (b"\xd0\xcf\x11\xe0rest", "spreadsheet"),
        (b"%PDF-1.7", "PDF"),
        (b"x" * (files.MOST_BYTES + 1), "5 MB"),
    ],
)
def test_what_is_no_statement_says_what_to_bring(content: bytes, said: str) -> None:
    assert said in refused(lambda: files.format_of(content))


@pytest.mark.parametrize("text", ["просто слова", "a;b;c", "05.10.2026;1,00;x\n06.10.2026;2,00;y"])
def test_a_table_needs_names_and_movements(text: str) -> None:
    refused(lambda: read(text, day=0, amount=1))


def test_binary_is_no_text() -> None:
    assert "no text" in refused(lambda: files.text_of(b"a\0b\0\x98"))


@pytest.mark.parametrize(
    ("columns", "field"),
    [
        ({"amount": 1}, "day"),
        ({"day": 0}, "amount"),
        ({"day": 0, "credit": 1}, "amount"),
        ({"day": 0, "amount": 1, "credit": 2, "debit": 3}, "amount"),
        ({"day": 0, "amount": 0}, "amount"),
        ({"day": 0, "amount": 99}, "amount"),
    ],
)
def test_a_mapping_that_lacks_something_is_refused_at_its_field(
    columns: dict[str, int], field: str
) -> None:
    with pytest.raises(LedgerRefused) as caught:
        separated.read(f"{HEADER}\n{ROW}\n", Mapping(columns, OURS))
    assert caught.value.field == field


def test_an_account_is_needed() -> None:
    with pytest.raises(LedgerRefused) as caught:
        separated.read("Дата;Сума;Опис\n05.10.2026;1;a\n", Mapping({"day": 0, "amount": 1}))
    assert caught.value.field == "own_account"


# --- fingerprints ---------------------------------------------------------------------------------


def movement(**changes: Any) -> Movement:
    facts: dict[str, Any] = {
        "line": 1,
        "booked_on": date(2026, 10, 5),
        "amount": Decimal("5.00"),
        "account": OURS,
        "purpose": "Оплата  № 5",
        "payer_edrpou": "00032106",
    }
    return Movement(**{**facts, **changes})


def test_a_movement_is_known_again_whatever_its_line_and_blanks() -> None:
    one, same = movement(), movement(line=9, purpose="оплата №5", payer_name="Рада")
    assert fingerprints([one]) == fingerprints([same])


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": Decimal("5.01")},
        {"booked_on": date(2026, 10, 6)},
        {"account": THEIRS},
        {"currency": "USD"},
        {"purpose": "Оплата № 6"},
        {"reference": "7"},
        {"payer_edrpou": "14360570"},
    ],
)
def test_any_other_fact_makes_another_movement(changes: dict[str, Any]) -> None:
    assert fingerprints([movement()]) != fingerprints([movement(**changes)])


def test_equal_movements_of_one_file_are_counted() -> None:
    twice = fingerprints([movement(), movement()])
    assert len(set(twice)) == 2
    assert fingerprints([movement()]) == twice[:1]


# --- CAMT.053 -------------------------------------------------------------------------------------


def document(entries: str, version: int = 2, account: str = f"<IBAN>{OURS}</IBAN>") -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version:02}"><BkToCstmrStmt>
<GrpHdr><MsgId>1</MsgId></GrpHdr><Stmt><Id>1</Id><Acct><Id>{account}</Id></Acct>
{entries}
</Stmt></BkToCstmrStmt></Document>""".encode()


def entry(
    amount: str = "18500.50", way: str = "CRDT", more: str = "", details: str = "", ccy: str = "UAH"
) -> str:
    return (
        f'<Ntry><NtryRef>N1</NtryRef><Amt Ccy="{ccy}">{amount}</Amt><CdtDbtInd>{way}</CdtDbtInd>{more}'
        f"<BookgDt><Dt>2026-10-05</Dt></BookgDt><NtryDtls>{details}</NtryDtls></Ntry>"
    )


PARTIES = f"""<RltdPties><Dbtr>%s<Nm>Полтавська міська рада</Nm>
<Id><OrgId><Othr><Id>00032106</Id></Othr></OrgId></Id>%s</Dbtr>
<DbtrAcct><Id><IBAN>{THEIRS}</IBAN></Id></DbtrAcct></RltdPties>"""
REMITTANCE = "<RmtInf><Ustrd>Оплата за</Ustrd><Ustrd>вересень 2026</Ustrd></RmtInf>"
REFS = "<Refs><EndToEndId>NOTPROVIDED</EndToEndId><InstrId>17</InstrId></Refs>"


def movements(content: bytes) -> list[Movement]:
    assert files.format_of(content) == Format.CAMT
    return list(camt.read(content).movements)


@pytest.mark.parametrize("version", range(2, 9))
def test_every_version_says_the_same(version: int) -> None:
    new = version >= 8
    state = "<Sts><Cd>BOOK</Cd></Sts>" if new else "<Sts>BOOK</Sts>"
    parties = PARTIES % (("<Pty>", "</Pty>") if new else ("", ""))
    details = f"<TxDtls>{REFS}{parties}{REMITTANCE}</TxDtls>"
    (one,) = movements(document(entry(more=state, details=details), version))
    assert one.amount == Decimal("18500.50")
    assert (one.account, one.payer_iban, one.payer_edrpou) == (OURS, THEIRS, "00032106")
    assert one.payer_name == "Полтавська міська рада"
    assert one.purpose == "Оплата за вересень 2026"
    assert (one.reference, one.booked_on) == ("17", date(2026, 10, 5))


def test_debits_reversals_and_what_is_not_booked() -> None:
    camt_file = document(
        entry(way="DBIT")
        + entry(
            way="DBIT",
            more="<RvslInd>true</RvslInd>",
            details=f"<TxDtls>{PARTIES % ('', '')}</TxDtls>",
        )
        + entry(more="<Sts>PDNG</Sts>")
        + entry("0.00")
    )
    reading = camt.read(camt_file)
    assert [(one.amount < 0, one.is_reversal) for one in reading.movements] == [
        (True, False),
        (True, True),
    ]
    assert reading.movements[1].payer_edrpou == "00032106", "who had paid gets it back"
    assert reading.ignored == 1


def test_a_batch_whose_sums_are_told_is_its_transactions() -> None:
    parts = "".join(
        f'<TxDtls><AmtDtls><TxAmt><Amt Ccy="UAH">{amount}</Amt></TxAmt></AmtDtls>{REMITTANCE}</TxDtls>'
        for amount in ("18000.50", "500")
    )
    found = movements(document(entry(details=parts)))
    assert [one.amount for one in found] == [Decimal("18000.50"), Decimal(500)]
    (whole,) = movements(document(entry("18501", details=parts)))
    assert whole.amount == 18501


def test_other_currencies_and_encodings() -> None:
    (one,) = movements(document(entry(ccy="EUR")))
    assert one.currency == "EUR"
    text = document(entry(details=f"<TxDtls>{REMITTANCE}</TxDtls>")).decode()
    for encoding in ("windows-1251", "UTF-16"):
        (one,) = movements(text.replace("UTF-8", encoding).encode(encoding))
        assert one.purpose == "Оплата за вересень 2026"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<Document/>", "no statement"),
        (b"<html><body>", "Line 1: This is no whole XML"),
        (document(entry()).replace(b"camt.053.001.02", b"camt.054.001.02"), "no statement"),
        (document(entry()).replace(b"camt.053.001.02", b"camt.053.001.99"), "no statement"),
        (document(entry())[:-40], "no whole XML"),
        (document(entry("12.345")), "Line 4: A sum has two decimal places"),
        (document(entry("-5")), "Line 4: “-5” is no sum"),
        (document(entry(way="BOTH")), "Line 4: It is neither credit nor debit"),
        (document(entry().replace("2026-10-05", "05 жовтня")), "Line 4: “05 жовтня” is no day"),
        (document(entry(), account=""), "of which account"),
        (document(""), "no movement"),
        (b"<a>" * 100, "nested too deeply"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_line(content: bytes, said: str) -> None:
    assert said in refused(lambda: camt.read(content))


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE Document SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE Document [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE Document [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]>',
    ],
)
def test_no_document_type_and_no_entities(declaration: str) -> None:
    content = document(entry()).replace(b"<Document", f"{declaration}<Document".encode(), 1)
    assert "declares a document type" in refused(lambda: camt.read(content))


# --- Anything at all ------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        HEADER,
        ROW,
        "\n",
        ";",
        ",",
        "\t",
        '"',
        "05.10.2026",
        "1,00",
        "=",
        "'",
        "Всього",
        "\r",
        "\x85",
        "\0",
    ]
)


@given(st.lists(PIECES | st.text(max_size=5), max_size=30).map("".join))
def test_any_table_is_read_or_refused_in_a_sentence(text: str) -> None:
    for columns in ({"day": 0, "amount": 1}, {}):
        with suppress(LedgerRefused):
            read(text, **columns)


@given(st.binary(max_size=200) | st.sampled_from([document(entry())]).map(lambda whole: whole[7:]))
def test_any_bytes_are_read_or_refused_in_a_sentence(content: bytes) -> None:
    for some in (content, b"<" + content):
        with suppress(LedgerRefused):
            files.read(some, Mapping({"day": 0, "amount": 1}, OURS))


@given(st.integers(0, 900), st.integers(0, 255))
def test_a_spoilt_byte_of_a_statement_is_no_fault_of_ours(place: int, byte: int) -> None:
    whole = document(entry(details=f"<TxDtls>{REFS}{PARTIES % ('', '')}{REMITTANCE}</TxDtls>"))
    spoilt = whole[:place] + bytes([byte]) + whole[place + 1 :]
    with suppress(LedgerRefused):
        camt.read(spoilt)
