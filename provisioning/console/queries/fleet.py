"""The fleet: found, sorted and paged in `public`, whatever the number of cities."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from bezpechne.kernel.query_strings import number_of, text_of
from bezpechne.kernel.sorting import ukrainian_key
from provisioning.console.models import CityReport
from provisioning.console.queries.problems import (
    BY_KEY,
    Facts,
    Problem,
    anything,
    problems_of,
    served_versions,
)
from provisioning.console.tables import PAGE
from tenants.limits import mails_limit, percent, storage_limit
from tenants.models import City, Domain
from tenants.states import CityState

ANY = "any"
# Key → label, field, whether the largest (latest) comes first when it is chosen.
SORTS = {
    "name": (_("City"), "report__name_sort", False),
    "state": (_("State"), "state", False),
    "launch": (_("Launch"), "launch_on", True),
    "week": (_("Questions this week"), "report__questions_week", True),
    "waiting": (_("Unanswered"), "report__waiting", True),
    "active": (_("Moderator active"), "report__active_at", False),
    "errors": (_("Errors"), "report__dead_jobs", True),
    "storage": (_("Storage"), "report__storage_bytes", True),
}


@dataclass(frozen=True)
class Choice:
    """What the address of the list asks for; what is not known is ignored."""

    q: str = ""
    state: str = ""
    oblast: str = ""
    problem: str = ""
    sort: str = "name"
    page: int = 1

    @classmethod
    def of(cls, given: QueryDict) -> "Choice":
        state, problem, sort = given.get("state"), given.get("problem"), given.get("sort", "")
        return cls(
            q=text_of(given, "q"),
            state=state if state in CityState.values else "",
            oblast=text_of(given, "oblast", 50),
            problem=problem if problem in {ANY, *BY_KEY} else "",
            sort=sort if sort.removeprefix("-") in SORTS else "name",
            page=min(max(1, number_of(given, "page", 1)), 10_000),
        )

    @property
    def filters(self) -> dict[str, str]:
        """The part that narrows the list."""
        return {
            "q": self.q,
            "state": self.state,
            "oblast": self.oblast,
            "problem": self.problem,
        }

    @property
    def values(self) -> dict[str, str]:
        """Filters and order, for links to other pages of the same list."""
        return {**self.filters, "sort": "" if self.sort == "name" else self.sort}


def _named(words: str) -> Q:
    """By the Ukrainian name in any case and apostrophe, the English one, the address or code."""
    named = Q(name_en__icontains=words) | Q(slug__icontains=words) | Q(katottg__istartswith=words)
    key = ukrainian_key(words)
    # Two digits a letter: found from a whole letter on, never from the middle of one.
    return named | Q(report__name_sort__regex=f"^(..)*{key}") if key else named


def _ordered(sort: str) -> list[OrderBy]:
    """`-` turns the usual direction; what is not known comes last either way."""
    _label, field, largest = SORTS[sort.removeprefix("-")]
    descending = largest is not sort.startswith("-")
    order = F(field).desc(nulls_last=True) if descending else F(field).asc(nulls_last=True)
    return [order, F("report__name_sort").asc(nulls_last=True), F("pk").asc()]


def found(choice: Choice, served: frozenset[str]) -> QuerySet[City]:
    """Cities with their figures; outlines are left where they are."""
    rows = City.objects.select_related("report").defer("outline", "wording")
    if choice.q:
        rows = rows.filter(_named(choice.q))
    if choice.state:
        rows = rows.filter(state=choice.state)
    if choice.oblast:
        rows = rows.filter(report__oblast=choice.oblast)
    if choice.problem == ANY:
        rows = rows.filter(anything(served))
    elif choice.problem:
        rows = rows.filter(BY_KEY[choice.problem].where(served))
    return rows.order_by(*_ordered(choice.sort))


@dataclass(frozen=True)
class Row:
    """One city as the list shows it. `report` is never None: an empty one stands in."""

    city: City
    report: CityReport
    served: frozenset[str]
    url: str = ""

    @cached_property
    def problems(self) -> list[Problem]:
        return problems_of(Facts(self.city, self.report, self.served))

    @property
    def is_behind(self) -> bool:
        return self.city.schema_version not in self.served

    @property
    def storage_limit(self) -> int:
        return storage_limit(self.city)

    @property
    def storage_percent(self) -> int | None:
        return percent(self.report.storage_bytes, self.storage_limit)

    @property
    def mails_limit(self) -> int:
        return mails_limit(self.city)

    @property
    def mails_percent(self) -> int | None:
        return percent(self.report.mails_today, self.mails_limit)


def rows_of(
    cities: Iterable[City], served: frozenset[str], urls: dict[int, str] | None = None
) -> Iterator[Row]:
    for city in cities:
        report = getattr(city, "report", None) or CityReport(city=city)
        yield Row(city, report, served, (urls or {}).get(city.pk, ""))


def primary_urls(cities: Iterable[City]) -> dict[int, str]:
    """Addresses by the city's key; one query."""
    domains = Domain.objects.filter(is_primary=True, tenant__in=[city.pk for city in cities])
    return {domain.tenant_id: domain.url for domain in domains}


@dataclass(frozen=True)
class Page:
    """`number` rows in all; `last` is the number of the last page."""

    rows: list[Row]
    number: int
    page: int
    last: int


def page_of(choice: Choice) -> Page:
    """One page; four queries at 3 cities and at 1,470."""
    served = served_versions()
    cities = found(choice, served)
    number = cities.count()
    last = max(1, -(-number // PAGE))
    page = min(choice.page, last)
    shown = list(cities[(page - 1) * PAGE : page * PAGE])
    return Page(list(rows_of(shown, served, primary_urls(shown))), number, page, last)


def by_state() -> list[dict[str, Any]]:
    """How many cities are in each state, in the order of a city's life."""
    numbers = dict(City.objects.values_list("state").annotate(Count("pk")).order_by())
    return [
        {"state": state.value, "label": state.label, "number": numbers.get(state.value, 0)}
        for state in CityState
    ]


def oblasts() -> list[str]:
    """Those that have a city, in Ukrainian order."""
    names = CityReport.objects.exclude(oblast="").values_list("oblast", flat=True).distinct()
    return sorted(names.order_by(), key=ukrainian_key)
