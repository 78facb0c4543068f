"""The steps of building the gazetteer, on a country of a few villages."""

import pytest

from provisioning.gazetteer.codifier import Area, Unit, areas, settlements
from provisioning.gazetteer.locating import locate
from provisioning.gazetteer.points import Point
from provisioning.gazetteer.slugs import assign_slugs


def unit(digits: str, name: str, category: str) -> Unit:
    return Unit("UA" + digits.ljust(17, "0"), name, category)


UNITS = [
    unit("53", "Полтавська", "O"),
    unit("5302", "Східний", "P"),
    unit("5302001", "Першотравнева", "H"),
    unit("5302001001", "Садове", "C"),
    unit("5302001002", "Гай", "C"),
    unit("5302001003", "Яр", "C"),
    unit("5304", "Західний", "P"),
    unit("5304001", "Садівська", "H"),
    unit("5304001001", "Садове", "M"),
    unit("5304001002", "Млин", "C"),
    unit("01", "Автономна Республіка Крим", "O"),
    unit("0102", "Ялтинський", "P"),
    unit("0102001", "Ялтинська", "H"),
    unit("0102001001", "Ялта", "M"),
    unit("80", "Київ", "K"),
    unit("80000000001", "Подільський", "B"),
]
EAST, WEST, KYIV = areas(sorted(UNITS, key=lambda one: one.code))


def point(ident: int, name: str, lon: float, population: int = 600, oblast: str = "UA53") -> Point:
    return Point(ident, oblast, 49.5, lon, population, frozenset({name}))


ANCHORS = [point(1, "Гай", 35.00), point(2, "Яр", 35.02), point(3, "Млин", 33.00)]


def found(*points: Point) -> dict[str, int]:
    places = locate([EAST, WEST, KYIV], settlements(UNITS), [*ANCHORS, *points])
    return {code: place.ident for code, place in places.items()}


def test_areas_are_the_hromadas_outside_crimea_and_kyiv() -> None:
    assert [(area.kind, area.centre.name, area.type_name) for area in (EAST, WEST, KYIV)] == [
        ("H", "Садове", "сільська"),
        ("H", "Садове", "міська"),
        ("K", "Київ", "місто"),
    ]
    assert (WEST.oblast, WEST.raion, KYIV.oblast, KYIV.raion) == (
        "Полтавська",
        "Західний",
        "Київ",
        "",
    )


def test_a_hromada_without_settlements_is_an_error() -> None:
    with pytest.raises(ValueError, match="names no settlement"):
        areas([unit("53", "?", "O"), unit("5302", "?", "P"), unit("5302001", "?", "H")])


def test_neighbours_tell_namesakes_apart() -> None:
    assert found(point(10, "Садове", 35.05), point(11, "Садове", 33.05)) == {
        EAST.code: 10,
        WEST.code: 11,
    }


def test_a_point_far_from_every_neighbour_is_nobodys() -> None:
    assert found(point(10, "Садове", 36.9)) == {}


def test_a_point_in_another_oblast_does_not_count() -> None:
    assert found(point(10, "Садове", 35.05, oblast="UA59")) == {}


def test_one_place_entered_twice_is_its_bigger_half() -> None:
    assert found(point(10, "Садове", 35.05, 700), point(11, "Садове", 35.06, 9000)) == {
        EAST.code: 11
    }


def test_stress_marks_apostrophes_and_latin_spelling_do_not_matter() -> None:
    assert found(point(10, "Sadove", 35.05))[EAST.code] == 10
    assert found(point(10, "Садо\u0301ве", 35.05))[EAST.code] == 10


def test_kyiv_is_found_by_its_name_alone() -> None:
    assert found(point(12, "Київ", 30.5, 2_900_000, "UA80")) == {KYIV.code: 12}


def test_slugs_get_the_raion_where_the_oblast_is_not_enough() -> None:
    assert assign_slugs([EAST, WEST, KYIV]) == {
        EAST.code: "sadove-poltavska-skhidnyi",
        WEST.code: "sadove-poltavska-zakhidnyi",
        KYIV.code: "kyiv",
    }


def test_slugs_get_digits_where_the_raion_is_not_enough() -> None:
    def area(digits: str, raion: str) -> Area:
        centre = unit(digits + "001", "Садове", "C")
        return Area(
            code=unit(digits, "", "H").code,
            kind="H",
            name="Садівська",
            type_name="сільська",
            oblast="Дніпропетровська",
            raion=raion,
            centre=centre,
            settlements=(centre,),
        )

    twins = [area("1202001", "Південний"), area("1202003", "Південний")]
    long = area("1204001", "Новосинельниківський")
    assert list(assign_slugs([*twins, long]).values()) == [
        "sadove-dnipropetrovska-02001",
        "sadove-dnipropetrovska-02003",
        "sadove-dnipropetrovska-04001",
    ]
