"""An outline that a person gives: checked by content, with a sentence for everything that is wrong.

Nothing is mended in silence: swapped axes and crossing lines are told first, and put right only
when the person says so.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from shapely import MultiPolygon, Polygon, make_valid, set_precision
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from tenants.geometry import KM_PER_DEGREE, UKRAINE, Bounds

MAX_BYTES = 1024 * 1024
MAX_POINTS = 20_000
# Ukraine's largest hromadas have about 3,000 km²; an oblast has more than this.
LARGE_KM2 = 6_000
_DIGITS = 5
SWAPPED, CROSSING = "swapped", "crossing"

Ring = list[tuple[float, float]]


class OutlineRefused(ValueError):
    """The text helps; `kind` names the two faults that the person may have put right."""

    def __init__(self, text: str, kind: str = "") -> None:
        super().__init__(text)
        self.kind = kind


@dataclass(frozen=True)
class OwnOutline:
    """`geometry`: Polygon or MultiPolygon, longitude first, 5 digits. `notes`: what to look at."""

    geometry: dict[str, Any]
    bounds: Bounds
    inside: tuple[float, float]
    km2: int
    notes: tuple[str, ...] = ()


def read_outline(text: str, *, swap: bool = False, repair: bool = False) -> OwnOutline:
    """The outline of a GeoJSON text. Raises OutlineRefused."""
    polygons = list(_polygons(_geometry(_parsed(text))))
    points = sum(len(ring) for rings in polygons for ring in rings)
    if not points:
        raise OutlineRefused(_("The outline is empty: the polygon has no points."))
    if points > MAX_POINTS:
        raise OutlineRefused(
            _("The outline has %(points)d points, more than %(most)d. Simplify it and try again.")
            % {"points": points, "most": MAX_POINTS}
        )
    polygons = _placed(polygons, swap=swap)
    whole, notes = _whole(polygons, repair=repair)
    return _finished(whole, notes)


def _parsed(text: str) -> Any:
    if not text.strip():
        raise OutlineRefused(_("The outline is empty. Give a GeoJSON polygon."))
    if len(text.encode()) > MAX_BYTES:
        raise OutlineRefused(_("The outline is larger than 1 MB. Simplify it and try again."))
    try:
        return json.loads(text.removeprefix("\ufeff"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 0)
        where = _(" Line %(line)d cannot be read.") % {"line": line} if line else ""
        raise OutlineRefused(_("This is not GeoJSON.") + where) from error


def _no_number(constant: str) -> float:
    raise ValueError(constant)


def _geometry(data: Any) -> dict[str, Any]:
    """The one geometry of a FeatureCollection, a Feature or a bare geometry."""
    if not isinstance(data, dict):
        raise OutlineRefused(_("This is not GeoJSON: an object with a type was expected."))
    if data.get("type") == "FeatureCollection":
        features = data.get("features")
        if not isinstance(features, list) or not features:
            raise OutlineRefused(_("The outline is empty: the collection has no features."))
        if len(features) > 1:
            raise OutlineRefused(
                _("The file holds %(number)d features. Leave the one that is the city's outline.")
                % {"number": len(features)}
            )
        return _geometry(features[0])
    if data.get("type") == "Feature":
        if data.get("geometry") is None:
            raise OutlineRefused(_("The outline is empty: the feature has no geometry."))
        return _geometry(data["geometry"])
    if data.get("type") not in {"Polygon", "MultiPolygon"}:
        raise OutlineRefused(
            _("An outline is a Polygon or a MultiPolygon. This is: %(type)s.")
            % {"type": str(data.get("type"))[:40]}
        )
    return data


def _polygons(geometry: dict[str, Any]) -> Iterator[list[Ring]]:
    """Rings of each polygon, the outer one first; closed."""
    coordinates = geometry.get("coordinates")
    if geometry["type"] == "Polygon":
        coordinates = [coordinates]
    for polygon in _listed(coordinates):
        rings = [_ring(ring) for ring in _listed(polygon)]
        if rings:
            yield rings


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise OutlineRefused(_("The coordinates are not lists of points as GeoJSON has them."))
    return value


def _ring(value: Any) -> Ring:
    ring = []
    for point in _listed(value):
        if not (
            isinstance(point, list)
            and len(point) >= 2
            and all(type(number) in {int, float} and math.isfinite(number) for number in point[:2])
        ):
            raise OutlineRefused(_("A point of the outline is not a longitude and a latitude."))
        ring.append((float(point[0]), float(point[1])))
    if len(set(ring)) < 3:
        raise OutlineRefused(_("A line of the outline has fewer than three points."))
    return ring if ring[0] == ring[-1] else [*ring, ring[0]]


def _placed(polygons: list[list[Ring]], *, swap: bool) -> list[list[Ring]]:
    """Longitude first and all of it in Ukraine."""
    points = [point for rings in polygons for ring in rings for point in ring]
    if all(_in_ukraine(y, x) for x, y in points):
        if not swap:
            raise OutlineRefused(
                _("Latitude stands before longitude: the axes are swapped. Shall they be turned?"),
                SWAPPED,
            )
        return [[[(y, x) for x, y in ring] for ring in rings] for rings in polygons]
    for x, y in points:
        if abs(x) > 180 or abs(y) > 180:
            raise OutlineRefused(
                _("The coordinates (%(x)s, %(y)s) are metres, not degrees. Export as WGS 84.")
                % {"x": f"{x:.0f}", "y": f"{y:.0f}"}
            )
        if not _in_ukraine(x, y):
            raise OutlineRefused(
                _("The point %(x)s, %(y)s (longitude, latitude) is outside Ukraine.")
                % {"x": f"{x:.4f}", "y": f"{y:.4f}"}
            )
    return polygons


def _in_ukraine(lon: float, lat: float) -> bool:
    west, south, east, north = UKRAINE
    return west <= lon <= east and south <= lat <= north


def _whole(polygons: list[list[Ring]], *, repair: bool) -> tuple[BaseGeometry, list[str]]:
    parts = [Polygon(rings[0], rings[1:]) for rings in polygons]
    whole: BaseGeometry = parts[0] if len(parts) == 1 else MultiPolygon(parts)
    if whole.is_valid:
        return whole, []
    before = explain_validity(whole)
    if not repair:
        raise OutlineRefused(
            _(
                "The outline crosses or touches itself (%(where)s). It can be mended: look at the result."
            )
            % {"where": _place_in(before)},
            CROSSING,
        )
    return make_valid(whole), [_("The outline crossed itself and was mended. Look at the map.")]


def _place_in(explained: str) -> str:
    """Shapely says «Self-intersection[34.5 49.6]»: the place is for everybody, the word is not."""
    numbers = explained.partition("[")[2].rstrip("]").split()
    try:
        return ", ".join(f"{float(number):.4f}" for number in numbers) or "?"
    except ValueError:
        return "?"


def _areas(geometry: BaseGeometry) -> Iterator[Polygon]:
    if isinstance(geometry, Polygon):
        if not geometry.is_empty and geometry.area:
            yield geometry
        return
    for part in getattr(geometry, "geoms", ()):
        yield from _areas(part)


def _finished(whole: BaseGeometry, notes: list[str]) -> OwnOutline:
    # Snapping to the grid keeps the rings valid, which rounding each number would not.
    parts = list(_areas(set_precision(whole, 10**-_DIGITS)))
    if not parts:
        raise OutlineRefused(_("The outline is empty: it encloses no area."))
    shape = parts[0] if len(parts) == 1 else MultiPolygon(parts)
    holes = sum(len(part.interiors) for part in parts)
    if holes:
        notes.append(
            ngettext(
                "The outline has %(number)d hole: a question inside it counts as outside the city.",
                "The outline has %(number)d holes: a question inside one counts as outside the city.",
                holes,
            )
            % {"number": holes}
        )
    inside = shape.representative_point()
    km2 = round(shape.area * KM_PER_DEGREE**2 * math.cos(math.radians(inside.y)))
    if km2 > LARGE_KM2:
        notes.append(_("The outline encloses %(km2)d km², more than any hromada.") % {"km2": km2})
    bounds = Bounds(*(round(side, _DIGITS) for side in shape.bounds))
    return OwnOutline(
        geometry=_rounded(mapping(shape)),
        bounds=bounds,
        inside=(round(inside.y, _DIGITS), round(inside.x, _DIGITS)),
        km2=km2,
        notes=tuple(notes),
    )


def _rounded(geometry: Any) -> dict[str, Any]:
    def turn(value: Any) -> Any:
        if isinstance(value[0], float):
            return [round(value[0], _DIGITS), round(value[1], _DIGITS)]
        return [turn(part) for part in value]

    return {"type": geometry["type"], "coordinates": turn(geometry["coordinates"])}
