"""What the walks over all routes share: the table's routes, who knocks, and what they get.

The table of tests/route_table.py says who may; the views are asked whether they agree.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import translation

from bezpechne.accounts.models import User
from tenants.models import City
from tests.factories import Make, inside
from tests.route_table import (
    ADMINISTER,
    CITY,
    FINANCE,
    LEDGER,
    LINK,
    MODERATE,
    OPERATE,
    PLATFORM,
    PUBLIC,
    REPORTS,
    TOKEN,
    Route,
)
from tests.worlds import World

# Who holds a permission, among the people of `people`.
WHO = {
    MODERATE: {"moderator", "administrator"},
    ADMINISTER: {"administrator"},
    OPERATE: {"operator"},
    FINANCE: {"finance officer"},
    LEDGER: {"finance officer"},
    REPORTS: {"finance officer"},
}
SIGNING_IN = {"second_factor:code", "second_factor:enrol"}
# Lead on to setting a second factor up, for nobody of the walk has one.
TO_SET_UP = {
    "second_factor:confirm",
    "second_factor:add_passkey",
    "second_factor:renew_codes",
    "second_factor:replace",
}
BACK_TO_SIGN_IN = {
    "accounts:sign_out",
    "accounts:reset_confirm",
    "second_factor:passkey",
    *SIGNING_IN,
}
# No job is dead here: tests/integration/console/test_jobs.py has some.
UNCHANGING = {
    # What was looked for stands in the session alone.
    "desk:search",
    "accounts:sign_out",
    "platform:retry_jobs",
    "platform:delete_job",
    # What was typed is kept in the session; the next page makes the city.
    "platform:new_city_form",
    "platform:readiness_invite",
    # The walk has one session each, which is its own.
    "second_factor:passkey",
    "second_factor:end_sessions",
    "desk:reset_factor",
    "desk:end_staff_sessions",
    *TO_SET_UP,
    *SIGNING_IN,
}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
TABLES = {settings.ROOT_URLCONF: CITY, settings.PUBLIC_SCHEMA_URLCONF: PLATFORM}
CITY_HOST, PLATFORM_HOST = "poltava.bezpechne.test", "bezpechne.test"


def patterns(
    where: list[URLPattern | URLResolver], space: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    """Every route with its full name; a nameless one is told by its pattern."""
    for found in where:
        if isinstance(found, URLResolver):
            inner = f"{space}{found.namespace}:" if found.namespace else space
            yield from patterns(found.url_patterns, inner)
        else:
            yield f"{space}{found.name or found.pattern}", found


def routes(urlconf: str) -> dict[str, URLPattern]:
    return dict(patterns(get_resolver(urlconf).url_patterns))


EVERY = [(urlconf, name) for urlconf, table in TABLES.items() for name in table]
each_route = pytest.mark.parametrize(
    ("urlconf", "name"), EVERY, ids=[f"{urlconf[15:]}-{name}" for urlconf, name in EVERY]
)


@dataclass(frozen=True)
class Person:
    """A client with what it may do: None for those without an account here."""

    name: str
    client: Client
    permissions: frozenset[str] | None


def signed_in(city: City | None, user: User, host: str) -> Client:
    """Signed in at `city`, sending its cookie to `host`."""
    client = Client(headers={"host": host}, raise_request_exception=False)
    with inside(city):
        client.force_login(user)
    return client


def people(own: World, other: World, urlconf: str) -> list[Person]:
    """Those who knock at every door."""
    host = CITY_HOST if urlconf == settings.ROOT_URLCONF else PLATFORM_HOST
    home = own.city if urlconf == settings.ROOT_URLCONF else None

    def person(name: str, user: User) -> Person:
        return Person(name, signed_in(home, user, host), frozenset(user.permissions))

    boss = Make(other.city).administrator
    made = Make(home)
    nobody = Client(headers={"host": host}, raise_request_exception=False)
    everybody = [
        Person("nobody", nobody, None),
        Person("administrator of another city", signed_in(other.city, boss, host), None),
        person("operator", made.operator),
        person("moderator", made.moderator),
        person("administrator", made.administrator),
    ]
    if home is None:
        everybody.append(person("finance officer", made.user("finance")))
    return everybody


def url_of(urlconf: str, name: str, route: Route, world: World) -> str:
    with translation.override("uk"):
        return reverse(name, urlconf=urlconf, kwargs=route.arguments(world)) + route.query


def send(person: Person, method: str, url: str, data: dict[str, Any]) -> HttpResponse:
    """One request."""
    if method == "POST":
        response = cast(HttpResponse, person.client.post(url, data))
    else:
        response = cast(HttpResponse, person.client.generic(method, url))
    if response.streaming:
        b"".join(cast("Iterator[bytes]", response))
    return response


def expected(route: Route, person: Person, method: str) -> int:
    """What a person gets for rows of another city."""
    if route.access in TOKEN:
        return 401
    if route.access not in {PUBLIC, LINK}:
        if person.permissions is None:
            return 401 if method == "POST" else 302
        if route.access not in person.permissions:
            return 403
    if method not in route.methods:
        return 405
    if route.foreign is not None:
        return route.foreign
    return route.own[method]
