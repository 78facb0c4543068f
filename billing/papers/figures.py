"""Figures of a city's demand and the thresholds that they are held against."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from billing.papers.words import UNKNOWN, number

Number = Decimal | int
Verdict = Literal["met", "missed", "unknown"]

# Name of a figure: its label, and whether a small number is the good one.
_STANDARD: dict[str, tuple[str, bool]] = {
    "published": ("Опубліковано питань на місяць", False),
    "answered_percent": ("Частка питань із відповіддю, %", False),
    "median_days": ("Медіанний строк відповіді, днів", True),
    "p90_days": ("Строк, за який відповіли на 9 із 10 питань, днів", True),
    "returning": ("Жителі, які зверталися повторно", False),
    "police_visits": ("Переходи із сайту поліції на місяць", False),
    "rating": ("Відповіді, які допомогли, % оцінених", False),
    "hours_per_answer": ("Години модератора на одну відповідь", True),
    "cost_per_answer": ("Вартість однієї відповіді, грн", True),
}
VERDICTS: dict[Verdict, str] = {
    "met": "досягнуто",
    "missed": "не досягнуто",
    "unknown": "немає даних",
}


@dataclass(frozen=True)
class Figure:
    """`value` None: nobody knows. `threshold` None: shown without a verdict."""

    label: str
    value: Number | None
    threshold: Number | None = None
    at_most: bool = False

    @property
    def shown(self) -> str:
        return UNKNOWN if self.value is None else number(self.value)

    @property
    def wanted(self) -> str:
        """«не менше 30»."""
        if self.threshold is None:
            return UNKNOWN
        return f"не {'більше' if self.at_most else 'менше'} {number(self.threshold)}"

    @property
    def verdict(self) -> Verdict | None:
        """None where nothing is wanted."""
        if self.threshold is None:
            return None
        if self.value is None:
            return "unknown"
        met = self.value <= self.threshold if self.at_most else self.value >= self.threshold
        return "met" if met else "missed"


def standard_figures(
    values: Mapping[str, Number | None], thresholds: Mapping[str, Number | None]
) -> tuple[Figure, ...]:
    """All figures of demand in their order, by name: published, answered_percent, median_days,
    p90_days, returning, police_visits, rating, hours_per_answer, cost_per_answer. Absent ones are unknown.

    Raises ValueError for a name that is none of these.
    """
    if strange := (values.keys() | thresholds.keys()) - _STANDARD.keys():
        raise ValueError(f"Unknown figures: {sorted(strange)}")
    return tuple(
        Figure(label, values.get(name), thresholds.get(name), at_most)
        for name, (label, at_most) in _STANDARD.items()
    )


def counted(figures: tuple[Figure, ...], verdict: Verdict) -> int:
    return sum(figure.verdict == verdict for figure in figures)
