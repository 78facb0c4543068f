"""Fills an installation with the world of the tests and says who can open which page.

Run inside the installation, with its environment: `python -m tests.e2e.contact_sheets.stage CITY`
prints a `Plan` as JSON. Every page that tests/route_table.py knows for GET is in it, and items of
the desk in each of their states.
"""

# ruff: noqa: T201, E402 - a script that prints, and sets Django up before its models are read
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import django

django.setup()

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from django.utils import translation

from bezpechne.accounts.models import User
from bezpechne.accounts.signing_in import VERIFIED
from tenants.models import City
from tests.factories import Make, inside
from tests.route_table import ACCOUNTS, CITY, LINK, PLATFORM, PUBLIC, TOKEN, Route
from tests.worlds import World, populate

LANGUAGES = ("uk", "en")
# Rows of a world whose item on the desk, or public page, looks different.
STATES = ("new", "published", "asked_back", "rejected", "hidden")


@dataclass(frozen=True)
class Stop:
    """One page for one person; `urls` by language."""

    who: str
    name: str
    urls: dict[str, str]


@dataclass
class Plan:
    """`cookies`: value of the session cookie by person, none for those who are not signed in."""

    stops: list[Stop] = field(default_factory=list)
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    # Routes that gave no page, and why: files, redirects, what this world has no row for.
    others: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Person:
    name: str
    client: Client
    permissions: frozenset[str]


def _mark(request: Any, **kwargs: Any) -> None:
    """Signing in by force stands for both steps."""
    request.session[VERIFIED] = True


def _signed_in(name: str, city: City | None, user: User, host: str) -> _Person:
    client = Client(headers={"host": host})
    with inside(city):
        client.force_login(user)
    return _Person(name, client, frozenset(user.permissions))


def _people(world: World, urlconf: str) -> list[_Person]:
    """Those who are asked, in this order; the first that may open a page is shown it."""
    host = settings.BASE_URL.partition("://")[2]
    stranger = _Person("visitor", Client(headers={"host": host}), frozenset())
    if urlconf == settings.ROOT_URLCONF:
        city, host = world.city, f"{world.city.slug}.{host}"
        made = Make(city)
        return [
            _Person("visitor", Client(headers={"host": host}), frozenset()),
            _signed_in("moderator", city, made.moderator, host),
            _signed_in("administrator", city, made.administrator, host),
        ]
    made = Make(None)
    return [
        stranger,
        _signed_in("operator", None, made.operator, host),
        _signed_in("finance", None, made.user("finance"), host),
        _signed_in("viewer", None, world.viewer, host),
    ]


def _may(person: _Person, access: str) -> bool:
    if access in {PUBLIC, LINK}:
        return person.name == "visitor"
    return access in person.permissions


def _routes(urlconf: str, world: World) -> Iterator[tuple[str, str, Route, dict[str, Any]]]:
    """Name for people, name of the route, its line, its arguments."""
    table = CITY if urlconf == settings.ROOT_URLCONF else PLATFORM
    for name, route in table.items():
        if "GET" not in route.methods or route.access in TOKEN:
            continue
        arguments = route.arguments(world)
        if table is PLATFORM and name in ACCOUNTS and arguments:
            continue
        yield name.replace(":", "-"), name, route, arguments
        if name in {"desk:item", "portal:question"}:
            numbers = {state: getattr(world, state).pk for state in STATES}
            numbers["answer waits"] = world.waiting.question_id
            numbers["answered"] = world.green.question_id
            numbers["with unit"] = world.routing.question_id
            for state, number in numbers.items():
                yield f"{name.replace(':', '-')} {state}", name, route, {"number": number}


def _told(response: HttpResponseBase) -> str:
    """Blank for a page."""
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    whole = response.streaming or b"<html" in getattr(response, "content", b"")
    if response.status_code in {200, 404, 410} and kind == "text/html" and whole:
        return ""
    return f"{response.status_code} {kind}{'' if whole else ', a part of a page'}"


def _add(plan: Plan, urlconf: str, world: World) -> None:
    people = _people(world, urlconf)
    scheme, _, base = settings.BASE_URL.partition("://")
    host = base if urlconf != settings.ROOT_URLCONF else f"{world.city.slug}.{base}"
    for person in people:
        cookie = person.client.cookies.get(settings.SESSION_COOKIE_NAME)
        if cookie:
            plan.cookies[person.name] = {"name": cookie.key, "value": cookie.value, "host": host}
    for shown, name, route, arguments in _routes(urlconf, world):
        urls = {}
        for language in LANGUAGES:
            with translation.override(language):
                path = reverse(name, urlconf=urlconf, kwargs=arguments)
            urls[language] = f"{scheme}://{host}{path}{route.query}"
        able = [person for person in people if _may(person, route.access)]
        if not able:
            plan.others.append(f"{shown}: nobody here may ({route.access})")
            continue
        path = urls["uk"].removeprefix(f"{scheme}://{host}")
        told = _told(able[0].client.get(path))
        if told:
            plan.others.append(f"{shown} as {able[0].name}: {told}")
        # A viewer sees less of the same page than a finance officer.
        elif seeing := [able[0], *(person for person in able[1:] if person.name == "viewer")]:
            plan.stops += [Stop(person.name, shown, urls) for person in seeing]


def main() -> None:
    user_logged_in.connect(_mark)
    world = populate(City.objects.get(slug=sys.argv[1]))
    plan = Plan()
    for urlconf in (settings.ROOT_URLCONF, settings.PUBLIC_SCHEMA_URLCONF):
        _add(plan, urlconf, world)
    print(json.dumps(asdict(plan)))


if __name__ == "__main__":
    main()
