"""Which place a person means by a name or a code. Never a guess: every exact match is returned."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from bezpechne.kernel.sorting import ukrainian_key
from provisioning.gazetteer.places import Place
from tenants.romanisation import APOSTROPHES, romanise

__all__ = ["Match", "Place", "find", "named", "plain"]

# Fewer shared letters than this are no suggestion («Полтвва» and «Полтава» share 0.86).
_SIMILAR = 0.6
_SUGGESTIONS = 5

_DROPPED = str.maketrans("", "", APOSTROPHES + "\u0301")
_HYPHEN = re.compile(r"\s*[\u2010-\u2015\u2212-]\s*")
_CODE = re.compile(r"ua\d{17}")
_SHORT = "м|с|смт|сщ|с-ще"
_SETTLEMENT = re.compile(
    rf"^(?:(?:{_SHORT})\.\s*|(?:{_SHORT}|місто|селище міського типу|селище|село)\s+)"
)
_HROMADA = re.compile(
    r"\s+(?:(?P<type>міська|селищна|сільська)\s*)?"
    r"(?:обєднана\s+)?(?:територіальна\s+)?(?:громада|отг|тг)?$"
)
_OBLAST = re.compile(r"\s+(?:область|обл\.?|oblast|region)$|^(?:м\.|м\s|місто\s)\s*")


@dataclass(frozen=True, slots=True)
class Match:
    """`exact` holds every place that the query names, `nearest` suggestions when none is named.

    `exact` is in Ukrainian order of the oblast, then of the raion; `nearest` starts with the most
    similar and has at most five places.
    """

    exact: list[Place]
    nearest: list[Place]


def find(query: str, places: Sequence[Place], oblast: str | None = None) -> Match:
    """Return the places that `query` names, in `oblast` alone when it is given.

    A query names a place by the KATOTTG code of the hromada or of its centre, by the centre's
    Ukrainian name («Полтава», «м. Полтава»), by the hromada's adjective («Полтавська»,
    «Полтавська міська громада»), by the centre's English name or by the slug. Case, spaces,
    apostrophes, kinds of hyphens and the words that say what sort of place it is do not count.
    Only where some of the named hromadas are of the type in the query («сільська») are the
    others left out.

    `oblast` is the adjective with or without «область», in Ukrainian or romanised; Kyiv is in
    the oblast «Київ». An unknown oblast holds no place.
    """
    wanted = plain(query)
    if oblast is not None and oblast.strip():
        area = _OBLAST.sub("", plain(oblast))
        places = [place for place in places if area in _oblast_names(place)]
    exact = named(query, places)
    if not wanted or exact or _CODE.fullmatch(wanted):
        return Match(exact, [])
    return Match([], _nearest(_name_and_type(wanted)[0], places))


def named(query: str, places: Sequence[Place]) -> list[Place]:
    """`find(…).exact` without the search for similar names, which takes a hundred times longer."""
    wanted = plain(query)
    if not wanted:
        return []
    name, type_uk = _name_and_type(wanted)
    exact = [place for place in places if not _names(place).isdisjoint({wanted, name})]
    typed = [place for place in exact if place.type_uk == type_uk]
    return sorted(typed or exact, key=_order)


def plain(text: str) -> str:
    """Return a name as names are compared: no case, apostrophes, doubled spaces, odd hyphens."""
    text = unicodedata.normalize("NFC", text).casefold().translate(_DROPPED)
    return " ".join(_HYPHEN.sub("-", text).split())


def _name_and_type(wanted: str) -> tuple[str, str | None]:
    """Return the query without the words that say what sort of place it is, and the type."""
    ending = _HROMADA.search(wanted)
    name = wanted[: ending.start()] if ending else wanted
    return _SETTLEMENT.sub("", name).strip() or wanted, ending["type"] if ending else None


@lru_cache(maxsize=4096)
def _names(place: Place) -> frozenset[str]:
    return frozenset(
        plain(name)
        for name in (
            place.code,
            place.centre_code,
            place.centre_uk,
            place.name_uk,
            place.centre_en,
            place.slug,
        )
    )


def _oblast_names(place: Place) -> tuple[str, str]:
    return _oblast_keys(place.oblast_uk)


@lru_cache(maxsize=64)
def _oblast_keys(oblast_uk: str) -> tuple[str, str]:
    return plain(oblast_uk), plain(romanise(oblast_uk))


def _nearest(name: str, places: Sequence[Place]) -> list[Place]:
    scored = [(_similarity(name, place), place) for place in places]
    close = [(score, place) for score, place in scored if score >= _SIMILAR]
    close.sort(key=lambda pair: (-pair[0], ukrainian_key(pair[1].centre_uk), pair[1].code))
    return [place for _, place in close[:_SUGGESTIONS]]


def _similarity(name: str, place: Place) -> float:
    # The matcher prepares its second sequence, therefore the query is that one.
    matcher = SequenceMatcher(None, "", name, autojunk=False)
    best = 0.0
    for own in (place.centre_uk, place.name_uk, place.centre_en):
        matcher.set_seq1(plain(own))
        if matcher.real_quick_ratio() > best and matcher.quick_ratio() > best:
            best = max(best, matcher.ratio())
    return best


def _order(place: Place) -> tuple[str, str, str, str]:
    return (
        ukrainian_key(place.oblast_uk),
        ukrainian_key(place.raion_uk),
        ukrainian_key(place.centre_uk),
        place.code,
    )
