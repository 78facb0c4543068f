"""Every route, every method, every wrong person, with rows of another city."""

from django.db import transaction

from tests.integration.routes.walk import (
    METHODS,
    TABLES,
    TO_SET_UP,
    each_route,
    expected,
    people,
    send,
    url_of,
)
from tests.route_table import LINK, PUBLIC
from tests.worlds import World, digest


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
