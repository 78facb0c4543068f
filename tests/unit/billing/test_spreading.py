"""Sums are spread to the kopiyka, whatever the weights."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.spreading import (
    CannotSpread,
    by_days,
    by_payers,
    days,
    last_of,
    months,
    next_month,
    part_of_month,
    payer_by_days,
    spread,
)

sums = st.integers(min_value=-(10**12), max_value=10**12).map(lambda k: Decimal(k) / 100)
percents = st.integers(min_value=0, max_value=10_000).map(lambda p: Decimal(p) / 100)


@given(sums, st.lists(percents, min_size=1, max_size=40).filter(any))
def test_parts_add_up_and_never_stray_by_a_kopiyka(total: Decimal, weights: list[Decimal]) -> None:
    parts = spread(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - total * weight / whole) < Decimal("0.01")


@given(sums, st.lists(percents, min_size=1, max_size=40).filter(any))
def test_a_counter_entry_is_the_negative_of_its_entry(
    total: Decimal, weights: list[Decimal]
) -> None:
    assert spread(-total, weights) == [-part for part in spread(total, weights)]


def test_equal_remainders_go_to_the_earlier_ones() -> None:
    assert spread(Decimal("0.05"), [1, 1, 1]) == [
        Decimal("0.02"),
        Decimal("0.02"),
        Decimal("0.01"),
    ]


@pytest.mark.parametrize(
    ("total", "weights"),
    [
        (Decimal("0.001"), [1]),
        (Decimal("1.00"), [0, 0]),
        (Decimal("1.00"), []),
        (Decimal("1.00"), [-1, 2]),
    ],
)
def test_what_cannot_be_spread_is_refused(total: Decimal, weights: list[int]) -> None:
    with pytest.raises(CannotSpread):
        spread(total, weights)


def test_nothing_is_spread_over_nobody() -> None:
    assert spread(Decimal(0), [0, 0]) == [Decimal(0), Decimal(0)]


@pytest.mark.parametrize("month", [date(2026, 1, 1), date(2026, 2, 1), date(2028, 2, 1)])
@given(total=sums, cut=st.integers(min_value=0, max_value=28))
def test_two_parts_of_a_month_are_the_month(month: date, total: Decimal, cut: int) -> None:
    whole = list(days(month, last_of(month)))
    first = part_of_month(total, month, whole[:cut])
    assert first + part_of_month(total, month, whole[cut:]) == total


def test_thirty_one_days_of_ten_thousand() -> None:
    each = by_days(Decimal("10000.00"), date(2026, 5, 1), date(2026, 5, 31))
    assert len(each) == 31
    assert sum(each.values()) == Decimal("10000.00")
    assert set(each.values()) == {Decimal("322.58"), Decimal("322.59")}


def test_the_twenty_ninth_of_february_is_a_day() -> None:
    assert last_of(date(2028, 2, 1)) == date(2028, 2, 29)
    assert next_month(date(2028, 2, 29)) == date(2028, 3, 1)
    assert list(months(date(2027, 12, 31), date(2028, 2, 1))) == [
        date(2027, 12, 1),
        date(2028, 1, 1),
        date(2028, 2, 1),
    ]


@given(
    total=sums,
    switch=st.integers(min_value=0, max_value=31),
    share=st.integers(min_value=1, max_value=9_999),
)
def test_days_and_payers_give_the_same_sums(total: Decimal, switch: int, share: int) -> None:
    """Before the switch one pays all, after it two share."""
    first = date(2026, 5, 1)
    part = Decimal(share) / 100
    shares = {
        day: {1: Decimal(100)} if (day - first).days < switch else {2: part, 3: 100 - part}
        for day in days(first, first + timedelta(days=30))
    }
    parts = by_payers(total, shares)
    assert sum(parts.values()) == total
    for agreement, amount in parts.items():
        assert sum(payer_by_days(amount, agreement, shares).values()) == amount


def test_a_day_that_nobody_pays_for_is_refused() -> None:
    with pytest.raises(CannotSpread):
        by_payers(Decimal(1), {date(2026, 5, 1): {}})
