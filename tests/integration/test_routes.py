"""Every route, every method, every wrong person, with rows of another city.

The table of tests/route_table.py says who may; the views are asked whether they agree.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import translation

from bezpechne.accounts.access import access_of
from bezpechne.accounts.models import User
from tenants.models import City
from tests.factories import Make, inside
from tests.route_table import (
    ACCOUNTS,
    ADMINISTER,
    CITY,
    FINANCE,
    LEDGER,
    LINK,
    MODERATE,
    OPEN_TO_ALL,
    OPERATE,
    PLATFORM,
    PUBLIC,
    REPORTS,
    SECURITY,
    TOKEN,
    Route,
)
from tests.worlds import World, digest, populate, raise_ids

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


@pytest.fixture(scope="module")
def worlds(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[World, World]]:
    """Own city and another, whose ids are nobody's here; made once, in a transaction around all."""
    files = tmp_path_factory.mktemp("files")
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=files), transaction.atomic():
        own, other = (City.objects.get(slug=slug) for slug in ("poltava", "ternopil"))
        raise_ids(other)
        made = populate(own), populate(other)
        django_db_blocker.block()
        yield made
        django_db_blocker.restore()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _own_files() -> None:
    """The photos of the worlds stay where they are."""


@pytest.fixture(autouse=True)
def _nobody_answers_dns(settings: Any) -> None:
    """A check of a domain ends at once, without an answer."""
    settings.DNS_RESOLVERS, settings.DNS_SECONDS = [("127.0.0.1", 9)], 0.1


@pytest.fixture(autouse=True)
def _stripe_is_on(settings: Any) -> None:
    """Without a key its pages are not there; nothing is asked of it here."""
    settings.STRIPE_API_KEY, settings.STRIPE_WEBHOOK_SECRET = "sk_test_walk", "whsec_walk"
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"


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


@each_route
def test_rows_of_another_city_and_wrong_people_get_nothing(
    db: None, worlds: tuple[World, World], urlconf: str, name: str
) -> None:
    own, other = worlds
    route = TABLES[urlconf][name]
    url = url_of(urlconf, name, route, other)
    schemas = ("public", own.city.schema_name, other.city.schema_name)
    everybody = people(own, other, urlconf)
    before = digest(*schemas)
    for person in everybody:
        passes = route.access in {PUBLIC, LINK, *(person.permissions or ())}
        with transaction.atomic():
            for method in METHODS:
                if method == "POST" and passes and route.foreign is None:
                    continue  # nothing of another city in it: the control below sends it
                response = send(person, method, url, route.data(other))
                told = f"{method} {name} as {person.name}"
                wanted = expected(route, person, method)
                assert (response.status_code, told) == (wanted, told)
                if wanted == 302:
                    assert "/account/sign-in/" in response["Location"] or name in TO_SET_UP, told
            assert digest(*schemas) == before, f"{name} as {person.name} changed something"
            transaction.set_rollback(True)


@each_route
def test_the_right_person_gets_their_own_rows(
    db: None, worlds: tuple[World, World], urlconf: str, name: str
) -> None:
    """The control: the walk above is worth nothing where nobody ever passes.

    And a GET never changes anything, whoever sends it.
    """
    own, other = worlds
    route = TABLES[urlconf][name]
    if urlconf != settings.ROOT_URLCONF and name in ACCOUNTS and route.arguments(own):
        pytest.skip("Links of the platform's own accounts: tests/integration/accounts.")
    if route.access in TOKEN:
        pytest.skip("Programs: tests/integration/provisioning/test_api_doors.py.")
    able = [
        person
        for person in people(own, other, urlconf)
        if route.access in {PUBLIC, LINK, *(person.permissions or ())}
    ]
    if route.access == SECURITY:
        city = urlconf == settings.ROOT_URLCONF
        wanted = {"moderator", "administrator"} if city else {"operator", "finance officer"}
        assert {person.name for person in able} >= wanted
    if route.access in WHO:
        assert {person.name for person in able} == WHO[route.access]
    url = url_of(urlconf, name, route, own)
    schemas = ("public", own.city.schema_name)
    before = digest(*schemas)
    for person in able:
        told = f"{name} as {person.name}"
        for method in METHODS:
            if method != "POST":
                status = send(person, method, url, {}).status_code
                assert (status, method, told) == (route.own.get(method, 405), method, told)
        assert digest(*schemas) == before, told
        with transaction.atomic():
            response = send(person, "POST", url, route.data(own))
            assert (response.status_code, told) == (route.own.get("POST", 405), told)
            if response.status_code == 302:
                assert "/account/sign-in/" not in response["Location"] or name in BACK_TO_SIGN_IN
                assert name in UNCHANGING or digest(*schemas) != before, f"{told} did nothing"
            transaction.set_rollback(True)


@each_route
def test_english_pages_answer_as_the_ukrainian_ones(
    db: None, worlds: tuple[World, World], urlconf: str, name: str
) -> None:
    own, other = worlds
    route = TABLES[urlconf][name]
    with translation.override("en"):
        url = reverse(name, urlconf=urlconf, kwargs=route.arguments(other)) + route.query
    for person in people(own, other, urlconf)[:2]:
        response = person.client.get(url)
        assert response.status_code == expected(route, person, "GET")
