"""The host name that each centre proposes for its city."""

from collections import Counter
from collections.abc import Iterable, Sequence

from provisioning.gazetteer.codifier import HROMADA, OBLAST, Area
from tenants.romanisation import slugify_uk

# A DNS label may have 63 characters; the rest is left for prefixes of test and preview hosts.
MAX_LENGTH = 40


def assign_slugs(areas: Sequence[Area]) -> dict[str, str]:
    """Return a unique slug by area code: "poltava", else with the oblast, else with the raion.

    The centre's romanised name stands alone where no other centre is written so. All namesakes
    get the oblast ("horodok-lvivska"), within one oblast also the raion. Within one raion the
    raion says nothing, so the five digits of raion and hromada in the code take its place
    ("mykolaivka-sumska-08013"), as they do where the slug would exceed `MAX_LENGTH`. The result
    depends on nothing but the codifier. Raises ValueError when two slugs are still equal.
    """
    steps = [_plain, _with_oblast, _with_raion, _with_code]
    left = list(areas)
    slugs: dict[str, str] = {}
    for step in steps:
        proposed = {area.code: step(area) for area in left}
        uses = Counter(proposed.values())
        slugs |= {code: slug for code, slug in proposed.items() if _fits(slug, uses)}
        left = [area for area in left if area.code not in slugs]
    repeated = _repeated(slugs.values())
    if left or repeated:
        raise ValueError(f"No unique slug for {[area.code for area in left] or repeated}.")
    return slugs


def assign_left_out(areas: Sequence[Area]) -> dict[str, str]:
    """Slugs of Crimea: never one that a hromada of `assign_slugs` has, hence a suffix for all."""
    slugs = {
        area.code: _plain(area) if area.kind == "K" else f"{_plain(area)}-krym" for area in areas
    }
    repeated = set(_repeated(slugs.values()))
    return {
        area.code: f"{slugs[area.code]}-{area.code[OBLAST:HROMADA]}"
        if slugs[area.code] in repeated
        else slugs[area.code]
        for area in areas
    }


def _fits(slug: str, uses: Counter[str]) -> bool:
    return uses[slug] == 1 and len(slug) <= MAX_LENGTH


def _plain(area: Area) -> str:
    return slugify_uk(area.centre.name)


def _with_oblast(area: Area) -> str:
    return f"{_plain(area)}-{slugify_uk(area.oblast)}"


def _with_raion(area: Area) -> str:
    return f"{_with_oblast(area)}-{slugify_uk(area.raion)}"


def _with_code(area: Area) -> str:
    return f"{_with_oblast(area)}-{area.code[OBLAST:HROMADA]}"


def _repeated(slugs: Iterable[str]) -> list[str]:
    return sorted(slug for slug, uses in Counter(slugs).items() if uses > 1)
