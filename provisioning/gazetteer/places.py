"""The gazetteer's row and its CSV file, without Django."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

GAZETTEER = Path(__file__).parent / "data" / "hromadas.csv"
# Crimea and Sevastopol, without points: an operator who makes a city there places the centre.
CRIMEA = Path(__file__).parent / "data" / "crimea.csv"

CHECKED = "checked"
UNCHECKED = "unchecked"
MISPLACED = "misplaced"
MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Place:
    """One hromada, or Kyiv, which has no hromada.

    `code` and `centre_code` are KATOTTG codes ("UA" and 17 digits). `kind` is "H" (hromada) or
    "K" (city with special status). `name_uk`, `oblast_uk` and `raion_uk` are the codifier's
    adjectives («Полтавська», «Полтавський»); for Kyiv `name_uk` and `oblast_uk` are «Київ» and
    `raion_uk` is empty. `lat` and `lon` are the centre's WGS 84 degrees rounded to 5 digits,
    both None when no point is trusted. `population` is the centre's, None when unknown. `trust`
    is one of the four words of this module.
    """

    code: str
    kind: str
    name_uk: str
    type_uk: str
    oblast_uk: str
    raion_uk: str
    centre_code: str
    centre_uk: str
    centre_en: str
    slug: str
    lat: float | None
    lon: float | None
    population: int | None
    trust: str


COLUMNS = tuple(field.name for field in fields(Place))


def read_places(path: Path = GAZETTEER) -> list[Place]:
    """Return the rows of the CSV file in its order (by code)."""
    with path.open(encoding="utf-8", newline="") as file:
        return [_parse(row) for row in csv.DictReader(file)]


def write_places(places: Iterable[Place], path: Path) -> None:
    """Write the CSV file, sorted by code, so that two builds differ only where facts do."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for place in sorted(places, key=lambda place: place.code):
            values = [getattr(place, column) for column in COLUMNS]
            writer.writerow("" if value is None else value for value in values)


def _parse(row: dict[str, str]) -> Place:
    return Place(
        code=row["code"],
        kind=row["kind"],
        name_uk=row["name_uk"],
        type_uk=row["type_uk"],
        oblast_uk=row["oblast_uk"],
        raion_uk=row["raion_uk"],
        centre_code=row["centre_code"],
        centre_uk=row["centre_uk"],
        centre_en=row["centre_en"],
        slug=row["slug"],
        lat=float(row["lat"]) if row["lat"] else None,
        lon=float(row["lon"]) if row["lon"] else None,
        population=int(row["population"]) if row["population"] else None,
        trust=row["trust"],
    )
