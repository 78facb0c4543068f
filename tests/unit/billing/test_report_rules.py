"""Rules of the reports that need no database."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezpechne.kernel import clock
from billing.reports.asking import Span, of_span, read_month
from billing.reports.hours import in_force
from billing.reports.kekv import share
from billing.reports.lens import Lens
from billing.reports.names import number_of
from billing.reports.pages import Pages, page_number
from billing.reports.reconcile import Part, daily
from billing.reports.sums import percent
from billing.reports.tables import Column, Kind, Row, Table, shown
from billing.reports.usage import Figures, cost_of_one

NB = "\N{NO-BREAK SPACE}"
kopiykas = st.integers(min_value=0, max_value=10**9).map(lambda number: Decimal(number) / 100)


def d(text: str) -> Decimal:
    return Decimal(text)


@given(st.lists(kopiykas, min_size=1, max_size=4), st.integers(min_value=0, max_value=99))
def test_parts_of_a_payment_add_up_and_the_last_makes_them_whole(
    amounts: list[Decimal], percent_paid: int
) -> None:
    whole = sum(amounts, Decimal(0))
    some = (whole * percent_paid / 100).quantize(d("0.01"))
    assert sum(share(some, amounts)) == some
    assert share(whole, amounts) == amounts


def test_a_reversed_code_gets_its_part_with_the_last_kopiyka() -> None:
    amounts = [d("100.00"), d("-20.00")]
    assert share(d("40.00"), amounts) == [d("40.00"), d("0.00")]
    assert share(d("80.00"), amounts) == amounts


@pytest.mark.parametrize(
    ("cost", "number", "expected"),
    [
        ("100.00", 3, d("33.33")),
        ("100.00", 0, None),
        ("100.00", None, None),
        ("0.00", 5, None),
        ("0.05", 10, d("0.01")),
    ],
)
def test_the_cost_of_one_is_rounded_or_a_dash(
    cost: str, number: int | None, expected: Decimal | None
) -> None:
    assert cost_of_one(d(cost), number) == expected


def test_figures_of_months_add_up_and_residents_do_not() -> None:
    may = Figures({"a": 1}, {"a": 1}, d("5.00"), 100, d("5.00"), 1, 1)
    june = Figures({"a": 2, "b": 3}, {}, d("7.00"), 100, d("7.00"), 1, 0)
    both = may + june
    assert (both.all, both.signed) == ({"a": 3, "b": 3}, {"a": 1})
    assert (both.accrued, both.city_months, both.signed_city_months) == (d("12.00"), 2, 1)
    assert both.cost_per_thousand is None


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (d("1234567.80"), Kind.MONEY, f"1{NB}234{NB}567,80"),
        (d("-5.00"), Kind.MONEY, "\N{MINUS SIGN}5,00"),
        (None, Kind.MONEY, "—"),
        ("", Kind.TEXT, ""),
        (0, Kind.NUMBER, "0"),
        (12345, Kind.NUMBER, f"12{NB}345"),
        (d("42.500000"), Kind.NUMBER, "42,5"),
        (d("100.0"), Kind.PERCENT, f"100{NB}%"),
        (d("-3.4"), Kind.PERCENT, f"\N{MINUS SIGN}3,4{NB}%"),
    ],
)
def test_values_are_shown_as_statements_write_them(
    value: Decimal | int | str | None, kind: Kind, expected: str
) -> None:
    assert shown(value, kind) == expected


def test_a_table_says_which_cells_are_negative() -> None:
    table = Table("k", "T", [Column("a"), Column("b", Kind.MONEY)], [Row(["x", d("-1.00")])])
    ((_row, cells),) = table.cells
    assert [negative for _column, _text, negative in cells] == [False, True]
    with pytest.raises(ValueError, match=r"shorter|longer"):
        _ = Table("k", "T", [Column("a")], [Row(["x", "y"])]).cells


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05", date(2026, 5, 1)),
        ("05.2026", date(2026, 5, 1)),
        ("5.2026", date(2026, 5, 1)),
        ("2026-13", None),
        ("2026-5", None),
        ("1999-05", None),
        ("2026-05-01", None),
        ("", None),
    ],
)
def test_months_are_read_as_browsers_and_people_write_them(
    text: str, expected: date | None
) -> None:
    assert read_month(text) == expected


@pytest.mark.parametrize(
    ("span", "first", "last"),
    [
        (Span.THIS_YEAR, date(2026, 1, 1), date(2026, 12, 1)),
        (Span.LAST_YEAR, date(2025, 1, 1), date(2025, 12, 1)),
        (Span.LAST_MONTH, date(2025, 12, 1), date(2025, 12, 1)),
        (Span.LAST_12, date(2025, 1, 1), date(2025, 12, 1)),
    ],
)
def test_spans_move_with_the_calendar(span: Span, first: date, last: date) -> None:
    with clock.frozen(datetime(2026, 1, 15, 9, tzinfo=UTC)):
        assert of_span(span) == (first, last)


def test_tariffs_of_the_city_and_of_the_activity_come_first() -> None:
    known = [
        (None, "", d("100")),
        (None, "answers", d("120")),
        (7, "", d("150")),
        (7, "routing", d("160")),
        (7, "routing", d("170")),
    ]
    found = in_force(known)
    assert (found["answers"], found["routing"]) == (d("150"), d("170"))
    assert in_force(known[:2]) == {**dict.fromkeys(found, d("100")), "answers": d("120")}
    assert in_force([]) == {}


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("№123/45-А", "№123/45-А"),
        ("3942", "3942"),
        ("Іван Петренко", ""),
        ("Петренко", ""),
        ("оплата 5", ""),
        ("", ""),
        ("1" * 41, ""),
    ],
)
def test_a_reference_with_words_is_no_number(reference: str, expected: str) -> None:
    assert number_of(reference) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("3", 3), ("0", 1), ("-2", 1), ("x", 1), ("٣", 1), ("9" * 9, 1)]
)
def test_pages_are_numbers_from_one_on(text: str, expected: int) -> None:
    assert page_number({"page": text}) == expected


def test_pages_know_their_neighbours() -> None:
    pages = Pages(9, 101, "?page=")
    assert (pages.last, pages.page, pages.offset) == (3, 3, 100)
    assert (pages.newer_url, pages.older_url) == ("?page=2", "")
    assert Pages(1, 0, "?page=").last == 1


def test_a_lens_without_anything_sees_nothing() -> None:
    assert Lens().where("p", "a") == "FALSE"
    assert Lens(everything=True).where("p", "a") == "TRUE"
    donor = Lens(payers=frozenset({1}), account_id=2)
    assert donor.where("p", "a") == "(p = ANY(%(payers)s)) AND a = %(account_id)s"


@pytest.mark.parametrize(
    ("lens", "cities", "payers"),
    [
        (Lens(everything=True), True, True),
        (Lens(everything=True, account_id=1), True, False),
        (Lens(everything=True, payer_id=1), False, True),
        (Lens(payers=frozenset({1})), False, True),
        (Lens(payers=frozenset({1}), payer_id=1), False, True),
        (Lens(payers=frozenset({1}), account_id=2), False, False),
        (Lens(accounts=frozenset({2})), True, False),
        (Lens(accounts=frozenset({2}), payer_id=1), False, False),
        (Lens(payers=frozenset({1}), accounts=frozenset({2})), False, False),
        (Lens(payers=frozenset({1}), accounts=frozenset({2}), account_id=2), True, False),
        (Lens(everything=True, oblast="Львівська"), True, False),
    ],
)
def test_a_lens_knows_whether_cities_and_payers_are_whole(
    lens: Lens, cities: bool, payers: bool
) -> None:
    assert (lens.has_whole_cities, lens.has_whole_payers) == (cities, payers)


def part(amount: str, *, is_own: bool) -> Part:
    may = date(2026, 5, 1)
    return Part(1, 2, may, date(2026, 5, 10), date(2026, 5, 12), d(amount), is_own, in_act=True)


def test_a_part_has_the_days_that_its_agreement_funds() -> None:
    funded = {1: [(date(2026, 1, 1), date(2026, 5, 12), d("100"))]}
    ((_part, days),) = daily([part("3.01", is_own=False)], funded)
    assert days == {date(2026, 5, 10): d("1.51"), date(2026, 5, 11): d("1.50")}


def test_a_part_of_unfunded_days_has_a_day_only_as_the_agreement_s_own() -> None:
    ((_part, days),) = daily([part("3.01", is_own=False)], {})
    assert days == {}
    ((_part, days),) = daily([part("3.01", is_own=True)], {})
    assert sum(days.values()) == d("3.01")
    assert len(days) == 3


def test_percent_of_nothing_is_unknown() -> None:
    assert percent(d("5"), d("0")) is None
    assert percent(d("1"), d("3")) == d("33.3")
