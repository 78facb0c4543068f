"""Is a point inside a city. Degrees, WGS 84, longitude first as in GeoJSON."""

import math
from dataclasses import dataclass
from typing import Any

from shapely import Point, prepare
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

# Outlines are simplified: a point this near the border may well be inside. About 300 m.
BUFFER_DEGREES = 0.003
KM_PER_DEGREE = 111.32
# Ukraine with a margin; anything outside was typed wrong or is an attack.
UKRAINE = (21.5, 44.0, 40.5, 52.6)


@dataclass(frozen=True)
class Bounds:
    """A box in degrees."""

    west: float
    south: float
    east: float
    north: float

    def contains(self, lat: float, lon: float, margin: float = 0.0) -> bool:
        return (
            self.west - margin <= lon <= self.east + margin
            and self.south - margin <= lat <= self.north + margin
        )

    @classmethod
    def around(cls, lat: float, lon: float, radius_km: float) -> "Bounds":
        """The box around a circle, rounded to 5 digits (a metre)."""
        high = radius_km / KM_PER_DEGREE
        wide = high / math.cos(math.radians(lat))
        return cls(*(round(side, 5) for side in (lon - wide, lat - high, lon + wide, lat + high)))

    @property
    def zoom(self) -> int:
        """The web map zoom at which the wider side fits a screen of about 1.5 tiles."""
        width = max(self.east - self.west, self.north - self.south)
        return max(6, min(14, round(math.log2(360 / width) + 0.5)))

    @classmethod
    def parse(cls, text: str) -> "Bounds | None":
        """`w,s,e,n` from a query string; None when it is not four finite, ordered degrees."""
        parts = text.split(",")
        if len(parts) != 4:
            return None
        try:
            west, south, east, north = (float(part) for part in parts)
        except ValueError:
            return None
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            return None
        return cls(west, south, east, north)


class Outline:
    """A city's shape: its outline, else its box, else all of Ukraine."""

    def __init__(self, geometry: dict[str, Any] | None, bounds: Bounds | None) -> None:
        self._bounds = bounds or Bounds(*UKRAINE)
        self._area = self._parse(geometry)

    @staticmethod
    def _parse(geometry: dict[str, Any] | None) -> BaseGeometry | None:
        if not geometry:
            return None
        try:
            area = shape(geometry).buffer(BUFFER_DEGREES)
        except (ShapelyError, ValueError, KeyError, TypeError, AttributeError):
            return None
        prepare(area)
        return area

    def contains(self, lat: float, lon: float) -> bool:
        """With a margin of about 300 m; the moderator decides about the doubtful ones."""
        if not self._bounds.contains(lat, lon, BUFFER_DEGREES):
            return False
        return self._area is None or bool(self._area.contains(Point(lon, lat)))
