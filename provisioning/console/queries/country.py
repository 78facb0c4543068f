"""What the public sees of the fleet: cities that take part, by oblast."""

from dataclasses import dataclass
from itertools import groupby

from django.db.models import QuerySet

from bezpechne.kernel.sorting import ukrainian_key
from provisioning.console.queries.fleet import primary_urls
from tenants.models import City
from tenants.states import VISIBLE

# So many are shown without being asked for.
ALL_AT_ONCE = 60


def taking_part() -> QuerySet[City]:
    """Those the public may see, opened or about to; in Ukrainian order."""
    return (
        City.objects.filter(state__in=VISIBLE)
        .select_related("report")
        .defer("outline", "wording")
        .order_by("report__name_sort", "pk")
    )


def oblast_of(city: City) -> str:
    report = getattr(city, "report", None)
    return report.oblast if report else ""


def public_state(city: City) -> str:
    """`active`: open; `suspended`: read only; `trial`: opens later. Keys of shapes on the map."""
    if not city.launched:
        return "trial"
    return "active" if city.takes_questions else "suspended"


@dataclass(frozen=True)
class Group:
    """One oblast with its cities and their addresses."""

    oblast: str
    cities: list[tuple[City, str]]


@dataclass(frozen=True)
class Country:
    """`oblasts`: name and number of cities, to choose from; `groups`: what is shown."""

    number: int
    oblasts: list[tuple[str, int]]
    groups: list[Group]


def _matches(city: City, words: str) -> bool:
    key = ukrainian_key(words)
    uk = ukrainian_key(city.name_uk)
    found = any(uk.startswith(key, place) for place in range(0, len(uk), 2)) if key else False
    return found or words.lower() in city.name_en.lower()


def country(*, words: str = "", oblast: str = "") -> Country:
    """Two queries. With many cities none is listed until an oblast or a name is asked for."""
    cities = list(taking_part())
    numbers: dict[str, int] = {}
    for city in cities:
        numbers[oblast_of(city)] = numbers.get(oblast_of(city), 0) + 1
    shown = [city for city in cities if _matches(city, words)] if words else cities
    if oblast:
        shown = [city for city in shown if oblast_of(city) == oblast]
    if not words and not oblast and len(cities) > ALL_AT_ONCE:
        shown = []
    urls = primary_urls(shown)
    shown.sort(key=lambda city: ukrainian_key(oblast_of(city)))
    groups = [
        Group(name, [(city, urls.get(city.pk, "")) for city in some])
        for name, some in groupby(shown, key=oblast_of)
    ]
    return Country(
        len(cities), sorted(numbers.items(), key=lambda pair: ukrainian_key(pair[0])), groups
    )
