"""The administrator changes the city's look on the city's own host."""

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from provisioning.branding.forms import BrandingForm
from provisioning.models import BrandingVersion
from tenants.models import City
from tests import pictures
from tests.conftest import CityClient
from tests.factories import Inside, Maker

LOOK = "/desk/city/look/"


def filled(client: CityClient) -> dict[str, Any]:
    form = client.get(LOOK).context["form"]
    values = {field.name: field.value() for field in form}
    return {name: value for name, value in values.items() if value not in {None, False}}


def test_words_and_colour_are_published_and_taken_back(
    boss: CityClient, alpha: City, beta: City
) -> None:
    before = City.objects.get(pk=alpha.pk).accent_light
    data = filled(boss) | {"tagline_uk": "Разом безпечніше", "accent_light": "#7A1F5C"}
    assert boss.post(LOOK, data | {"publish": "1"}).status_code == 302
    assert "Разом безпечніше" in boss.get("/").text
    assert "#7A1F5C" in boss.get("/files/accent.css").text
    assert City.objects.get(pk=beta.pk).accent_light == before
    version = BrandingVersion.objects.get(city=alpha)
    boss.post(f"{LOOK}{version.pk}/restore/")
    assert City.objects.get(pk=alpha.pk).accent_light == before


def test_a_preview_changes_nothing(boss: CityClient, alpha: City) -> None:
    page = boss.post(LOOK, filled(boss) | {"tagline_uk": "Спроба"})
    assert page.status_code == 200
    assert "Спроба" in page.text
    assert City.objects.get(pk=alpha.pk).wording == alpha.wording


@pytest.mark.parametrize("colour", ["red", "#FFF", "#FFFF00", "rgb(0,0,0)", "url(x)", ""])
def test_a_colour_that_cannot_be_read_is_refused(
    boss: CityClient, alpha: City, colour: str
) -> None:
    page = boss.post(LOOK, filled(boss) | {"accent_light": colour, "publish": "1"})
    assert page.status_code == 422
    assert City.objects.get(pk=alpha.pk).accent_light == alpha.accent_light


def test_a_logo_with_a_script_is_refused_and_a_picture_taken(
    boss: CityClient, alpha: City, inside: Inside
) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    data = filled(boss) | {"publish": "1"}
    wrong = SimpleUploadedFile("logo.svg", svg, "image/svg+xml")
    assert boss.post(LOOK, data | {"logo": wrong}).status_code == 422
    buffer = BytesIO(pictures.encoded(pictures.corners((100, 60), "RGBA"), "PNG"))
    right = SimpleUploadedFile("logo.png", buffer.getvalue(), "image/png")
    assert boss.post(LOOK, data | {"logo": right}).status_code == 302
    stem = City.objects.get(pk=alpha.pk).logo.removeprefix("branding/").removesuffix(".png")
    assert boss.get(f"{LOOK}logo/{stem}.png")["Content-Type"] == "image/png"


def test_the_second_of_two_administrators_is_told(boss: CityClient, alpha: City) -> None:
    both = filled(boss) | {"publish": "1"}
    assert boss.post(LOOK, both | {"tagline_uk": "Перший"}).status_code == 302
    assert boss.post(LOOK, both | {"tagline_uk": "Другий"}).status_code == 422
    assert City.objects.get(pk=alpha.pk).wording["tagline"]["uk"] == "Перший"


def test_versions_and_logos_of_another_city_are_not_there(
    boss: CityClient, beta: City, client_of: Any, make: Maker, inside: Inside
) -> None:
    other = client_of(beta)
    with inside(beta):
        other.force_login(make(beta).administrator)
    other.post(LOOK, filled(other) | {"tagline_uk": "Тернопіль", "publish": "1"})
    version = BrandingVersion.objects.get(city=beta)
    assert boss.post(f"{LOOK}{version.pk}/restore/").status_code == 404
    assert City.objects.get(pk=beta.pk).wording["tagline"]["uk"] == "Тернопіль"
    assert BrandingForm.of(beta)


def test_a_moderator_changes_no_look(moderator: CityClient) -> None:
    assert moderator.get(LOOK).status_code == 403
    assert moderator.post(LOOK, {"publish": "1"}).status_code == 403
