"""Charts of a report: each has its table on the same page."""

from collections.abc import Iterable

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from billing.output.charts import Bar, Group, Labels, bars, columns
from billing.reports.comparison import COLUMNS, Compared
from billing.reports.report import CostReport
from billing.reports.tables import Kind, shown

SHOWN_BARS = 12


def months_chart(report: CostReport) -> SafeString | None:
    """None for a single month: its numbers stand above."""
    if len(report.months) < 2 or report.is_empty:
        return None
    groups = [
        Group(f"{month:%m.%y}", sums.plan, sums.accrued, sums.paid) for month, sums in report.months
    ]
    title = _("Plan, accrued and paid by month, UAH")
    return columns(groups, Labels(title, _("Plan"), _("Accrued"), _("Paid")))


def cities_bars(cities: Iterable[Compared], sort: str, urls: dict[int, str]) -> list[Bar]:
    """The first cities by the figure that they are sorted by; those without it are left out."""
    value = COLUMNS[sort]
    found = [(city, value(city)) for city in cities]
    known = [(city, number) for city, number in found if number is not None][:SHOWN_BARS]
    counts = sort in {"received", "published", "answered"}
    kind = Kind.NUMBER if counts else Kind.MONEY
    return bars(
        [
            (city.place.name, shown(number, kind), number, urls.get(city.place.id, ""))
            for city, number in known
        ]
    )
