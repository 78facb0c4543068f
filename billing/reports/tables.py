"""A report as tables of plain values: one description for the page and for the files.

Titles and words are in the language in force; values stay values (Decimal, int, date), so that a
spreadsheet can count with them. None is what nobody knows, or what cannot be told: a dash.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from billing.wording import day_text, money_text

UNKNOWN = "—"
NBSP = "\N{NO-BREAK SPACE}"

Value = str | int | Decimal | date | None


class Kind(StrEnum):
    """How a column's values are shown. Money in UAH unless the column says otherwise."""

    TEXT = "text"
    MONEY = "money"
    NUMBER = "number"
    PERCENT = "percent"
    DAY = "day"
    MONTH = "month"
    # A text of figures, as a range: it stands where numbers stand.
    FIGURES = "figures"

    @property
    def is_number(self) -> bool:
        return self in {Kind.MONEY, Kind.NUMBER, Kind.PERCENT, Kind.FIGURES}


@dataclass(frozen=True)
class Column:
    label: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True)
class Row:
    """`url`: where the first cell leads. `is_total`: ruled off. `is_part`: belongs to the row above."""

    values: Sequence[Value]
    url: str = ""
    is_total: bool = False
    is_part: bool = False


@dataclass(frozen=True)
class Table:
    """`key` is a name for anchors and sheets; `note` explains a rule in a sentence or two."""

    key: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Row] = field(default_factory=list)
    note: str = ""

    @property
    def cells(self) -> list[tuple[Row, list[tuple[Column, str, bool]]]]:
        """For a page: each row with its columns, texts, and whether the value is negative."""
        return [
            (
                row,
                [
                    (column, shown(value, column.kind), is_negative(value))
                    for column, value in zip(self.columns, row.values, strict=True)
                ],
            )
            for row in self.rows
        ]


def is_negative(value: Value) -> bool:
    return isinstance(value, Decimal | int) and value < 0


def shown(value: Value, kind: Kind) -> str:
    """As a person reads it: «1 234,50», «98,4 %», «травень 2026»; a dash for None.

    Sums have no currency behind each: the table's head says it once.
    """
    if value is None:
        return UNKNOWN
    if isinstance(value, date):
        return day_text(value, "F Y") if kind == Kind.MONTH else day_text(value)
    if isinstance(value, str):
        return value
    if kind == Kind.MONEY:
        return money_text(Decimal(value)).removesuffix(f"{NBSP}грн")
    text = plain_number(value)
    return f"{text}{NBSP}%" if kind == Kind.PERCENT else text


def plain_number(value: Decimal | int) -> str:
    """Thousands by no-break blanks, a decimal comma, a real minus sign."""
    sign = "\N{MINUS SIGN}" if value < 0 else ""
    size = abs(value)
    text = f"{size.normalize():,f}" if isinstance(size, Decimal) else f"{size:,}"
    return sign + text.replace(",", NBSP).replace(".", ",")
