"""Banners: who sees them, when, where; at no cost for a page."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bezpechne.kernel import clock
from provisioning.console import banners
from provisioning.console.actions import announcements as actions
from provisioning.console.models import Announcement
from provisioning.models import JournalEntry
from provisioning.provisioning import OPERATOR
from tenants.models import City
from tests.factories import Inside, Maker

TEXT = "Роботи <b>вночі</b>"
SHOWN = "Роботи &lt;b&gt;вночі"


def publish(
    audience: str = "everyone", *, slugs: list[str] | None = None, **period: datetime
) -> Announcement:
    now = clock.now()
    return actions.publish(
        by=OPERATOR,
        text_uk=TEXT,
        text_en="Works <b>tonight</b>",
        starts_at=period.get("since", now),
        ends_at=period.get("until", now + timedelta(hours=2)),
        audience=audience,
        slugs=slugs or [],
    )


@pytest.fixture
def desk(alpha: City, make: Maker, inside: Inside, client_of: Any) -> Client:
    client: Client = client_of(alpha)
    with inside(alpha):
        client.force_login(make(alpha).moderator)
    return client


def test_everybody_sees_a_public_one_in_every_city_and_escaped(
    alpha: City, beta: City, desk: Client, client_of: Any
) -> None:
    publish()
    for client in (client_of(alpha), client_of(beta)):
        for path in ("/", "/about/", "/ask/"):
            text = client.get(path).text
            assert SHOWN in text
            assert TEXT not in text
        assert "Works &lt;b&gt;tonight" in client.get("/en/").text
    assert SHOWN in desk.get("/desk/").text


def test_one_for_staff_is_hidden_from_residents(alpha: City, desk: Client, client_of: Any) -> None:
    publish("staff")
    assert SHOWN in desk.get("/desk/").text
    assert SHOWN in desk.get("/").text
    assert SHOWN not in client_of(alpha).get("/").text


def test_one_for_chosen_cities_is_seen_there_alone(alpha: City, beta: City, client_of: Any) -> None:
    publish(slugs=["ternopil"])
    assert SHOWN not in client_of(alpha).get("/").text
    assert SHOWN in client_of(beta).get("/").text


def test_it_begins_and_ends_on_time_without_waiting_for_the_cache(
    alpha: City, client_of: Any
) -> None:
    now = clock.now()
    publish(since=now + timedelta(hours=1), until=now + timedelta(hours=3))
    client = client_of(alpha)
    seen = []
    for hours in (0, 2, 4):
        with clock.frozen(now + timedelta(hours=hours)):
            seen.append(SHOWN in client.get("/").text)
    assert seen == [False, True, False]


def test_pages_pay_no_query_for_it(
    alpha: City, client_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(banners, "monotonic", lambda: 1000.0)
    client = client_of(alpha)
    costs = []
    for _ in range(2):
        client.get("/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/")
        costs.append(len(queries))
        publish()
    assert costs[0] == costs[1]


def test_another_process_learns_of_it_within_seconds(
    alpha: City, client_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(banners, "monotonic", lambda: 1000.0)
    client = client_of(alpha)
    client.get("/")
    now = clock.now()
    # Written past `save`: as by another process.
    Announcement.objects.bulk_create(
        [
            Announcement(
                text_uk=TEXT,
                text_en="x",
                audience="everyone",
                starts_at=now - timedelta(hours=1),
                ends_at=now + timedelta(hours=1),
            )
        ]
    )
    assert SHOWN not in client.get("/").text
    monkeypatch.setattr(banners, "monotonic", lambda: 1000.0 + banners.SECONDS)
    assert SHOWN in client.get("/").text


FORM = {
    "text_uk": "Роботи вночі",
    "text_en": "Works at night",
    "starts_at": "2090-01-01T01:00",
    "ends_at": "2090-01-01T03:00",
    "audience": "everyone",
    "slugs": "Poltava, ternopil",
}


def test_preview_shows_and_publishes_nothing(operator: Client, alpha: City) -> None:
    response = operator.post("/console/announcements/", {**FORM, "preview": "1"})
    assert response.status_code == 200
    assert response.text.count("Роботи вночі") >= 2
    assert not Announcement.objects.exists()
    assert operator.post("/console/announcements/", FORM).status_code == 302
    row = Announcement.objects.get()
    assert row.slugs == ["poltava", "ternopil"]
    assert row.starts_at.astimezone(clock.KYIV).hour == 1
    assert JournalEntry.objects.get(action="announced").detail["cities"] == "poltava, ternopil"


@pytest.mark.parametrize(
    "change",
    [
        {"text_uk": " "},
        {"text_en": ""},
        {"text_uk": "я" * 301},
        {"ends_at": "2090-01-01T01:00"},
        {"starts_at": "2020-01-01T01:00", "ends_at": "2020-01-02T01:00"},
        {"starts_at": "завтра"},
        {"audience": "nobody"},
        {"slugs": "poltava nowhere"},
    ],
)
def test_bad_announcements_come_back(operator: Client, alpha: City, change: dict[str, str]) -> None:
    response = operator.post("/console/announcements/", {**FORM, **change})
    assert response.status_code == 422
    assert not Announcement.objects.exists()


def test_it_is_taken_away_early(operator: Client, alpha: City, client_of: Any) -> None:
    now = clock.now()
    running = publish()
    coming = publish(since=now + timedelta(days=1), until=now + timedelta(days=2))
    for row in (running, coming, running):
        assert operator.post(f"/console/announcements/{row.pk}/end/").status_code == 302
    assert SHOWN not in client_of(alpha).get("/").text
    coming.refresh_from_db()
    assert coming.is_over
    assert JournalEntry.objects.filter(action="announcement_ended").count() == 2


def test_nobody_else_announces(alpha: City, make: Maker) -> None:
    row = publish()
    for user in (make(alpha).administrator, make(None).user("finance")):
        with pytest.raises(PermissionDenied):
            actions.end(by=user.actor, announcement=row)
