"""Cities side by side: a table that sorts by each of its figures."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from billing.output.charts import Bar
from billing.output.delimited import separated
from billing.reports.asking import Asked
from billing.reports.comparison import BY_NAME, COLUMNS, Compared, compare_cities
from billing.reports.files import File, answered
from billing.reports.pages import PAGE, Pages, page_number
from billing.reports.pictures import cities_bars
from billing.reports.tables import Column, Kind, Row, Table
from billing.reports.titles import months_of
from billing.reports.views import frame, question_of

# Names begin with the first letter, figures with the largest.
FALLING, RISING = "descending", "ascending"


@dataclass(frozen=True)
class Order:
    """By which column, and `descending` or `ascending`."""

    sort: str
    direction: str

    @property
    def descending(self) -> bool:
        return self.direction == FALLING


def order_of(request: HttpRequest) -> Order:
    """What the address asks for; anything unknown is the order of names."""
    sort = request.GET.get("sort", BY_NAME)
    if sort not in COLUMNS:
        sort = BY_NAME
    direction = request.GET.get("order", "")
    if direction not in {FALLING, RISING}:
        direction = RISING if sort == BY_NAME else FALLING
    return Order(sort, direction)


def headings() -> dict[str, Column]:
    """By what they sort."""
    return {
        BY_NAME: Column(_("City")),
        "plan": Column(_("Plan"), Kind.MONEY),
        "accrued": Column(_("Accrued"), Kind.MONEY),
        "paid": Column(_("Paid"), Kind.MONEY),
        "received": Column(_("Received"), Kind.NUMBER),
        "published": Column(_("Published"), Kind.NUMBER),
        "answered": Column(_("Answered"), Kind.NUMBER),
        "cost_received": Column(_("UAH for one received"), Kind.MONEY),
        "cost_published": Column(_("UAH for one published"), Kind.MONEY),
        "cost_answered": Column(_("UAH for one answered"), Kind.MONEY),
        "cost_thousand": Column(_("UAH for 1,000 residents"), Kind.MONEY),
    }


def table_of(cities: list[Compared], question: Asked | None = None) -> Table:
    """With `question`, a city leads to its report."""
    address = reverse("finance:reports") if question else ""
    return Table(
        "cities",
        _("Comparison of cities"),
        list(headings().values()),
        [
            Row(
                [city.place.name, *(value(city) for value in COLUMNS.values())],
                f"{address}?{question.query(account=city.place.id)}" if question else "",
            )
            for city in cities
        ],
        _("The cost of one counts months with a signed act alone."),
    )


@dataclass(frozen=True)
class Heading:
    """`url` sorts by it, the other way round when it is sorted by it now."""

    column: Column
    url: str
    direction: str


def _sortable(question: Asked, order: Order) -> list[Heading]:
    found = []
    for sort, column in headings().items():
        here = sort == order.sort
        other = RISING if here and order.descending else FALLING if here else ""
        url = f"?{question.query(sort='' if sort == BY_NAME else sort, order=other)}"
        found.append(Heading(column, url, order.direction if here else ""))
    return found


@access.staff(Permission.REPORTS)
@require_safe
def report_cities(request: HttpRequest) -> HttpResponse:
    """50 a page; the order is in the address."""
    question, order = question_of(request), order_of(request)
    cities = compare_cities(question.lens, question.period, order.sort, descending=order.descending)
    kept = question.query(sort=order.sort, order=order.direction)
    pages = Pages(page_number(request.GET), len(cities), f"?{kept}&page=")
    shown = cities[pages.offset : pages.offset + PAGE]
    context = {
        **frame(request, question),
        "headings": _sortable(question, order),
        "table": table_of(shown, question),
        "pages": pages,
        "number": len(cities),
        "kept": kept,
        "bars": _bars(shown, order, question),
        "sorted_by": headings()[order.sort].label,
    }
    return render(request, "billing/reports/cities.html", context)


def _bars(shown: list[Compared], order: Order, question: Asked) -> list[Bar]:
    """Of the page, by the figure that it is sorted by; names have no length."""
    if order.sort == BY_NAME:
        return []
    address = reverse("finance:reports")
    urls = {city.place.id: f"{address}?{question.query(account=city.place.id)}" for city in shown}
    return cities_bars(shown, order.sort, urls)


@access.staff(Permission.REPORTS)
@require_safe
def report_cities_file(request: HttpRequest) -> HttpResponse:
    """All cities in the order of the page, as separated text."""
    question, order = question_of(request), order_of(request)
    cities = compare_cities(question.lens, question.period, order.sort, descending=order.descending)
    head = [(_("Comparison of cities"), months_of(question.period))]
    content = separated(head, [table_of(cities)])
    return answered(File(content, "text/csv; charset=utf-8", "csv"), "costs-cities")
