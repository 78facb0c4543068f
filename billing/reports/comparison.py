"""Cities side by side: what each cost and what it got for it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from billing.reports.lens import Lens
from billing.reports.names import Place, places
from billing.reports.period import Period
from billing.reports.sums import Sums, grouped
from billing.reports.usage import ACCOUNT, ANSWERED, PUBLISHED, RECEIVED, Figures, usage


@dataclass(frozen=True)
class Compared:
    """`figures.accrued` counts by the month of the work, `sums` by the basis of the report."""

    place: Place
    sums: Sums
    figures: Figures


Value = Decimal | int | None
# What the table can be sorted by; None comes last, whatever the direction.
COLUMNS: dict[str, Callable[[Compared], Value]] = {
    "plan": lambda city: city.sums.plan,
    "accrued": lambda city: city.sums.accrued,
    "paid": lambda city: city.sums.paid,
    "received": lambda city: city.figures.all.get(RECEIVED),
    "published": lambda city: city.figures.all.get(PUBLISHED),
    "answered": lambda city: city.figures.all.get(ANSWERED),
    "cost_received": lambda city: city.figures.cost_of(RECEIVED),
    "cost_published": lambda city: city.figures.cost_of(PUBLISHED),
    "cost_answered": lambda city: city.figures.cost_of(ANSWERED),
    "cost_thousand": lambda city: city.figures.cost_per_thousand,
}
BY_NAME = "city"


def compare_cities(
    lens: Lens, period: Period, sort: str = BY_NAME, *, descending: bool = False
) -> list[Compared]:
    """Every city with money in the period, in the wanted order: three statements.

    An unknown `sort` is the order of names.
    """
    money = grouped(lens, period)
    used = usage(lens, period, ACCOUNT)
    cities = [
        Compared(place, money.accounts.get(key, Sums()), _of(used.get(key, Figures()), place))
        for key, place in places(money.accounts).items()
    ]
    cities.sort(key=lambda city: (city.place.sort, city.place.id), reverse=descending)
    value = COLUMNS.get(sort)
    if value is not None:
        _sort(cities, value, descending)
    return cities


def _of(figures: Figures, place: Place) -> Figures:
    """With the residents of the city, who are not summed by months."""
    if not place.population or not figures.signed_city_months:
        return figures
    return replace(figures, residents=place.population, accrued_of_residents=figures.accrued)


def _sort(cities: list[Compared], value: Callable[[Compared], Value], descending: bool) -> None:
    def key(city: Compared) -> tuple[bool, Any]:
        found = value(city)
        if found is None:
            return True, 0
        return False, -found if descending else found

    if descending:
        # Equal ones stay in the order of names.
        cities.reverse()
    cities.sort(key=key)
