"""Bounds, centre and outline: checked, shown first, and never without a way back."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from community.questions.models import Question
from tenants.models import City, Geography
from tenants.outlines import MAX_BYTES
from tests.conftest import CityClient
from tests.factories import Inside, Maker

MAP = "/desk/city/map/"
SQUARE = [[34.4, 49.5], [34.7, 49.5], [34.7, 49.7], [34.4, 49.7], [34.4, 49.5]]
BOW = [[34.4, 49.5], [34.7, 49.7], [34.7, 49.5], [34.4, 49.7], [34.4, 49.5]]


def polygon(ring: Any) -> str:
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


def filled(client: CityClient) -> dict[str, Any]:
    form = client.get(MAP).context["form"]
    return {field.name: field.value() for field in form if field.value() is not None}


def now(city: City) -> City:
    return City.objects.get(pk=city.pk)


def looked_at(client: CityClient, text: str, **more: Any) -> str:
    """The address of the preview."""
    response = client.post(f"{MAP}outline/", {"outline_text": text, **more})
    assert response.status_code == 302, response.context["outline_form"].errors
    return str(response["Location"])


def test_numbers_are_saved_and_the_map_opens_there(boss: CityClient, alpha: City) -> None:
    data = filled(boss) | {"centre_lat": "49.6", "centre_lon": "34.55", "zoom": "13"}
    assert boss.post(MAP, data).status_code == 302
    city = now(alpha)
    assert (city.centre, city.zoom) == ((49.6, 34.55), 13)
    assert 'data-zoom="13"' in boss.get("/").text


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"west": "35.5"}, "east"),
        ({"south": "49.9"}, "north"),
        ({"centre_lat": "51"}, "centre_lat"),
        ({"west": "22", "east": "40"}, "west"),
        ({"west": "0"}, "west"),
        ({"west": "nan"}, "west"),
        ({"west": ""}, "west"),
        ({"zoom": "99"}, "zoom"),
    ],
)
def test_impossible_places_come_back_with_a_sentence(
    boss: CityClient, alpha: City, wrong: dict[str, str], field: str
) -> None:
    before = now(alpha).bounds
    response = boss.post(MAP, filled(boss) | wrong)
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert now(alpha).bounds == before


def test_the_second_of_two_administrators_is_told(boss: CityClient, alpha: City) -> None:
    both = filled(boss)
    assert boss.post(MAP, both | {"zoom": "13"}).status_code == 302
    late = boss.post(MAP, both | {"zoom": "10"})
    assert late.status_code == 422
    assert now(alpha).zoom == 13
    form = late.context["form"]
    again = {field.name: field.value() for field in form if field.value() is not None}
    assert boss.post(MAP, again).status_code == 302
    assert now(alpha).zoom == 10


def test_an_outline_is_shown_first_and_then_taken(
    boss: CityClient, alpha: City, make: Maker, inside: Inside
) -> None:
    inner, outer = make(alpha).question("published"), make(alpha).question("published")
    with inside(alpha):
        Question.objects.filter(pk=inner.pk).update(lat=49.6, lon=34.5)
        Question.objects.filter(pk=outer.pk).update(lat=49.55, lon=34.25)
    former = now(alpha).outline
    preview = looked_at(boss, polygon(SQUARE))
    assert now(alpha).outline == former, "not before it is taken"
    page = boss.get(preview)
    assert page.context["outside"] == 1
    assert page.context["corners"] == 5
    assert boss.post(preview).status_code == 302
    city = now(alpha)
    assert city.outline is not None
    assert (city.west, city.north) == (34.4, 49.7)
    assert boss.post(preview).status_code == 404, "taken once"


def test_back_to_the_former_outline_and_forth(boss: CityClient, alpha: City) -> None:
    before = now(alpha)
    boss.post(looked_at(boss, polygon(SQUARE)))
    version = Geography.objects.get(city=alpha, is_draft=False)
    assert boss.post(f"{MAP}{version.pk}/restore/").status_code == 302
    assert now(alpha).bounds == before.bounds
    assert now(alpha).outline == before.outline
    again = Geography.objects.filter(city=alpha).order_by("-pk")[0]
    boss.post(f"{MAP}{again.pk}/restore/")
    assert now(alpha).west == 34.4


def test_a_dropped_outline_changes_nothing(boss: CityClient, alpha: City) -> None:
    before = now(alpha).outline
    preview = looked_at(boss, polygon(SQUARE))
    assert boss.post(f"{preview}drop/").status_code == 302
    assert now(alpha).outline == before
    assert not Geography.objects.exists()


def test_the_city_can_do_without_an_outline(boss: CityClient, alpha: City) -> None:
    boss.post(looked_at(boss, polygon(SQUARE)))
    preview = boss.post(f"{MAP}outline/none/")["Location"]
    assert now(alpha).outline is not None
    boss.post(preview)
    assert now(alpha).outline is None


SWAPPED = [[lat, lon] for lon, lat in SQUARE]
ELSEWHERE = [[lon - 30, lat] for lon, lat in SQUARE]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (polygon(SWAPPED), "swapped"),
        (polygon(BOW), "crosses"),
        (polygon(ELSEWHERE), "outside Ukraine"),
        (json.dumps({"type": "Point", "coordinates": [34.5, 49.6]}), "Polygon"),
        ("", "empty"),
        ("{", "GeoJSON"),
        ("\x00" * 10, "GeoJSON"),
        ("[" * 100_000, "GeoJSON"),
    ],
    ids=["swapped", "bow", "elsewhere", "point", "empty", "cut", "nul", "deep"],
)
def test_a_wrong_outline_is_refused_with_what_would_pass(
    boss: CityClient, alpha: City, text: str, word: str
) -> None:
    response = boss.post(f"/en{MAP}outline/", {"outline_text": text})
    assert response.status_code == 422
    assert word in response.text
    assert not Geography.objects.exists()


def test_swapped_axes_of_a_file_are_turned_when_asked(boss: CityClient, alpha: City) -> None:
    file = SimpleUploadedFile("city.geojson", polygon(SWAPPED).encode())
    told = boss.post(f"{MAP}outline/", {"outline_file": file})
    assert told.status_code == 422
    kept = told.context["outline_form"]["outline_text"].value()
    boss.post(looked_at(boss, kept, swap_axes="on"))
    assert now(alpha).west == 34.4


def test_a_crossing_outline_is_mended_when_asked(boss: CityClient, alpha: City) -> None:
    boss.post(looked_at(boss, polygon(BOW), repair="on"))
    outline = now(alpha).outline
    assert outline is not None
    assert outline["type"] == "MultiPolygon"


LONG = polygon([[34.5 + n / 1e6, 49.6] for n in range(20_001)]).encode()


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00", b" " * (MAX_BYTES + 1), LONG], ids=["bytes", "large", "long"]
)
def test_a_file_that_is_no_text_or_too_large(boss: CityClient, content: bytes) -> None:
    file = SimpleUploadedFile("x.geojson", content)
    assert boss.post(f"{MAP}outline/", {"outline_file": file}).status_code == 422


def test_outlines_of_another_city_are_not_there(
    boss: CityClient, beta: City, client_of: Any, make: Maker, inside: Inside
) -> None:
    other = client_of(beta)
    with inside(beta):
        other.force_login(make(beta).administrator)
    foreign = looked_at(other, json.dumps({"type": "Polygon", "coordinates": [SQUARE]}))
    assert boss.get(foreign).status_code == 404
    assert boss.post(foreign).status_code == 404
    assert boss.post(f"{foreign}drop/").status_code == 404
    other.post(foreign)
    version = Geography.objects.get(city=beta)
    assert boss.post(f"{MAP}{version.pk}/restore/").status_code == 404


def test_a_moderator_moves_nothing(moderator: CityClient) -> None:
    assert moderator.get(MAP).status_code == 403
    assert moderator.post(f"{MAP}outline/", {"outline_text": polygon(SQUARE)}).status_code == 403


def test_a_city_without_a_place_is_placed(boss: CityClient, alpha: City) -> None:
    blank = dict.fromkeys(("west", "south", "east", "north", "centre_lat", "centre_lon"))
    City.objects.filter(pk=alpha.pk).update(**blank, outline=None)
    from tenants import resolution  # noqa: PLC0415 - this test alone goes past the model

    resolution.forget()
    preview = looked_at(boss, polygon(SQUARE))
    assert boss.get(preview).status_code == 200
    boss.post(preview)
    city = now(alpha)
    assert city.centre is not None
    assert city.shape.contains(*city.centre)
