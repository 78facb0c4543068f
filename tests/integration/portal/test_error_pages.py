"""Error pages inside a city: its name and menu, nothing of another, and as much as is safe to ask."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bezpechne.kernel import throttle
from community.questions.actions.photos import PHOTOS_PER_VISITOR
from tenants.models import City
from tests import pictures
from tests.factories import Inside, Maker

BIG = {"headers": {"content-length": str(60 * 1024 * 1024)}}
# Method, address, what else of the request, status of the answer.
REFUSED: list[tuple[str, str, dict[str, Any], int]] = [
    ("GET", "/no/such/page/", {}, 404),
    ("GET", "/en/no/such/page/", {}, 404),
    ("GET", "/q/987654/", {}, 404),
    ("GET", "/account/sign-out/", {}, 405),
    ("POST", "/desk/", {}, 401),
    ("POST", "/ask/", BIG, 413),
    ("GET", "/", {"headers": {"content-length": "many"}}, 400),
]


@pytest.mark.parametrize(("method", "path", "more", "status"), REFUSED)
def test_an_error_in_a_city_keeps_the_city_around_it(
    alpha: City, client_of: Any, method: str, path: str, more: Any, status: int
) -> None:
    with CaptureQueriesContext(connection) as asked:
        response = client_of(alpha).generic(method, path, **more)
    assert response.status_code == status
    assert response["Cache-Control"] == "private, no-store"
    english = path.startswith("/en/")
    assert f'site-brand__city">{"Poltava" if english else "Полтава"}<' in response.text
    assert response.text.count('class="nav-links"') == 3, "menu, its fold-out and the footer"
    assert f'href="{"/en" if english else ""}/about/"' in response.text
    assert not re.search("ternopil|Терноп", response.text, re.IGNORECASE)
    assert not [query["sql"] for query in asked if "django_session" in query["sql"]]


@pytest.fixture
def moderator_at(client_of: Any, inside: Inside, make: Maker) -> Callable[..., Any]:
    """A client of a city in which its moderator is signed in."""

    def sign_in(city: City, **options: Any) -> Any:
        client = client_of(city, **options)
        with inside(city):
            client.force_login(make(city).moderator)
        return client

    return sign_in


def test_staff_keep_their_menu_and_their_way_out(
    alpha: City, moderator_at: Callable[..., Any]
) -> None:
    client = moderator_at(alpha, enforce_csrf_checks=True)
    closed = client.get("/desk/city/")
    assert closed.status_code == 403
    assert 'href="/desk/"' in closed.text
    token = closed.text.partition('action="/account/sign-out/"')[2].partition('value="')[2][:64]
    assert client.post("/account/sign-out/", {"csrfmiddlewaretoken": token}).status_code == 302


def test_a_method_that_is_refused_keeps_the_headers_of_its_page(
    moderator_at: Callable[..., Any], alpha: City, make: Maker
) -> None:
    client = moderator_at(alpha)
    refused = client.get("/desk/q/1/reject/")
    assert (refused.status_code, refused["Allow"]) == (405, "POST")
    assert refused["Cache-Control"] == "private, no-store"
    assert refused["X-Robots-Tag"] == "noindex, nofollow"
    assert refused["X-Frame-Options"] == "DENY"
    assert int(refused["Content-Length"]) == len(refused.content)
    assert 'href="/desk/"' in refused.text


def test_staff_of_another_city_are_strangers_on_error_pages(
    alpha: City, beta: City, make: Maker, moderator_at: Callable[..., Any]
) -> None:
    guest = make(beta).moderator
    response = moderator_at(beta).get("/no/such/page/", headers={"host": "poltava.bezpechne.test"})
    assert response.status_code == 404
    assert 'href="/desk/"' not in response.text
    assert guest.name not in response.text
    assert beta.name not in response.text


def test_an_unknown_host_and_the_platform_show_no_city(alpha: City, beta: City) -> None:
    for host, path in (("nowhere.bezpechne.test", "/"), ("bezpechne.test", "/no/such/page/")):
        response = Client(headers={"host": host}).get(path)
        assert response.status_code == 404
        for city in (alpha, beta):
            assert city.name not in response.text
        assert "site-nav" not in response.text


@pytest.mark.parametrize("state", ["draft", "archived"])
def test_a_city_behind_the_curtain_shows_no_menu(alpha: City, client_of: Any, state: str) -> None:
    City.objects.filter(pk=alpha.pk).update(state=state)
    response = client_of(alpha).post("/ask/", **BIG)
    assert response.status_code == 413
    assert alpha.name in response.text
    assert "nav-links" not in response.text


def test_a_failure_asks_neither_the_database_nor_the_session(
    alpha: City, moderator_at: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = moderator_at(alpha, raise_request_exception=False)
    seen: list[int] = []

    def fail(*args: Any, **kwargs: Any) -> None:
        seen.append(len(connection.queries_log))
        raise RuntimeError

    monkeypatch.setattr("community.portal.views.browsing.map_data", fail)
    with CaptureQueriesContext(connection):
        response = client.get("/")
        assert seen == [len(connection.queries_log)], "not one query after the failure"
    assert response.status_code == 500
    assert alpha.name in response.text
    assert 'href="/desk/"' not in response.text


# --- Limits -----------------------------------------------------------------------------------------


def test_too_many_photos_are_refused_to_the_script_with_a_time_to_wait(
    alpha: City, inside: Inside, client_of: Any
) -> None:
    client = client_of(alpha)
    with inside(alpha):
        for _ in range(PHOTOS_PER_VISITOR):
            throttle.allow("photo", "127.0.0.1", limit=PHOTOS_PER_VISITOR, window=throttle.DAY)
    sent = {"photo": pictures.upload(pictures.jpeg(), "a.jpg")}
    answer = client.post(f"/ask/photos/{uuid4()}/add/", sent)
    assert answer.status_code == 429
    assert answer.json()["error"].endswith(".")
    assert 0 < int(answer["Retry-After"]) <= throttle.DAY.total_seconds()
