"""Queries of the pages that everybody opens: few, and the same with ten and two thousand rows."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bezpechne.kernel import clock
from community.questions.models import Question, Tally, Topic
from community.questions.states import QuestionState
from provisioning.console import banners
from tenants import resolution
from tenants.models import City
from tests.factories import Inside, Maker

MOST = 12
PATHS = {
    "home": "/",
    "filtered list": "/?status=waiting&topic=trade",
    "pins": "/map/pins.json?bbox=22,44,40,52",
}


def fill(city: City, inside: Inside, number: int) -> None:
    """Published questions, every third answered, written straight into the table."""
    assert city.centre is not None
    lat, lon = city.centre
    with inside(city):
        topics = list(Topic.objects.all())
        now = clock.now()
        Question.objects.bulk_create(
            Question(
                state=QuestionState.ANSWERED if place % 3 == 0 else QuestionState.PUBLISHED,
                topic=topics[place % len(topics)],
                text=f"Питання {place}",
                public_text=f"Питання {place}: чому тут стоять машини?",
                lat=lat + place % 50 / 5000,
                lon=lon + place % 40 / 5000,
                submit_key=uuid4(),
                published_at=now - timedelta(minutes=place),
                answered_at=now if place % 3 == 0 else None,
            )
            for place in range(number)
        )
        for state in (QuestionState.ANSWERED, QuestionState.PUBLISHED):
            Tally.objects.filter(state=state).update(
                number=Question.objects.filter(state=state).count()
            )


@pytest.fixture(autouse=True)
def _hosts_stay_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a first visit may take longer than a host or a banner is remembered."""
    monkeypatch.setattr(resolution, "SECONDS", 3600.0)
    monkeypatch.setattr(banners, "SECONDS", 3600.0)


def cost(client: Client, path: str) -> int:
    """Queries of the second visit: the process knows the host, as it does in service."""
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
    assert response.status_code == 200
    return len(queries)


@pytest.mark.parametrize("who", ["visitor", "moderator"])
def test_costs_do_not_grow_with_the_number_of_questions(
    alpha: City, make: Maker, inside: Inside, client_of: Any, who: str
) -> None:
    client = client_of(alpha)
    if who == "moderator":
        with inside(alpha):
            client.force_login(make(alpha).moderator)
    found = {}
    for number in (10, 1990):
        fill(alpha, inside, number)
        found[number] = {name: cost(client, path) for name, path in PATHS.items()}
    assert found[10] == found[1990]
    assert max(found[10].values()) <= MOST, found


def test_the_desk_does_not_grow_either(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    client = client_of(alpha)
    with inside(alpha):
        client.force_login(make(alpha).moderator)
    found = []
    for number in (3, 30):
        fill(alpha, inside, number)
        found.append([cost(client, f"/desk/?tab={tab}") for tab in ("new", "to_route", "answered")])
    assert found[0] == found[1]


def test_an_item_does_not_grow_with_its_history(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    from community.questions.actions import moderating  # noqa: PLC0415 - this test alone

    made = make(alpha)
    question = made.question("published")
    client = client_of(alpha)
    with inside(alpha):
        client.force_login(made.moderator)
    found = []
    for _ in range(2):
        found.append(cost(client, f"/desk/q/{question.pk}/"))
        with inside(alpha):
            for number in range(10):
                text = f"Текст питання номер {number}"
                public = made.public(question, text=text)
                moderating.edit(by=made.moderator.actor, question=question, public=public)
    assert found[0] == found[1]


def test_pages_of_the_list_follow_without_gaps_or_repeats(
    alpha: City, inside: Inside, client_of: Any
) -> None:
    from community.questions.queries import public_page  # noqa: PLC0415 - this test alone

    fill(alpha, inside, 53)
    seen: list[int] = []
    with inside(alpha):
        Question.objects.update(published_at=clock.now())
        before = ""
        while True:
            page = public_page(status="", topic="", before=before)
            seen += [question.pk for question in page.questions]
            if not page.older:
                break
            before = page.older
        assert len(seen) == len(set(seen)) == 53
        assert seen == sorted(seen, reverse=True)


def test_the_nearest_come_first_within_their_filters_and_no_farther_than_6_km(
    alpha: City, inside: Inside, client_of: Any
) -> None:
    from community.questions.queries import nearest  # noqa: PLC0415 - this test alone

    assert alpha.centre is not None
    lat, lon = alpha.centre
    fill(alpha, inside, 30)
    with inside(alpha):
        far = Question.objects.order_by("pk").first()
        assert far is not None
        Question.objects.filter(pk=far.pk).update(lat=lat + 1)
        hidden = Question.objects.order_by("pk").last()
        assert hidden is not None
        Question.objects.filter(pk=hidden.pk).update(state=QuestionState.REJECTED)
        found = nearest(lat, lon)
        metres = [distance for distance, _row in found]
        assert metres == sorted(metres)
        assert len(found) == 20
        assert not {far.pk, hidden.pk} & {row.pk for _distance, row in found}
        answered = nearest(lat, lon, status="answered")
        assert {row.state for _distance, row in answered} == {QuestionState.ANSWERED}
        assert nearest(-lat, lon) == []
    page = client_of(alpha).get(f"/?near={lat},{lon}&status=answered").text
    assert "data-near-lat" in page
    # One more query for each ring that is too small, whatever the number of questions.
    few = cost(client_of(alpha), f"/?near={lat},{lon}")
    fill(alpha, inside, 2000)
    assert cost(client_of(alpha), f"/?near={lat},{lon}") <= few <= MOST


@pytest.mark.parametrize(
    "near", ["", "x", "1", "1,2,3", "nan,nan", "91,0", "0,181", "1e9,1e9", "\x00"]
)
def test_nonsense_instead_of_a_position_is_the_list_as_ever(
    alpha: City, client_of: Any, near: str
) -> None:
    page = client_of(alpha).get("/", {"near": near})
    assert page.status_code == 200
    assert "data-near-lat" not in page.text


def test_a_city_without_questions_invites_to_ask(alpha: City, client_of: Any) -> None:
    page = client_of(alpha).get("/en/").text
    assert 'href="/en/ask/"' in page[page.index('class="empty"') :]
    assert "Be the first" in page
