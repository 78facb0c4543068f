"""A city with Google's map: its tiles and words, and the plain map when it fails."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import PHONE, Visitors
from tests.e2e.installation import CityAddress, Installation, wait_until
from tests.google import Google, google

CHOOSE = """
from provisioning.console.actions.basemap import set_basemap
from provisioning.provisioning import OPERATOR
from tenants.models import City
set_basemap(by=OPERATOR, city=City.objects.get(slug="{slug}"), basemap="google", reason="Просить рада")
"""
SESSIONS = "SELECT count(*) FROM public.tenants_map_session WHERE expires_at IS NOT NULL"


@pytest.fixture(scope="module")
def server(installation: Installation) -> Iterator[Google]:
    with google(urlsplit(installation.environment["GOOGLE_TILES_URL"]).port or 0) as server:
        yield server


@pytest.fixture(scope="module")
def place(installation: Installation, server: Google) -> CityAddress:
    """The worker has made the sessions."""
    place = installation.provision("Кременчук")
    installation.manage("shell", "-c", CHOOSE.format(slug=place.slug))

    def made() -> bool:
        with installation.database() as database:
            row = database.execute(SESSIONS).fetchone()
            return bool(row and row[0] == 2)

    wait_until(made, "the worker makes the sessions", 60)
    return place


@pytest.mark.parametrize("options", [{}, PHONE], ids=["wide", "phone"])
def test_tiles_and_words_are_googles(
    place: CityAddress, server: Google, visitors: Visitors, options: dict[str, object]
) -> None:
    page = visitors.arrive(**options)
    tiles = server.tiles
    page.goto(place.at("/"))
    page.wait_for_selector(".leaflet-tile-loaded")
    assert server.tiles > tiles
    expect(page.locator(".map-google")).to_have_text("Google Maps")
    expect(page.locator(".leaflet-control-attribution")).to_contain_text("Map data ©2026 Stand-in")
    expect(page.locator(".map--plain")).to_have_count(0)
    # Whose data it is depends on the view.
    seen = len(server.views)
    with page.expect_response(lambda response: "/tile/v1/viewport" in response.url):
        page.get_by_role("button", name="Наблизити").first.click()
    assert len(server.views) > seen
    view = server.views[-1]
    assert float(view["north"][0]) > float(view["south"][0])
    page.goto(place.at("/ask/"))
    page.wait_for_selector(".leaflet-tile-loaded")


def test_when_google_refuses_there_is_another_map(
    place: CityAddress, server: Google, visitors: Visitors
) -> None:
    visitors.watch.expect(r"^(403|429) http://127.0.0.1")
    # Chromium keeps a refusal in JSON from being drawn as a picture.
    visitors.watch.expect(r"^net::ERR_BLOCKED_BY_ORB http://127.0.0.1")
    page = visitors.arrive()
    for trouble in (403, 429):
        server.trouble = trouble
        try:
            page.goto(place.at("/"))
            page.wait_for_selector(".map--plain", timeout=20_000)
        finally:
            server.trouble = 0
        expect(page.locator(".map-google")).to_have_count(0)
        expect(page.locator(".leaflet-control-attribution")).not_to_contain_text("Google")
