"""Hromadas for programs: the gazetteer in memory, in Ukrainian order."""

from collections.abc import Sequence
from functools import lru_cache

from bezpechne.kernel.sorting import ukrainian_key
from provisioning.gazetteer.loading import load_gazetteer
from provisioning.gazetteer.matching import Match, find
from provisioning.gazetteer.places import Place, read_places
from provisioning.models import Hromada
from tenants.romanisation import APOSTROPHES

_DROPPED = str.maketrans("", "", APOSTROPHES)


@lru_cache(maxsize=1)
def all_places() -> tuple[Place, ...]:
    """Every hromada and Kyiv."""
    return tuple(sorted(read_places(), key=lambda p: (ukrainian_key(p.name_uk), p.code)))


def _plain(text: str) -> str:
    return " ".join(text.casefold().translate(_DROPPED).split())


def within(places: Sequence[Place], oblast: str, raion: str) -> list[Place]:
    """Those of an oblast and a raion; blank is any. The words «область» and «район» may stay."""
    oblasts = {_plain(oblast).removesuffix(" область")}
    raions = {_plain(raion).removesuffix(" район")}
    return [
        place
        for place in places
        if (not oblast or _plain(place.oblast_uk) in oblasts)
        and (not raion or _plain(place.raion_uk) in raions)
    ]


def search(query: str, oblast: str, raion: str) -> Match:
    """As the command and the wizard search."""
    return find(query, within(all_places(), "", raion), oblast or None)


def by_code(code: str) -> Place | None:
    """A hromada by its own KATOTTG code."""
    return next((place for place in all_places() if place.code == code), None)


def row_of(place: Place) -> Hromada:
    """The database's row; an installation without a gazetteer loads it."""
    if not Hromada.objects.filter(pk=place.code).exists():
        load_gazetteer()
    return Hromada.objects.get(pk=place.code)
