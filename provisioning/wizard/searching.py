"""Which hromada the operator means: by name, code, former name or raion. Never a guess."""

import json
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from provisioning.gazetteer.matching import find, named, plain
from provisioning.gazetteer.places import CRIMEA, Place, read_places
from provisioning.gazetteer.war import occupation_of
from tenants.models import City, Domain

_OLD_NAMES = Path(__file__).parents[1] / "gazetteer" / "data" / "old_names.json"
# As many as one looks through.
MOST = 40
_WORD_OF_RAION = " район"


@dataclass(frozen=True)
class Found:
    """A place, what is known about its occupation, and the city that it is already."""

    place: Place
    city: City | None = None
    url: str = ""

    @property
    def occupation(self) -> str:
        return occupation_of(self.place.code)


@dataclass(frozen=True)
class Answer:
    """`how`: exact, renamed, raion, begins, nearest or none. `more`: places left out of the list.

    `hidden` says that an occupied place has that name and was not asked for.
    """

    query: str
    how: str = "none"
    found: tuple[Found, ...] = ()
    more: int = 0
    hidden: bool = False
    places: tuple[Place, ...] = field(default=(), repr=False)


@cache
def all_places() -> tuple[Place, ...]:
    """The gazetteer, read once a process."""
    return tuple(read_places())


@cache
def crimea() -> tuple[Place, ...]:
    return tuple(read_places(CRIMEA))


@cache
def _old_names() -> dict[str, str]:
    names = json.loads(_OLD_NAMES.read_text(encoding="utf-8"))["names"]
    return {plain(name): code for name, code in names.items()}


def place_of(code: str) -> Place | None:
    """The place of a code, Crimea's too."""
    return next((place for place in (*all_places(), *crimea()) if place.code == code), None)


def search(query: str, *, occupied: bool = False) -> Answer:
    """Every place that the query may mean; `occupied` offers Crimea and Sevastopol too."""
    query = query.strip()[:100]
    answer = _search(query, (*all_places(), *crimea()) if occupied else all_places())
    if not occupied and named(query, crimea()):
        answer = replace(answer, hidden=True)
    shown = answer.places[:MOST]
    return replace(answer, found=_with_cities(shown), more=len(answer.places) - len(shown))


def _search(query: str, places: tuple[Place, ...]) -> Answer:
    exact = named(query, places)
    if exact:
        return Answer(query, "exact", places=tuple(exact))
    wanted = plain(query)
    code = _old_names().get(wanted)
    if code:
        return Answer(query, "renamed", places=tuple(p for p in places if p.code == code))
    raion = wanted.removesuffix(_WORD_OF_RAION)
    inside = tuple(place for place in places if place.raion_uk and plain(place.raion_uk) == raion)
    if inside:
        return Answer(query, "raion", places=inside)
    begins = tuple(place for place in places if _begins(place, wanted)) if len(wanted) > 1 else ()
    if begins:
        return Answer(query, "begins", places=begins)
    nearest = find(query, places).nearest
    return Answer(query, "nearest" if nearest else "none", places=tuple(nearest))


def _begins(place: Place, wanted: str) -> bool:
    names = (place.centre_uk, place.centre_en, place.name_uk, place.code)
    return any(plain(name).startswith(wanted) for name in names)


def _with_cities(places: tuple[Place, ...]) -> tuple[Found, ...]:
    """Two queries for any number of places."""
    cities = {
        city.katottg: city
        for city in City.objects.filter(katottg__in=[place.code for place in places]).defer(
            "outline"
        )
    }
    domains = Domain.objects.filter(tenant__in=cities.values(), is_primary=True)
    urls = {domain.tenant_id: domain.url for domain in domains}
    return tuple(
        Found(place, city, urls.get(city.pk, "") if city else "")
        for place in places
        for city in [cities.get(place.code)]
    )
