"""A file of exchange rates: all of its lines are right, or each wrong one is told."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import translation

from bezpechne.kernel import clock
from billing.rate_files import MOST_BYTES, read_rates

MAY_5, MAY_6 = date(2026, 5, 5), date(2026, 5, 6)


@pytest.fixture(autouse=True)
def _may() -> Iterator[None]:
    with clock.frozen(datetime(2026, 5, 20, 9, tzinfo=UTC)), translation.override("en"):
        yield


@pytest.mark.parametrize(
    "text",
    [
        "05.05.2026;41,4567\n06.05.2026;41,5\n",
        "\ufeffДата;Курс\r\n2026-05-05;41.4567\r\n2026-05-06\t41.5;\r\n\r\n",
        '"05.05.2026";"41,4567"\n5.5.2026;41,4567\n06.05.2026; 41,5 ;\n',
    ],
)
def test_lines_as_banks_and_people_write_them(text: str) -> None:
    found = read_rates(text.encode())
    assert found.problems == []
    assert found.rates == {MAY_5: Decimal("41.4567"), MAY_6: Decimal("41.5")}


def test_an_old_encoding_is_read() -> None:
    found = read_rates("дата;курс\n05.05.2026;41,4567".encode("windows-1251"))
    assert found.rates == {MAY_5: Decimal("41.4567")}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("05.05.2026", "with ;"),
        ("05.05.2026;1;2", "with ;"),
        ("31.02.2026;41", "is no day"),
        ("05.05.2036;41", "too far away"),
        ("05.05.2026;-41", "is no rate"),
        ("05.05.2026;41,1234567", "is no rate"),
        ("05.05.2026;0,000000", "is nothing"),
        ("05.05.2026;inf", "is no rate"),
    ],
)
def test_a_wrong_line_is_told_with_its_number(line: str, words: str) -> None:
    found = read_rates(f"06.05.2026;41,5\n{line}\n".encode())
    (problem,) = found.problems
    assert problem.startswith("Line 2")
    assert words in problem


def test_a_file_that_is_none() -> None:
    assert "no rates" in read_rates(b"").problems[0]
    assert "too large" in read_rates(b"x" * (MOST_BYTES + 1)).problems[0]
    twice = read_rates(b"05.05.2026;41\n05.05.2026;42\n").problems
    assert "different rates" in twice[0]
    assert read_rates(bytes(range(256))).problems
