"""Reads outlines of hromadas from COD-AB, the United Nations' boundary data set.

The file is the GeoJSON of admin level 3 from the Humanitarian Data Exchange ("cod-ab-ukr"): a
FeatureCollection with longitude and latitude in degrees (CRS84). Its property ADM3_PCODE is the
first 9 characters of the hromada's KATOTTG code. Nothing of Django here.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shapely import MultiPolygon, Polygon, make_valid, set_precision
from shapely.errors import ShapelyError
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from provisioning.gazetteer.codifier import HROMADA

_KEY = "adm3_pcode"
_DIGITS = 5
# Ukraine with a margin. The ranges do not overlap, so swapped axes can be told apart.
_LON = (21.0, 42.0)
_LAT = (43.5, 53.5)

Corner = tuple[float, float]


class BoundaryError(ValueError):
    """The file of outlines is not what it should be; the message is for the operator."""


@dataclass(frozen=True, slots=True)
class Outline:
    """One hromada's outline in WGS 84 degrees with 5 digits (about a metre).

    `geometry` is a GeoJSON Polygon or MultiPolygon, longitude first; `bounds` are west, south,
    east, north of exactly this geometry; `inside` is the longitude and latitude of a point in it.
    """

    geometry: dict[str, Any]
    bounds: tuple[float, float, float, float]
    inside: Corner


def read_outlines(path: Path) -> dict[str, Outline]:
    """Return the outlines by ADM3_PCODE (9 characters); features without area are absent.

    A GeometryCollection keeps its polygons, self-crossing rings are mended. Raises BoundaryError
    when the file cannot be read, is not a FeatureCollection of polygons with ADM3_PCODE, repeats
    a code, or has coordinates outside Ukraine or with latitude first.
    """
    outlines: dict[str, Outline] = {}
    seen: set[str] = set()
    for number, feature in enumerate(_features(path), start=1):
        code = _code(feature, number, path)
        if code in seen:
            raise BoundaryError(f"{path.name} holds {code} twice.")
        seen.add(code)
        outline = _outline(feature.get("geometry"), code)
        if outline is not None:
            outlines[code] = outline
    return outlines


def _features(path: Path) -> list[Any]:
    try:
        data = json.loads(path.read_bytes())
    except OSError as error:
        raise BoundaryError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise BoundaryError(f"{path.name} is not JSON: {error}.") from error
    if not isinstance(data, dict) or data.get("type") != "FeatureCollection":
        raise BoundaryError(f"{path.name} is JSON, but not a GeoJSON FeatureCollection.")
    features = data.get("features")
    if not isinstance(features, list) or not features:
        raise BoundaryError(f"{path.name} is a FeatureCollection without features.")
    return features


def _code(feature: object, number: int, path: Path) -> str:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if isinstance(properties, dict):
        # Editions differ in the case of their column names.
        for name, value in properties.items():
            if str(name).lower() == _KEY and isinstance(value, str) and len(value) == HROMADA:
                return value
    raise BoundaryError(
        f"Feature {number} of {path.name} has no ADM3_PCODE of {HROMADA} characters. "
        "Take the COD-AB file of hromadas (admin level 3)."
    )


def _outline(geometry: Any, code: str) -> Outline | None:
    """Return the outline of a feature, None when it has no area."""
    if geometry is None:
        return None
    try:
        polygons = list(_polygons(shape(geometry)))
    except (ShapelyError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise BoundaryError(f"The geometry of {code} is not GeoJSON.") from error
    if not polygons:
        return None
    _check_position(polygons, code)
    # Snapping to the grid keeps the rings valid, which rounding each number would not.
    snapped = set_precision(make_valid(MultiPolygon(polygons)), 10**-_DIGITS)
    polygons = list(_polygons(snapped))
    if not polygons:
        return None
    whole = polygons[0] if len(polygons) == 1 else MultiPolygon(polygons)
    west, south, east, north = whole.bounds
    inside = whole.representative_point()
    return Outline(
        geometry=_rounded(mapping(whole)),
        bounds=(_round(west), _round(south), _round(east), _round(north)),
        inside=(_round(inside.x), _round(inside.y)),
    )


def _polygons(geometry: BaseGeometry) -> Iterator[Polygon]:
    """Return the polygons of any geometry; lines and points in it have no area to stand for."""
    if isinstance(geometry, Polygon):
        if not geometry.is_empty:
            yield geometry
        return
    for part in getattr(geometry, "geoms", ()):
        yield from _polygons(part)


def _check_position(polygons: Iterable[Polygon], code: str) -> None:
    for polygon in polygons:
        for x, y in _corners(polygon):
            if _within(x, _LON) and _within(y, _LAT):
                continue
            if _within(x, _LAT) and _within(y, _LON):
                raise BoundaryError(
                    f"The coordinates of {code} are swapped: GeoJSON puts longitude first."
                )
            raise BoundaryError(
                f"The coordinates of {code} ({x:g}, {y:g}) are not degrees within Ukraine."
            )


def _corners(polygon: Polygon) -> Iterator[Corner]:
    for ring in (polygon.exterior, *polygon.interiors):
        for corner in ring.coords:
            yield corner[0], corner[1]


def _within(value: float, limits: tuple[float, float]) -> bool:
    return math.isfinite(value) and limits[0] <= value <= limits[1]


def _rounded(geometry: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": geometry["type"], "coordinates": _round_all(geometry["coordinates"])}


def _round_all(coordinates: Any) -> Any:
    """Return the nested tuples of coordinates as lists of rounded longitude and latitude."""
    if isinstance(coordinates[0], float):
        return [_round(coordinates[0]), _round(coordinates[1])]
    return [_round_all(part) for part in coordinates]


def _round(degrees: float) -> float:
    return round(degrees, _DIGITS)
