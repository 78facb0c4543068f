"""A city's logo, colours, words and languages: published, previewed, taken back, and nobody else's."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.actors import Actor, ActorKind
from bezpechne.kernel.audit.models import Entry
from provisioning import life
from provisioning.branding import actions
from provisioning.branding.forms import BrandingForm
from provisioning.branding.values import values_of
from provisioning.models import BrandingVersion, JournalEntry
from provisioning.provisioning import OPERATOR
from tenants.models import City
from tests import pictures
from tests.factories import Inside, Maker

PAGE = "/console/cities/poltava/branding/"
PNG = pictures.encoded(pictures.corners((120, 60), "RGBA"), "PNG")
OTHER_PNG = pictures.encoded(pictures.corners((60, 60), "RGBA"), "PNG")


@pytest.fixture
def console(client_of: Any, make: Maker, inside: Inside, alpha: City) -> Any:
    client = client_of(None)
    with inside(None):
        client.force_login(make(None).operator)
    return client


def form(city: City, **changes: Any) -> dict[str, Any]:
    """What the page sends when only `changes` were made."""
    city = City.objects.get(pk=city.pk)
    values = {**BrandingForm.of(city), "seen": actions.latest(city), "publish": "1", **changes}
    return {name: value for name, value in values.items() if value not in {False, None}}


def upload(content: bytes = PNG, name: str = "logo.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def put(city: City, **values: Any) -> City:
    """Published by the action itself."""
    actions.publish(by=OPERATOR, city=city, values={**values_of(city), **values})
    return City.objects.get(pk=city.pk)


def logo_url(page: str) -> str:
    found = re.search(r'src="(/files/logo/[^"]+)"', page)
    return found[1] if found else ""


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def status_of(client: Any, url: str) -> int:
    """Reads the file to its end: one left open is an error of the test."""
    answer = client.get(url)
    body(answer)
    return int(answer.status_code)


# --- Logo -----------------------------------------------------------------------------------------


def test_a_logo_is_published_shown_replaced_and_removed(
    alpha: City, console: Any, client_of: Any
) -> None:
    resident = client_of(alpha)
    assert logo_url(resident.get("/").content.decode()) == ""
    assert console.post(PAGE, form(alpha, logo=upload())).status_code == 302
    first = logo_url(resident.get("/").content.decode())
    served = resident.get(first)
    assert served["Content-Type"] == "image/png"
    assert "immutable" in served["Cache-Control"]
    assert body(served).startswith(b"\x89PNG")
    assert console.post(PAGE, form(alpha, logo=upload(OTHER_PNG))).status_code == 302
    second = logo_url(resident.get("/").content.decode())
    assert second != first
    assert resident.get(first).status_code == 404
    assert console.post(PAGE, form(alpha, no_logo="on")).status_code == 302
    assert logo_url(resident.get("/").content.decode()) == ""
    assert resident.get(second).status_code == 404


def test_a_logo_is_the_citys_own_and_on_no_other_host(
    alpha: City, beta: City, console: Any, client_of: Any, make: Maker, inside: Inside
) -> None:
    console.post(PAGE, form(alpha, logo=upload()))
    alpha.refresh_from_db()
    url = logo_url(client_of(alpha).get("/").content.decode())
    assert status_of(client_of(alpha), url) == 200
    assert client_of(beta).get(url).status_code == 404
    assert client_of(None).get(url).status_code == 404
    boss = client_of(beta)
    with inside(beta):
        boss.force_login(make(beta).administrator)
    assert boss.get(url).status_code == 404
    assert Path(settings.MEDIA_ROOT, alpha.schema_name, alpha.logo).is_file()
    assert not Path(settings.MEDIA_ROOT, beta.schema_name).exists()
    # The other city names the file as its own: its storage does not have it.
    City.objects.filter(pk=beta.pk).update(logo=alpha.logo)
    assert client_of(beta).get(url).status_code == 404
    stem = url.rpartition("/")[2]
    assert console.get(f"{PAGE}logo/{stem}").status_code == 200
    assert console.get(f"/console/cities/ternopil/branding/logo/{stem}").status_code == 404


@pytest.mark.parametrize("stem", ["x", "..%2f..%2fsecret_key", "0123456789abcdef-60x60", "%00"])
def test_other_names_lead_to_no_file(alpha: City, console: Any, client_of: Any, stem: str) -> None:
    console.post(PAGE, form(alpha, logo=upload()))
    assert client_of(alpha).get(f"/files/logo/{stem}.png").status_code == 404
    assert console.get(f"{PAGE}logo/{stem}.png").status_code == 404


@pytest.mark.parametrize(
    "content", [b"<svg><script>alert(1)</script></svg>", b"not a picture", pictures.jpeg((20, 20))]
)
def test_a_bad_logo_is_refused_and_what_was_typed_stays(
    alpha: City, console: Any, content: bytes
) -> None:
    answer = console.post(PAGE, form(alpha, logo=upload(content), tagline_uk="Наше гасло"))
    assert answer.status_code == 422
    assert "Наше гасло" in answer.content.decode()
    assert City.objects.get(pk=alpha.pk).logo == ""
    assert not BrandingVersion.objects.exists()


# --- Preview --------------------------------------------------------------------------------------


def test_a_preview_shows_everything_and_changes_nothing(
    alpha: City, console: Any, client_of: Any
) -> None:
    tried = form(
        alpha,
        publish=None,
        logo=upload(),
        accent_light="#7A1F5C",
        own_dark=False,
        tagline_uk="Наше гасло",
        police_site_url="patrolpolice.gov.ua",
    )
    answer = console.post(PAGE, tried)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.count("Наше гасло") >= 4
    assert page.count("/branding/logo/") >= 4
    stylesheet = re.search(r'href="([^"]+accent\.css[^"]+)"', page)
    assert stylesheet
    css = console.get(stylesheet[1].replace("&amp;", "&")).content.decode()
    assert "theme-light{--accent:#7A1F5C}" in css
    assert "theme-dark{--accent:#" in css
    city = City.objects.get(pk=alpha.pk)
    assert values_of(city) == values_of(alpha)
    assert not BrandingVersion.objects.exists()
    resident = client_of(alpha).get("/").content.decode()
    assert "Наше гасло" not in resident
    assert logo_url(resident) == ""
    # The logo that was tried is published without being sent again.
    kept = re.search(r'name="kept_logo" value="([^"]+)"', page)
    assert kept
    done = console.post(PAGE, form(alpha, kept_logo=kept[1]))
    assert done.status_code == 302
    assert logo_url(client_of(alpha).get("/").content.decode())


def test_a_logo_tried_in_one_city_is_not_taken_by_another(
    alpha: City, beta: City, console: Any
) -> None:
    page = console.post(PAGE, form(alpha, publish=None, logo=upload())).content.decode()
    kept = re.search(r'name="kept_logo" value="([^"]+)"', page)
    assert kept
    for seal in (kept[1], "forged", kept[1][:-2]):
        answer = console.post(
            "/console/cities/ternopil/branding/", form(beta, kept_logo=seal, tagline_uk="Гасло")
        )
        assert answer.status_code == 422
        assert 'name="kept_logo"' not in answer.content.decode()
    assert City.objects.get(pk=beta.pk).logo == ""


def test_colours_of_the_preview_cannot_carry_anything_else(alpha: City, console: Any) -> None:
    for asked in ("red", "000000}body{display:none", "%23fff", ""):
        css = console.get(f"{PAGE}accent.css", {"light": asked, "dark": asked}).content.decode()
        assert alpha.accent_light in css
        assert "display" not in css


# --- Colours --------------------------------------------------------------------------------------


def test_a_colour_hard_to_read_is_refused_with_its_ratio_and_an_offer(
    alpha: City, console: Any, client_of: Any
) -> None:
    sent = form(alpha, accent_light="#FFD500", own_dark=False)
    answer = console.post(PAGE, sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert re.search(r"1[.,]\d\d : 1", page)
    offer = re.search(r'name="take_light" value="(#[0-9A-F]{6})"', page)
    assert offer
    taken = console.post(PAGE, {**sent, "take_light": offer[1]})
    assert taken.status_code == 302
    city = City.objects.get(pk=alpha.pk)
    assert city.accent_light == offer[1]
    assert city.accent_dark != alpha.accent_dark
    css = client_of(alpha).get("/files/accent.css").content.decode()
    assert offer[1] in css
    assert city.accent_dark in css
    assert offer[1][1:] in client_of(alpha).get("/").content.decode()


@pytest.mark.parametrize("colour", ["", "red", "#12345", "#0B57A4;}", "#GGGGGG"])
def test_what_is_no_colour_is_refused(alpha: City, console: Any, colour: str) -> None:
    assert console.post(PAGE, form(alpha, accent_light=colour)).status_code == 422
    own = form(alpha, own_dark="on", accent_dark=colour)
    assert console.post(PAGE, own).status_code == 422


def test_a_dark_colour_of_ones_own_is_checked_on_dark_grounds(alpha: City, console: Any) -> None:
    answer = console.post(PAGE, form(alpha, own_dark="on", accent_dark="#0B57A4"))
    assert answer.status_code == 422
    assert 'name="take_dark"' in answer.content.decode()


# --- Words ----------------------------------------------------------------------------------------

PLACES = {"tagline": "/", "ask_hint": "/ask/", "about": "/about/", "contacts": "/about/"}


def test_words_stand_where_they_belong_in_their_language(
    alpha: City, console: Any, client_of: Any
) -> None:
    resident = client_of(alpha)
    sent = {f"{key}_uk": f"Слова {key}" for key in PLACES} | {"tagline_en": "Our line"}
    assert console.post(PAGE, form(alpha, **sent)).status_code == 302
    for key, path in PLACES.items():
        assert f"Слова {key}" in resident.get(path).content.decode()
        english = resident.get(f"/en{path}").content.decode()
        assert "Слова" not in english
    assert "Our line" in resident.get("/en/").content.decode()
    # What was not touched stays as the template had it.
    assert alpha.wording["ask_hint"]["en"] in resident.get("/en/ask/").content.decode()


def test_words_before_the_launch_and_where_asking_is_stopped(alpha: City, client_of: Any) -> None:
    words = {"curtain": {"uk": "Скоро в нас"}, "closing_note": {"uk": "До весни"}}
    city = put(alpha, wording=words)
    resident = client_of(alpha)
    assert "Скоро в нас" not in resident.get("/").content.decode()
    life.launch(by=OPERATOR, city=city, on=date(2100, 1, 1))
    assert "Скоро в нас" in resident.get("/").content.decode()
    life.launch(by=OPERATOR, city=city)
    life.suspend(by=OPERATOR, city=city, reason="Ремонт")
    assert "До весни" in resident.get("/").content.decode()


def test_words_are_plain_text(alpha: City, console: Any, client_of: Any) -> None:
    evil = "<script>alert(1)</script>\n\n{{ user }} <b>x</b>\u202e"
    assert console.post(PAGE, form(alpha, about_uk=evil, ask_hint_uk=evil)).status_code == 302
    for path in ("/about/", "/ask/"):
        page = client_of(alpha).get(path).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page
        assert "{{ user }}" in page
        assert "\u202e" not in page


@pytest.mark.parametrize(
    "change",
    [
        {"tagline_uk": "я" * 141},
        {"about_en": "x" * 1501},
        {"contacts_uk": "а\x00б"},
        {"contact_email": "nobody"},
        {"contact_phone": "<b>"},
        {"police_site_url": "http://patrolpolice.gov.ua"},
        {"police_site_url": "javascript:alert(1)"},
        {"police_site_url": "https://user:pw@patrolpolice.gov.ua"},
        {"police_site_url": "https://127.0.0.1/"},
        {"police_site_url": "https://localhost/"},
        {"police_site_url": "https://police.gov.ua:8443/"},
        {"police_site_url": 'https://police.gov.ua/"><script>'},
        {"police_site_url": "https://[::1"},
        {"police_site_url": "https://" + "a" * 200 + ".ua"},
    ],
    ids="-".join,
)
def test_bad_values_are_refused_by_field(alpha: City, console: Any, change: dict[str, str]) -> None:
    answer = console.post(PAGE, form(alpha, **change))
    assert answer.status_code == 422
    assert "error-summary" in answer.content.decode()
    assert values_of(City.objects.get(pk=alpha.pk)) == values_of(alpha)


def test_contacts_and_the_police_site_reach_the_residents(
    alpha: City, console: Any, client_of: Any
) -> None:
    sent = {
        "contact_email": "city@example.org",
        "contact_phone": "+380 532 12-34-56",
        "police_site_url": "patrolpolice.gov.ua/poltava",
    }
    assert console.post(PAGE, form(alpha, **sent)).status_code == 302
    page = client_of(alpha).get("/about/").content.decode()
    assert "city@example.org" in page
    assert page.count('href="https://patrolpolice.gov.ua/poltava"') == 2
    written = str(list(JournalEntry.objects.values()))
    assert "example.org" not in written
    assert "branding_changed" in written


# --- Languages ------------------------------------------------------------------------------------


def test_english_can_be_switched_off_and_on_again(
    alpha: City, beta: City, console: Any, client_of: Any, make: Maker
) -> None:
    question = make(alpha).question("published")
    resident = client_of(alpha)
    assert 'hreflang="en"' in resident.get("/").content.decode()
    assert console.post(PAGE, form(alpha, english=False)).status_code == 302
    assert "hreflang" not in resident.get("/").content.decode()
    for path in ("/", "/about/", f"/q/{question.pk}/", "/?status=waiting"):
        moved = resident.get(f"/en{path}")
        assert (moved.status_code, moved["Location"]) == (302, path)
    assert resident.get("/en//evil.example/")["Location"].startswith("/evil.example")
    assert resident.head("/en/").status_code == 302
    # A form that was open when English was switched off is not lost.
    assert resident.post("/en/follow/lost/", {"email": "a@example.org"}).status_code == 200
    assert client_of(beta).get("/en/").status_code == 200
    assert client_of(None).get("/en/").status_code == 200
    assert console.post(PAGE, form(alpha, english="on")).status_code == 302
    assert resident.get("/en/").status_code == 200


# --- Versions -------------------------------------------------------------------------------------


def test_the_last_change_is_undone_and_done_again(
    alpha: City, console: Any, client_of: Any
) -> None:
    console.post(PAGE, form(alpha, logo=upload(), tagline_uk="Перше"))
    with_logo = values_of(City.objects.get(pk=alpha.pk))
    console.post(PAGE, form(alpha, no_logo="on", tagline_uk="Друге", contact_phone="102"))
    changed = values_of(City.objects.get(pk=alpha.pk))
    undo = BrandingVersion.objects.order_by("-id")[0]
    assert f"{PAGE}{undo.pk}/restore/" in console.get(PAGE).content.decode()
    assert console.post(f"{PAGE}{undo.pk}/restore/").status_code == 302
    assert values_of(City.objects.get(pk=alpha.pk)) == with_logo
    resident = client_of(alpha).get("/").content.decode()
    assert "Перше" in resident
    assert status_of(client_of(alpha), logo_url(resident)) == 200
    again = BrandingVersion.objects.order_by("-id")[0]
    assert console.post(f"{PAGE}{again.pk}/restore/").status_code == 302
    assert values_of(City.objects.get(pk=alpha.pk)) == changed


def test_a_version_of_one_city_is_nothing_in_another(alpha: City, beta: City, console: Any) -> None:
    put(alpha, contact_phone="102")
    version = BrandingVersion.objects.get()
    url = f"/console/cities/ternopil/branding/{version.pk}/restore/"
    assert console.post(url).status_code == 404
    with pytest.raises(PermissionDenied):
        actions.restore(by=OPERATOR, city=beta, version=version)


def test_a_change_made_meanwhile_is_not_overwritten(alpha: City, console: Any) -> None:
    stale = form(alpha, tagline_uk="Моє")
    put(alpha, contact_phone="102")
    answer = console.post(PAGE, stale)
    assert answer.status_code == 422
    assert "Моє" in answer.content.decode()
    assert City.objects.get(pk=alpha.pk).contact_phone == "102"
    assert console.post(PAGE, {**stale, "seen": actions.latest(alpha)}).status_code == 302


def test_old_versions_and_logos_that_nobody_can_return_to_are_dropped(
    alpha: City, console: Any
) -> None:
    console.post(PAGE, form(alpha, logo=upload()))
    console.post(PAGE, form(alpha, publish=None, logo=upload(OTHER_PNG)))
    folder = Path(settings.MEDIA_ROOT, alpha.schema_name, "branding")
    assert len(list(folder.iterdir())) == 2
    city = put(City.objects.get(pk=alpha.pk), logo="")
    assert len(list(folder.iterdir())) == 1, "the tried one is gone, the undo has its own"
    for number in range(actions.KEPT + 2):
        city = put(city, contact_phone=f"+380 {number:03}")
    assert BrandingVersion.objects.filter(city=alpha).count() == actions.KEPT
    assert list(folder.iterdir()) == []


def test_a_change_without_changes_writes_nothing(alpha: City, console: Any) -> None:
    before = JournalEntry.objects.count()
    assert console.post(PAGE, form(alpha)).status_code == 302
    assert JournalEntry.objects.count() == before
    assert not BrandingVersion.objects.exists()


# --- Who and how much -----------------------------------------------------------------------------


def test_the_action_is_for_operators_and_the_citys_administrator(
    alpha: City, make: Maker, inside: Inside
) -> None:
    values = {**values_of(alpha), "contact_phone": "102"}
    for by in (make(alpha).moderator.actor, Actor(ActorKind.OPERATOR, 1, frozenset())):
        with pytest.raises(PermissionDenied):
            actions.publish(by=by, city=alpha, values=values)
    boss = make(alpha).administrator.actor
    assert Permission.OPERATE not in boss.permissions
    with inside(alpha):
        assert actions.publish(by=boss, city=alpha, values=values) == ["contact_phone"]
        assert Entry.objects.get(action="branding_changed").actor_kind == "staff"


def test_branding_costs_no_query_on_public_pages(alpha: City, client_of: Any) -> None:
    resident = client_of(alpha)

    def cost() -> list[int]:
        found = []
        for path in ("/", "/about/", "/ask/"):
            resident.get(path)
            with CaptureQueriesContext(connection) as queries:
                assert resident.get(path).status_code == 200
            found.append(len(queries))
        return found

    plain = cost()
    put(
        alpha,
        logo="branding/0123456789abcdef-60x60.png",
        wording={"tagline": {"uk": "Гасло"}, "about": {"uk": "Про"}},
        police_site_url="https://patrolpolice.gov.ua",
    )
    assert cost() == plain


def test_the_page_has_a_fixed_number_of_queries(alpha: City, console: Any) -> None:
    found = []
    for number in range(1, 7):
        put(City.objects.get(pk=alpha.pk), contact_phone=f"+380 {number:03}")
        if number in {1, 6}:
            with CaptureQueriesContext(connection) as queries:
                console.get(PAGE)
            found.append(len(queries))
    assert found[0] == found[1] <= 12
