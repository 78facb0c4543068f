"""The map under the pins, chosen by the city: only with a key, only by its administrator."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from bezpechne.kernel.audit.models import Entry
from tenants.actions import PlaceRefused, choose_basemap
from tenants.models import City
from tests.conftest import CityClient
from tests.factories import Inside, Maker

PAGE, CHOOSE = "/desk/city/map/", "/desk/city/map/basemap/"
KEY = "AIza-key-of-a-test"


def kept(city: City) -> str:
    city.refresh_from_db()
    return city.basemap


def test_without_a_key_there_is_a_sentence_and_nothing_to_choose(
    boss: CityClient, alpha: City, inside: Inside, settings: Any
) -> None:
    settings.GOOGLE_MAPS_KEY = ""
    page = boss.get(f"/en{PAGE}").text
    assert CHOOSE not in page
    assert "once the platform’s operator has set it up" in page
    sent = boss.post(f"/en{CHOOSE}", {"basemap": "google"}, follow=True)
    assert "not set up" in sent.text
    assert kept(alpha) == "osm"
    with inside(alpha):
        assert not Entry.objects.filter(action="basemap_chosen").exists()


def test_the_administrator_chooses_and_the_log_names_who(
    boss: CityClient, alpha: City, beta: City, inside: Inside, make: Maker, settings: Any
) -> None:
    settings.GOOGLE_MAPS_KEY = KEY
    page = boss.get(f"/en{PAGE}")
    assert "requests go to Google" in page.text
    assert KEY not in page.text
    assert boss.post(CHOOSE, {"basemap": "google"}).status_code == 302
    boss.post(CHOOSE, {"basemap": "google"})
    assert (kept(alpha), kept(beta)) == ("google", "osm")
    with inside(alpha):
        entry = Entry.objects.get(action="basemap_chosen")
        assert entry.actor_id == make(alpha).administrator.pk
        assert (entry.old, entry.new) == ({"basemap": "osm"}, {"basemap": "google"})
    with inside(beta):
        assert not Entry.objects.filter(action="basemap_chosen").exists()
    assert "Map under the pins chosen" in boss.get("/en/desk/activity/?what=city").text
    for odd in ({"basemap": "bing"}, {}, {"basemap": ""}):
        assert "Choose one of the maps." in boss.post(f"/en{CHOOSE}", odd, follow=True).text
    assert kept(alpha) == "google"
    boss.post(CHOOSE, {"basemap": "osm"})
    assert kept(alpha) == "osm"


def test_nobody_else_chooses(
    moderator: CityClient, alpha: City, inside: Inside, make: Maker, settings: Any
) -> None:
    settings.GOOGLE_MAPS_KEY = KEY
    assert moderator.post(CHOOSE, {"basemap": "google"}).status_code == 403
    with inside(alpha), pytest.raises(PermissionDenied):
        choose_basemap(by=make(alpha).moderator.actor, city=alpha, basemap="google")
    settings.GOOGLE_MAPS_KEY = ""
    with inside(alpha), pytest.raises(PlaceRefused):
        choose_basemap(by=make(alpha).administrator.actor, city=alpha, basemap="google")
    assert kept(alpha) == "osm"
