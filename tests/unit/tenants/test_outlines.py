"""An operator's own outline: every fault has a sentence, nothing is mended in silence."""

import json
from typing import Any

import pytest

from tenants.outlines import (
    CROSSING,
    MAX_BYTES,
    MAX_POINTS,
    SWAPPED,
    OutlineRefused,
    read_outline,
)

SQUARE = [[34.4, 49.5], [34.7, 49.5], [34.7, 49.7], [34.4, 49.7], [34.4, 49.5]]
HOLE = [[34.5, 49.55], [34.5, 49.6], [34.6, 49.6], [34.6, 49.55], [34.5, 49.55]]
BOW = [[34.4, 49.5], [34.7, 49.7], [34.7, 49.5], [34.4, 49.7], [34.4, 49.5]]


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def refused(value: Any, **options: bool) -> OutlineRefused:
    text = value if isinstance(value, str) else json.dumps(value)
    with pytest.raises(OutlineRefused) as caught:
        read_outline(text, **options)
    assert str(caught.value).strip()
    return caught.value


def test_a_polygon_keeps_its_corners_and_gives_its_bounds() -> None:
    outline = read_outline(json.dumps(polygon(SQUARE)))
    assert outline.geometry["type"] == "Polygon"
    assert sorted(map(tuple, outline.geometry["coordinates"][0][:-1])) == sorted(
        map(tuple, SQUARE[:-1])
    )
    assert (outline.bounds.west, outline.bounds.north) == (34.4, 49.7)
    assert 470 < outline.km2 < 490
    assert outline.notes == ()


@pytest.mark.parametrize(
    "wrap",
    [
        lambda g: g,
        lambda g: {"type": "Feature", "properties": {}, "geometry": g},
        lambda g: {
            "type": "FeatureCollection",
            "features": [{"type": "Feature", "properties": None, "geometry": g}],
        },
        lambda g: {"type": "MultiPolygon", "coordinates": [g["coordinates"]]},
    ],
)
def test_every_usual_wrapping_is_taken(wrap: Any) -> None:
    assert read_outline(json.dumps(wrap(polygon(SQUARE)))).bounds.east == 34.7


def test_a_byte_order_mark_heights_and_an_open_ring_do_no_harm() -> None:
    ring = [[x, y, 120.5] for x, y in SQUARE[:-1]]
    assert read_outline("\ufeff" + json.dumps(polygon(ring))).bounds.south == 49.5


@pytest.mark.parametrize(
    "value",
    [
        "",
        "  \n",
        "GeoJSON",
        "[1, 2",
        "[" * 100_000,
        '{"type": "Polygon", "coordinates": [[[NaN, 1], [2, 3], [4, 5]]]}',
        "[]",
        "7",
        {"type": "Topology"},
        {"type": "Point", "coordinates": [34.5, 49.6]},
        {"type": "LineString", "coordinates": SQUARE},
        {"type": "GeometryCollection", "geometries": [polygon(SQUARE)]},
        {"type": "FeatureCollection", "features": []},
        {"type": "FeatureCollection", "features": "none"},
        {"type": "FeatureCollection", "features": [polygon(SQUARE), polygon(SQUARE)]},
        {"type": "Feature", "geometry": None},
        polygon(),
        polygon([]),
        polygon([[34.4, 49.5], [34.7, 49.5], [34.4, 49.5]]),
        polygon([[34.4, 49.5], [34.5, 49.6], [34.6, 49.7], [34.4, 49.5]]),
        polygon([["34.4", "49.5"], ["34.7", "49.5"], ["34.7", "49.7"]]),
        polygon([[True, False], [34.7, 49.5], [34.7, 49.7]]),
        polygon([[34.4], [34.7], [34.9]]),
        {"type": "Polygon", "coordinates": {"a": 1}},
        {"type": "Polygon"},
    ],
)
def test_what_is_no_outline_is_refused_with_a_sentence(value: Any) -> None:
    assert refused(value, swap=True, repair=True).kind == ""


def test_swapped_axes_are_told_and_turned_only_when_asked() -> None:
    swapped = polygon([[y, x] for x, y in SQUARE])
    assert refused(swapped).kind == SWAPPED
    assert refused(swapped, repair=True).kind == SWAPPED
    assert read_outline(json.dumps(swapped), swap=True).bounds.west == 34.4
    # Saying yes to what is right turns nothing.
    assert read_outline(json.dumps(polygon(SQUARE)), swap=True).bounds.west == 34.4


def test_a_crossing_is_told_with_its_place_and_mended_only_when_asked() -> None:
    refusal = refused(polygon(BOW))
    assert refusal.kind == CROSSING
    assert "34.55" in str(refusal)
    mended = read_outline(json.dumps(polygon(BOW)), repair=True)
    assert mended.geometry["type"] == "MultiPolygon"
    assert mended.notes


@pytest.mark.parametrize(
    "ring",
    [
        [[2.2, 48.8], [2.5, 48.8], [2.5, 48.9], [2.2, 48.9]],
        [[34.4, 49.5], [34.7, 49.5], [34.7, 60.0]],
        [[3830000.0, 6370000.0], [3850000.0, 6370000.0], [3850000.0, 6390000.0]],
        [[1e400, 49.5], [34.7, 49.5], [34.7, 49.7]],
    ],
)
def test_outside_ukraine_is_refused(ring: Any) -> None:
    assert refused(polygon(ring), swap=True).kind == ""


def test_a_hole_is_kept_and_told() -> None:
    outline = read_outline(json.dumps(polygon(SQUARE, HOLE)))
    assert len(outline.geometry["coordinates"]) == 2
    assert len(outline.notes) == 1


def test_too_many_points_and_too_many_bytes_are_refused() -> None:
    many = [[34 + n / MAX_POINTS, 49 + n % 2 / 10] for n in range(MAX_POINTS + 1)]
    assert str(MAX_POINTS) in str(refused(polygon(many)))
    assert refused(json.dumps(polygon(SQUARE)) + " " * MAX_BYTES)


def test_a_whole_oblast_is_told_to_be_large() -> None:
    oblast = [[33.0, 48.9], [35.4, 48.9], [35.4, 50.5], [33.0, 50.5]]
    assert len(read_outline(json.dumps(polygon(oblast))).notes) == 1
