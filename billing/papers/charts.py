"""Charts by month as the templates draw them: heights as parts of the tallest, texts beside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from billing.papers.words import UNKNOWN, month_letters, number

MOST_MONTHS = 24
# Heights go to the template in parts of this, so that no sum becomes a float.
WHOLE = 10_000


@dataclass(frozen=True)
class Series:
    """One value a month; None is a gap. Bars stand beside each other, a line is alone."""

    name: str
    values: tuple[Decimal | int | None, ...]
    style: Literal["solid", "hollow", "line"] = "solid"


def by_month(title: str, months: Sequence[date], series: Sequence[Series]) -> dict[str, Any]:
    """The last 24 months. Values below zero stand on the axis, their text says what they are.

    Raises ValueError when a series has not one value for each month.
    """
    if any(len(one.values) != len(months) for one in series):
        raise ValueError("A chart needs one value for each month.")
    shown = months[-MOST_MONTHS:]
    kept = [one.values[-MOST_MONTHS:] for one in series]
    tallest = max((value for values in kept for value in values if value is not None), default=None)
    return {
        "title": title,
        "alt": f"{title}. Значення по місяцях наведено в таблиці під діаграмою.",
        "empty": tallest is None,
        "months": [month_letters(day) for day in shown],
        "years": [
            str(day.year) if place == 0 or day.month == 1 else "" for place, day in enumerate(shown)
        ],
        "series": [
            {
                "name": one.name,
                "style": one.style,
                "points": [_point(value, tallest) for value in values],
            }
            for one, values in zip(series, kept, strict=True)
        ],
    }


def _point(value: Decimal | int | None, tallest: Decimal | int | None) -> dict[str, Any]:
    """`text` in whole numbers: a chart's label is no place for kopiykas."""
    if value is None:
        return {"height": None, "text": UNKNOWN}
    height = int(value * WHOLE / tallest) if tallest and tallest > 0 and value > 0 else 0
    return {"height": height, "text": number(round(value))}
