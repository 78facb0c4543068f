"""Where a city is: the values that its map consists of, and what is wrong with them."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from shapely import Point, contains_xy, prepare
from shapely.geometry import shape

from tenants.geometry import BUFFER_DEGREES, KM_PER_DEGREE, Bounds
from tenants.models import City

SIDES = ("west", "south", "east", "north")
CENTRE = ("centre_lat", "centre_lon")
FIELDS = (*SIDES, *CENTRE, "zoom", "outline")
ZOOMS = range(6, 17)
WIDEST_KM = 300


def values_of(city: City) -> dict[str, Any]:
    """What the city has now."""
    return {name: getattr(city, name) for name in FIELDS}


def problem(values: dict[str, Any]) -> tuple[str, str] | None:
    """The field that is wrong and a sentence about it; None when a city may be there."""
    west, south, east, north = (float(values[side]) for side in SIDES)
    lat, lon = (float(values[name]) for name in CENTRE)
    if west >= east:
        return "east", _("East has to be larger than west.")
    if south >= north:
        return "north", _("North has to be larger than south.")
    if max(east - west, north - south) * KM_PER_DEGREE > WIDEST_KM:
        return "west", _("The bounds are wider than 300 km: no hromada is so large.")
    if not Bounds(west, south, east, north).contains(lat, lon):
        return "centre_lat", _("The centre is outside the bounds.")
    return None


def holds_centre(values: dict[str, Any]) -> bool:
    """Whether the outline, where there is one, holds the centre."""
    outline = values["outline"]
    if outline is None or values["centre_lat"] is None:
        return True
    area = shape(outline).buffer(BUFFER_DEGREES)
    return bool(area.contains(Point(values["centre_lon"], values["centre_lat"])))


def outside(values: dict[str, Any], points: Iterable[tuple[float, float]]) -> int:
    """How many of the points (latitude, longitude) nobody could choose any more."""
    bounds = Bounds(*(float(values[side]) for side in SIDES))
    pairs = list(points)
    inside = [pair for pair in pairs if bounds.contains(*pair, BUFFER_DEGREES)]
    if values["outline"] is not None and inside:
        area = shape(values["outline"]).buffer(BUFFER_DEGREES)
        prepare(area)
        held = contains_xy(area, [lon for _lat, lon in inside], [lat for lat, _lon in inside])
        return len(pairs) - int(held.sum())
    return len(pairs) - len(inside)


def corners(outline: dict[str, Any] | None) -> int:
    """How many points an outline has; 0 without one."""
    if outline is None:
        return 0
    polygons = [outline["coordinates"]] if outline["type"] == "Polygon" else outline["coordinates"]
    return sum(len(ring) for rings in polygons for ring in rings)
