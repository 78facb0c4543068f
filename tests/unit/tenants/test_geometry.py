"""Is a point inside a city: boxes from query strings, outlines of any shape, rubbish."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.geometry import BUFFER_DEGREES, Bounds, Outline

BOX = Bounds(34.0, 49.0, 35.0, 50.0)


def square(west: float, south: float, east: float, north: float) -> list[list[float]]:
    """A closed ring."""
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


SQUARE = {"type": "Polygon", "coordinates": [square(34.2, 49.2, 34.8, 49.8)]}
RING = {
    "type": "Polygon",
    "coordinates": [square(34.2, 49.2, 34.8, 49.8), square(34.4, 49.4, 34.6, 49.6)],
}


@pytest.mark.parametrize("text", ["34,49,35,50", " 34 , 49 , 35 , 50 ", "3.4e1,49,35,5e1"])
def test_a_box_is_read(text: str) -> None:
    assert Bounds.parse(text) == BOX


@pytest.mark.parametrize(
    "text",
    [
        "",
        ",,,",
        "34,49,35",
        "34,49,35,50,51",
        "35,49,34,50",
        "34,50,35,49",
        "34,49,34,50",
        "nan,49,35,50",
        "34,nan,35,50",
        "34,49,35,nan",
        "-inf,49,inf,50",
        "-181,49,35,50",
        "34,-91,35,50",
        "34,49,1e400,50",
        "a,b,c,d",
        "34,49,35,50;DROP TABLE x",
        "\x00,49,35,50",
        "9" * 5000 + ",1,2,3",
    ],
)
def test_what_is_no_box_is_none(text: str) -> None:
    assert Bounds.parse(text) is None


@given(st.text(alphabet="0123456789.,-+einfaEN_ \x00", max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    box = Bounds.parse(text)
    assert box is None or (-180 <= box.west < box.east <= 180 and box.south < box.north)


def test_outline_wins_over_the_box() -> None:
    outline = Outline(SQUARE, BOX)
    assert outline.contains(49.5, 34.5)
    assert not outline.contains(49.1, 34.1)


def test_latitude_comes_first() -> None:
    assert not Outline(SQUARE, BOX).contains(34.5, 49.5)


def test_the_border_has_a_margin_of_about_300_m() -> None:
    outline = Outline(SQUARE, BOX)
    assert outline.contains(49.2 - BUFFER_DEGREES * 0.9, 34.5)
    assert not outline.contains(49.2 - BUFFER_DEGREES * 1.1, 34.5)


def test_a_hole_is_outside_except_its_margin() -> None:
    outline = Outline(RING, BOX)
    assert not outline.contains(49.5, 34.5)
    assert outline.contains(49.4 + BUFFER_DEGREES * 0.9, 34.5)


def test_parts_and_collections_count() -> None:
    parts = {
        "type": "MultiPolygon",
        "coordinates": [[square(34.1, 49.1, 34.2, 49.2)], [square(34.8, 49.8, 34.9, 49.9)]],
    }
    collection = {
        "type": "GeometryCollection",
        "geometries": [parts, {"type": "LineString", "coordinates": [[34.4, 49.4], [34.5, 49.5]]}],
    }
    for geometry in (parts, collection):
        outline = Outline(geometry, BOX)
        assert outline.contains(49.15, 34.15)
        assert outline.contains(49.85, 34.85)
        assert not outline.contains(49.3, 34.7)


def test_a_crossed_ring_does_not_fail() -> None:
    bow = {"type": "Polygon", "coordinates": [[[34, 49], [35, 50], [35, 49], [34, 50], [34, 49]]]}
    assert Outline(bow, BOX).contains(49.5, 34.9)


@pytest.mark.parametrize(
    "geometry",
    [
        {},
        {"type": "Polygon"},
        {"type": "Nonsense", "coordinates": []},
        {"type": "Polygon", "coordinates": "x"},
        {"type": "Polygon", "coordinates": [[[34.0]]]},
        {"type": "GeometryCollection", "geometries": None},
        {"type": "GeometryCollection", "geometries": [{"type": "Polygon"}]},
        {"coordinates": []},
    ],
)
def test_rubbish_falls_back_to_the_box(geometry: dict[str, Any]) -> None:
    outline = Outline(geometry, BOX)
    assert outline.contains(49.5, 34.5)
    assert not outline.contains(48.0, 34.5)


def test_without_anything_ukraine_is_the_limit() -> None:
    outline = Outline(None, None)
    assert outline.contains(50.45, 30.52)
    assert not outline.contains(52.23, 21.0)
    assert not outline.contains(float("nan"), float("nan"))
