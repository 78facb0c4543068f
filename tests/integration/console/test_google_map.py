"""Google's map for a city that chose it: sessions by the worker, one for all, none in a log."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bezpechne.kernel import clock
from bezpechne.kernel.audit.models import Entry
from provisioning.console.actions.basemap import set_basemap
from provisioning.models import JournalEntry
from provisioning.provisioning import OPERATOR
from tenants import basemaps, resolution
from tenants.models import City, MapSession
from tests.google import KEY, Google, google


@pytest.fixture
def server(settings: Any) -> Iterator[Google]:
    with google() as server:
        settings.GOOGLE_MAPS_KEY, settings.GOOGLE_TILES_URL = KEY, server.url
        yield server


def choose(city: City, run_jobs: Callable[[], int]) -> None:
    set_basemap(by=OPERATOR, city=city, basemap="google", reason="Просить рада")
    run_jobs()
    resolution.forget()


def test_a_city_that_chose_it_gets_tiles_and_the_other_does_not(
    alpha: City, beta: City, client_of: Any, run_jobs: Any, server: Google
) -> None:
    choose(alpha, run_jobs)
    page = client_of(alpha).get("/")
    text = page.content.decode()
    assert (
        f"{server.url}/v1/2dtiles/{{z}}/{{x}}/{{y}}?session=session-1-uk-UA&amp;key={KEY}" in text
    )
    assert f"{server.url}/tile/v1/viewport?session=session-1-uk-UA" in text
    assert "session-2-en-GB" in client_of(alpha).get("/en/").content.decode()
    policy = dict(part.split(" ", 1) for part in page["Content-Security-Policy"].split("; "))
    assert server.url in policy["img-src"]
    assert "tile.openstreetmap.org" in policy["img-src"]
    assert policy["connect-src"] == f"'self' {server.url}"
    other = client_of(beta).get("/")
    assert KEY not in other.content.decode()
    assert server.url not in other["Content-Security-Policy"]
    assert server.asked == [
        {"mapType": "roadmap", "language": language, "region": "UA", "scale": "scaleFactor2x",
         "highDpi": True}
        for language in ("uk-UA", "en-GB")
    ]  # fmt: skip
    # A key that is restricted by referrer works from here too.
    assert set(server.came_from) == {"http://bezpechne.test:8000/"}


def test_no_visitor_waits_for_google_and_pages_cost_one_query_a_minute(
    alpha: City, client_of: Any, run_jobs: Any, server: Google
) -> None:
    choose(alpha, run_jobs)
    server.trouble = "hang"
    client = client_of(alpha)
    client.get("/about/")
    with CaptureQueriesContext(connection) as first:
        client.get("/")
    with CaptureQueriesContext(connection) as second:
        assert "session-1-uk" in client.get("/").content.decode()
    assert len([q for q in first if "tenants_map_session" in q["sql"]]) == 1
    assert not [q for q in second if "tenants_map_session" in q["sql"]]


def test_sessions_are_renewed_before_their_end_and_not_sooner(
    alpha: City, run_jobs: Any, server: Google
) -> None:
    choose(alpha, run_jobs)
    assert len(server.asked) == 2
    assert basemaps.renew() == 0
    with clock.frozen(clock.now() + timedelta(days=11, hours=23)):
        assert basemaps.renew() == 0
    with clock.frozen(clock.now() + timedelta(days=12, hours=1)):
        assert basemaps.renew() == 2
    assert MapSession.objects.get(language="uk").session == "session-3-uk-UA"


@pytest.mark.parametrize("trouble", [403, 429, 500])
def test_a_renewal_that_fails_keeps_the_old_until_its_end(
    alpha: City, client_of: Any, run_jobs: Any, server: Google, trouble: int,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    choose(alpha, run_jobs)
    server.trouble = trouble
    with clock.frozen(clock.now() + timedelta(days=13)):
        assert basemaps.renew() == 0
        assert "session-1-uk-UA" in client_of(alpha).get("/").content.decode()
    row = MapSession.objects.get(language="uk")
    assert row.error.startswith(f"status {trouble}")
    assert str(trouble) in caplog.text
    assert KEY not in caplog.text + row.error
    basemaps.forget()
    with clock.frozen(clock.now() + timedelta(days=14)):
        text = client_of(alpha).get("/").content.decode()
        assert KEY not in text
        assert "tile.openstreetmap.org" in text


@pytest.mark.parametrize("garbage", [b"", b"{}", b"[1]", b"<html>", b'{"session": "x y", "expiry": "1"}',
                                     b'{"session": "long-enough", "expiry": "1"}'])  # fmt: skip
def test_an_answer_that_is_none_is_no_session(
    alpha: City, run_jobs: Any, server: Google, garbage: bytes
) -> None:
    server.garbage = garbage or b" "
    choose(alpha, run_jobs)
    row = MapSession.objects.get(language="uk")
    assert (row.session, row.expires_at) == ("", None)
    assert row.error


def test_a_google_that_hangs_holds_the_worker_for_seconds(
    alpha: City, run_jobs: Any, server: Google, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(basemaps, "SECONDS", 0.3)
    server.trouble = "hang"
    started = time.monotonic()
    choose(alpha, run_jobs)
    assert time.monotonic() - started < 15
    assert MapSession.objects.get(language="uk").error == "TimeoutError"


def test_nothing_is_asked_while_no_city_wants_it(alpha: City, server: Google) -> None:
    assert basemaps.renew() == 0
    assert server.asked == []


def test_the_choice_is_written_down_and_without_a_key_refused(
    operator: Any, alpha: City, inside: Any, settings: Any, server: Google
) -> None:
    url, fields = "/console/cities/poltava/map/", {"basemap": "google", "reason": "Просить рада"}
    settings.GOOGLE_MAPS_KEY = ""
    refused = operator.post(url, fields)
    assert refused.status_code == 422
    assert "Просить рада" in refused.content.decode()
    settings.GOOGLE_MAPS_KEY = KEY
    assert operator.post(url, {**fields, "basemap": "bing"}).status_code == 422
    assert operator.post(url, fields).status_code == 302
    alpha.refresh_from_db()
    assert alpha.basemap == "google"
    entry = JournalEntry.objects.get(action="basemap_set")
    assert (entry.reason, entry.detail["old"]) == ("Просить рада", {"basemap": "osm"})
    with inside(alpha):
        assert Entry.objects.filter(action="basemap_set", note="Просить рада").exists()
    # Sent twice, said once.
    operator.post(url, fields)
    assert JournalEntry.objects.filter(action="basemap_set").count() == 1
    assert KEY not in operator.get(url).content.decode()


def test_only_the_operator_chooses(alpha: City, make: Any) -> None:
    with pytest.raises(PermissionDenied):
        set_basemap(by=make(alpha).moderator.actor, city=alpha, basemap="google", reason="Хочу")
