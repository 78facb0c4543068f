"""Every route for those who may: the control of the walk with wrong people."""

import pytest
from django.conf import settings
from django.db import transaction

from tests.integration.routes.walk import (
    BACK_TO_SIGN_IN,
    METHODS,
    TABLES,
    UNCHANGING,
    WHO,
    each_route,
    people,
    send,
    url_of,
)
from tests.route_table import ACCOUNTS, LINK, PUBLIC, SECURITY, TOKEN
from tests.worlds import World, digest


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
