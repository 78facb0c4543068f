"""Charts: marks at their heights, labels that do not touch, no style attribute."""

import re
from decimal import Decimal
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from billing.output.charts import BOTTOM, HEIGHT, TOP, Group, Labels, bars, columns, nice

LABELS = Labels("Plan <and> more", "Plan", "Accrued", "Paid")


def d(text: str) -> Decimal:
    return Decimal(text)


def group(label: str, plan: str, accrued: str, paid: str) -> Group:
    return Group(label, d(plan), d(accrued), d(paid))


def drawn(*groups: Group) -> ET.Element:
    # Our own text, parsed to look at its marks.
    return ET.fromstring(columns(groups, LABELS))  # noqa: S314 - same


@pytest.mark.parametrize(
    ("value", "end"),
    [("0", 1), ("-5", 1), ("0.4", 1), ("1", 1), ("101", 200), ("2001", 2500), ("9999.99", 10_000)],
)
def test_the_axis_ends_at_a_round_sum(value: str, end: int) -> None:
    assert nice(d(value)) == end


def test_columns_are_as_high_as_their_sums() -> None:
    picture = drawn(group("01.26", "1000", "500", "250"))
    room = HEIGHT - TOP - BOTTOM
    heights = {
        mark.get("class"): float(mark.get("height", 0)) for mark in picture if mark.tag == "rect"
    }
    assert heights == {"chart__plan": room, "chart__accrued": room / 2}
    (paid,) = [mark for mark in picture if mark.get("class") == "chart__paid"]
    assert float(paid.get("y1", 0)) == TOP + room * 3 / 4


def test_names_beside_the_last_month_do_not_touch_and_stay_inside() -> None:
    for sums in (("1000", "1000", "1000"), ("0", "0", "0"), ("10", "1000", "999")):
        picture = drawn(group("01.26", "1000", "0", "0"), group("02.26", *sums))
        names = [mark for mark in picture.iter() if mark.get("class") == "chart__name"]
        heights = sorted(float(mark.get("y", 0)) for mark in names)
        assert len(heights) == 3
        assert all(low + 15 <= high for low, high in pairwise(heights))
        assert heights[-1] <= HEIGHT - BOTTOM + 5


def test_labels_of_two_years_do_not_touch() -> None:
    picture = drawn(*(group(f"{number:02}.26", "1", "1", "1") for number in range(1, 25)))
    labels = [mark for mark in picture if mark.get("text-anchor") == "middle"]
    places = [float(mark.get("x", 0)) for mark in labels]
    assert all(low + 50 <= high for low, high in pairwise(places))
    assert len(places) == 12


def test_large_sums_have_room_for_the_axis() -> None:
    picture = drawn(group("01.26", "250000000", "1", "1"))
    axis = [mark for mark in picture if mark.get("text-anchor") == "end"]
    assert all(float(mark.get("x", 0)) >= 8 * len(mark.text or "") for mark in axis)


def test_negative_sums_are_drawn_as_nothing() -> None:
    picture = drawn(group("01.26", "100", "-50", "-50"))
    (accrued,) = [mark for mark in picture if mark.get("class") == "chart__accrued"]
    assert float(accrued.get("height", 1)) == 0
    assert not [mark for mark in picture if mark.get("class") == "chart__paid"]


def test_a_chart_has_no_style_attribute_and_escapes_its_words() -> None:
    text = columns([group("<b>", "1", "1", "1")], LABELS)
    assert not re.search(r"\sstyle=", text)
    assert "<b>" not in text
    assert "Plan &lt;and&gt; more" in text
    assert columns([], LABELS).startswith("<svg")


def test_bars_are_parts_of_the_longest() -> None:
    found = bars(
        [("a", "4,00", d("4.00"), "/a"), ("b", "1,00", d("1.00"), ""), ("c", "—", None, "")]
    )
    assert [(bar.label, bar.part) for bar in found] == [("a", 100), ("b", 25), ("c", 0)]
    assert [bar.part for bar in bars([("a", "0", 0, ""), ("b", "-1", -1, "")])] == [0, 0]
