"""Every route is in the table, says the same as the table, and answers in English as in Ukrainian."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from bezpechne.accounts.access import access_of
from tenants.models import City
from tests.integration.routes.walk import TABLES, each_route, expected, people, routes
from tests.route_table import CITY, LINK, OPEN_TO_ALL, PLATFORM, PUBLIC, TOKEN
from tests.worlds import World


@pytest.mark.parametrize("urlconf", TABLES)
def test_every_route_has_a_line_in_the_table_and_every_line_a_route(urlconf: str) -> None:
    assert set(routes(urlconf)) == set(TABLES[urlconf])


@each_route
def test_the_view_declares_what_the_table_says(urlconf: str, name: str) -> None:
    access = access_of(routes(urlconf)[name].callback)
    assert access is not None, "a view without a declaration is closed"
    route = TABLES[urlconf][name]
    wanted = route.access
    assert access.permission == (None if wanted in {PUBLIC, LINK, *TOKEN} else wanted)
    assert access.scopes == ((wanted, route.writes or wanted) if wanted in TOKEN else None)
    if wanted == LINK:
        assert access.before_launch, "letters are sent before the launch too"


def test_the_pages_open_to_all_are_named() -> None:
    table = {**CITY, **PLATFORM}
    assert {name for name, route in table.items() if route.access == PUBLIC} == OPEN_TO_ALL


def test_a_view_that_declares_nothing_is_closed(alpha: City, client_of: Any) -> None:
    """The middleware, and not only this walk, keeps it so."""
    from bezpechne.accounts.access import AccessMiddleware  # noqa: PLC0415 - this test alone

    with pytest.raises(PermissionError):
        _refused(AccessMiddleware)


def _refused(middleware: Any) -> None:
    from django.core.exceptions import PermissionDenied  # noqa: PLC0415 - same
    from django.test import RequestFactory  # noqa: PLC0415 - same

    try:
        middleware(lambda request: None).process_view(RequestFactory().get("/"), len, (), {})
    except PermissionDenied as denied:
        raise PermissionError from denied


@each_route
def test_english_pages_answer_as_the_ukrainian_ones(
    db: None, worlds: tuple[World, World], urlconf: str, name: str
) -> None:
    route = TABLES[urlconf][name]
    with translation.override("en"):
        url = reverse(name, urlconf=urlconf, kwargs=route.arguments(worlds[1])) + route.query
    for person in people(*worlds, urlconf)[:2]:
        response = person.client.get(url)
        assert response.status_code == expected(route, person, "GET")
