"""Purposes of payments as people write them."""

from datetime import date

import pytest

from billing.bank import naming, purpose
from billing.bank.purpose import Named

NOVEMBER_5 = date(2026, 11, 5)


def months(*texts: str) -> set[date]:
    return {date.fromisoformat(f"{text}-01") for text in texts}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Оплата за послуги, рахунок № 12/2026 від 03.10.2026", {(12, 2026)}),
        ("опл. зг. рах. №12/2026 без ПДВ", {(12, 2026)}),
        ("рах.12 від 03.10.2026", {(12, None)}),
        ("зг рахунку-фактури N 12/26", {(12, 2026)}),
        ("рахунок-фактура №12-2026", {(12, 2026)}),
        ("Рахунок 12 / 2026", {(12, 2026)}),
        ("рахунок № I2/2О26", {(12, 2026)}),  # Latin I, Cyrillic О
        ("рaхунок № l2/2026", {(12, 2026)}),  # Latin a and l
        ("рахунків №№ 12/2026, 13/2026 та 14/2026", {(12, 2026), (13, 2026), (14, 2026)}),
        ("рах.№12,13", {(12, None), (13, None)}),
        ("рах. 12 і 13", {(12, None), (13, None)}),
        ("invoice No. 12/2026", {(12, 2026)}),
        ("Inv #12", {(12, None)}),
        ("р-к №12/2026", {(12, 2026)}),
        ("рах–фактура №12/2026", {(12, 2026)}),
        ("рахунок на оплату №12/2026", {(12, 2026)}),
        ("оплата рахунку 12,50 грн", set()),
        ("на рахунок UA213223130000026007233566001", set()),
        ("рахунок від 03.10.2026", set()),
        ("за страхування 12/2026", set()),
        ("рахунок 03.10.2026", set()),
    ],
)
def test_numbers_of_invoices(text: str, named: set[tuple[int, int | None]]) -> None:
    assert purpose.read(text, NOVEMBER_5).invoices == {Named(*one) for one in named}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("зг. акту № 7/2026 від 02.10.2026", {(7, 2026)}),
        ("акт наданих послуг №7", {(7, None)}),
        ("акт виконаних робіт N7/26", {(7, 2026)}),
        ("акт приймання-передачі № 7/2026", {(7, 2026)}),
        ("згідно актів №7, №8", {(7, None), (8, None)}),
        ("контактний номер 7", set()),
        ("актуалізація 7", set()),
    ],
)
def test_numbers_of_acts(text: str, named: set[tuple[int, int | None]]) -> None:
    assert purpose.read(text, NOVEMBER_5).acts == {Named(*one) for one in named}


@pytest.mark.parametrize(
    "text", ["дог. №Д-45/26", "договір Д 45 / 26", "дог.№ Д–45-26", "угода д45/26"]
)
def test_a_contract_s_number_is_known_however_it_is_written(text: str) -> None:
    assert purpose.squeezed("Д-45/26") in purpose.read(text, NOVEMBER_5).contracts


def test_look_alikes_of_both_alphabets_are_one() -> None:
    assert (
        purpose.squeezed("КМ-1О/26") == purpose.squeezed("KM-10/26") == purpose.squeezed("км l0 26")
    )


def test_a_short_number_counts_only_after_its_word() -> None:
    said = purpose.read("КЕКВ 2240; дог. 12 за жовтень", NOVEMBER_5)
    assert "12" in said.contracts
    assert purpose.squeezed("2240") not in said.contracts


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("за жовтень 2026", {"2026-10"}),
        ("за жовтень 2026р.", {"2026-10"}),
        ("за жовтень", {"2026-10"}),
        ("за грудень", {"2025-12"}),
        ("у жовтні 2026 року", {"2026-10"}),
        ("послуги жовтня 2026", {"2026-10"}),
        ("за жoвтeнь 2026", {"2026-10"}),  # Latin o and e
        ("за жоветнь 2026", {"2026-10"}),
        ("за ЖОВТЕНЬ 2026", {"2026-10"}),
        ("за жовт. 2026", {"2026-10"}),
        ("за 10.2026", {"2026-10"}),
        ("за 10/2026", {"2026-10"}),
        ("for October 2026", {"2026-10"}),
        ("за вересень-жовтень 2026", {"2026-09", "2026-10"}),
        ("за серпень – жовтень 2026", {"2026-08", "2026-09", "2026-10"}),
        ("за вересень, жовтень 2026", {"2026-09", "2026-10"}),
        ("за вересень та жовтень 2026", {"2026-09", "2026-10"}),
        ("за вересень 2025 та жовтень 2026", {"2025-09", "2026-10"}),
        ("за грудень-січень 2026", {"2025-12", "2026-01"}),
        ("за III квартал 2026", {"2026-07", "2026-08", "2026-09"}),
        ("за 3 кв. 2026", {"2026-07", "2026-08", "2026-09"}),
        ("акт від 05 жовтня 2026", set()),
        ("рахунок від 03.10.2026", set()),
        ("рахунок № 4/2026 за жовтень 2026", {"2026-10"}),
        ("акт 4/2026, дог. № 5/2026", set()),
        ("за травму, липовий мед, березу", set()),
        ("квитанція, серпантин", set()),
    ],
)
def test_months(text: str, named: set[str]) -> None:
    assert purpose.read(text, NOVEMBER_5).months == months(*named)


@pytest.mark.parametrize(
    ("city", "text"),
    [
        ("Полтава", "послуги модератора м. Полтави"),
        ("Львів", "у Львові"),
        ("Тернопіль", "місто Тернополя"),
        ("Київ", "м. Києва"),
        ("Біла Церква", "м. Білої Церкви"),
        ("Івано-Франківськ", "Івано-Франківська"),
    ],
)
def test_cities_in_any_case(city: str, text: str) -> None:
    words = purpose.read(text, NOVEMBER_5).words
    assert naming.is_named(city, words | naming.words_of(text))
    assert not naming.is_named("Одеса", words)


@pytest.mark.parametrize("text", ["повернення помилково сплачених", "Повернення коштів", "refund"])
def test_words_of_a_return(text: str) -> None:
    assert purpose.read(text, NOVEMBER_5).is_return


def test_any_text_is_read() -> None:
    for text in (
        "",
        " ",
        "№",
        "рах",
        "рах. №",
        "за",
        "-" * 300,
        "9" * 500,
        "рах. " * 300,
        "а-" * 900,
    ):
        purpose.read(text, NOVEMBER_5)
