"""What browsers, phones and messengers show of a city, and that it is this city's alone."""

import json
from io import BytesIO

import pytest
from django.test import Client
from PIL import Image

from tenants import pictures, resolution
from tenants.models import City
from tests.conftest import HOSTS
from tests.factories import Inside, Maker

SQUARE = {
    "type": "Polygon",
    "coordinates": [[[34.4, 49.5], [34.7, 49.5], [34.7, 49.7], [34.4, 49.7], [34.4, 49.5]]],
}


@pytest.fixture
def client() -> Client:
    """A visitor of Poltava."""
    return Client(headers={"host": HOSTS["alpha"]})


def picture(client: Client, path: str) -> "Image.Image":
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/png"
    return Image.open(BytesIO(answer.content)).convert("RGB")


def colours(shown: "Image.Image") -> set[object]:
    return {colour for _number, colour in shown.getcolors(shown.width * shown.height) or []}


def test_the_card_has_the_size_that_networks_ask_for_and_the_citys_accent(
    alpha: City, client: Client
) -> None:
    City.objects.filter(pk=alpha.pk).update(accent_light="#7A1F5C", outline=SQUARE)
    resolution.forget()
    shown = picture(client, "/files/card-uk.png")
    assert shown.size == (1200, 630)
    assert (0x7A, 0x1F, 0x5C) in colours(shown)
    # Both pins stand in the outline.
    assert {(0xB4, 0x23, 0x18), (0x17, 0x70, 0x3A)} <= colours(shown)


def test_a_city_without_an_outline_shows_the_mark(alpha: City, client: Client) -> None:
    City.objects.filter(pk=alpha.pk).update(outline=None)
    resolution.forget()
    assert (0xB4, 0x23, 0x18) not in colours(picture(client, "/files/card-uk.png"))


@pytest.mark.parametrize("outline", [{"type": "Polygon"}, {"type": "Point", "coordinates": [1, 2]}])
def test_a_broken_outline_costs_no_card(alpha: City, client: Client, outline: object) -> None:
    City.objects.filter(pk=alpha.pk).update(outline=outline)
    resolution.forget()
    assert picture(client, "/files/card-en.png").size == (1200, 630)


def test_cards_of_two_cities_and_languages_differ(alpha: City, beta: City, client: Client) -> None:
    seen = {
        client.get(f"/files/card-{language}.png", headers={"host": host}).content
        for host in HOSTS.values()
        for language in ("uk", "en")
    }
    assert len(seen) == 4


def test_the_longest_name_stays_left_of_the_outline(alpha: City) -> None:
    alpha.name_uk, alpha.outline = "Новоград-Волинський-на-Случі Подільський", SQUARE
    made = pictures.card_png(alpha, "uk", "Слово " * 23)
    shown = Image.open(BytesIO(made)).convert("RGB")
    gap = shown.crop((655, 80, 665, 630))
    assert colours(gap) == {(0xF4, 0xF6, 0xF7)}
    below = shown.crop((0, 610, 650, 630))
    assert colours(below) == {(0xF4, 0xF6, 0xF7)}


def test_icon_and_manifest(alpha: City, client: Client) -> None:
    City.objects.filter(pk=alpha.pk).update(accent_light="#7A1F5C")
    resolution.forget()
    assert "#7A1F5C" in client.get("/files/icon.svg").content.decode()
    manifest = json.loads(client.get("/files/site-en.webmanifest").content)
    assert manifest["short_name"] == alpha.name_en
    assert manifest["start_url"] == "/en/"
    for icon in manifest["icons"]:
        shown = picture(client, icon["src"])
        assert icon["sizes"] == f"{shown.width}x{shown.height}"
    assert client.get("/files/icon-4000.png").status_code == 404


def test_pages_name_the_card_of_their_own_host(
    alpha: City, make: Maker, inside: Inside, client: Client
) -> None:
    with inside(alpha):
        question = make(alpha).question("answered", text='Чому "темно" <b>біля</b> школи?')
    page = client.get(f"/q/{question.pk}/").content.decode()
    assert f'content="http://{HOSTS["alpha"]}:8000/files/card-uk.png"' in page
    assert 'content="Чому &quot;темно&quot; &lt;b&gt;біля&lt;/b&gt; школи?"' in page
    assert f'content="http://{HOSTS["alpha"]}:8000/files/card-en.png"' in (
        client.get(f"/en/q/{question.pk}/").content.decode()
    )
