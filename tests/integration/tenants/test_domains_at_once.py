"""Two operators at one moment, with real commits, in two cities of their own."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from bezpechne.kernel import clock
from provisioning.provisioning import OPERATOR
from provisioning.renaming import RenamingRefused, rename_slug
from tenants import resolution
from tenants.current import primary_domain
from tenants.domains import actions
from tenants.models import City, Domain
from tests.integration.committed import at_once, remove_city, unblocked

SLUGS = ("khorol", "myrhorod")


def _forget_cities() -> None:
    for slug in SLUGS:
        remove_city(slug)


@pytest.fixture
def cities(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[City]]:
    with unblocked(django_db_blocker):
        _forget_cities()
        for name in ("Хорол", "Миргород"):
            call_command("provision_city", name, admin_email="boss@example.org", json=True)
        made = list(City.objects.filter(slug__in=SLUGS).order_by("slug"))
        yield made
        with connection.cursor() as cursor:
            keys = [city.pk for city in made]
            cursor.execute("DELETE FROM public.tenants_domain WHERE tenant_id = ANY(%s)", [keys])
            cursor.execute(
                "DELETE FROM public.provisioning_journal WHERE city_id = ANY(%s)", [keys]
            )
            for city, slug in zip(made, SLUGS, strict=True):
                cursor.execute(
                    "UPDATE public.tenants_city SET slug = %s WHERE id = %s", [slug, city.pk]
                )
        _forget_cities()


def test_of_two_who_add_one_domain_one_wins(cities: list[City]) -> None:
    add = partial(actions.add, by=OPERATOR, name="police.example")
    results = at_once([partial(add, city=city) for city in cities * 2])
    refused = [result for result in results if isinstance(result, actions.DomainRefused)]
    assert len(refused) == 3, results
    assert all("cit" in str(refusal) or "міст" in str(refusal).lower() for refusal in refused)
    assert Domain.objects.filter(domain="police.example").count() == 1


def test_of_two_primary_domains_one_stays(cities: list[City]) -> None:
    city = cities[0]
    rows = [
        Domain(domain=f"{name}.example", tenant=city, is_primary=False, verified_at=clock.now())
        for name in ("one", "two", "three")
    ]
    for row in rows:
        row.save()
    results = at_once([partial(actions.make_primary, by=OPERATOR, domain=row) for row in rows])
    assert all(isinstance(result, Domain) for result in results), results
    assert primary_domain(city).domain in {row.domain for row in rows}


def test_of_two_cities_with_one_new_name_one_gets_it(cities: list[City]) -> None:
    rename = partial(rename_slug, by=OPERATOR, slug="kozatske-misto")
    results = at_once([partial(rename, city=city) for city in cities])
    assert sum(isinstance(result, City) for result in results) == 1, results
    assert sum(isinstance(result, RenamingRefused) for result in results) == 1, results


def test_what_another_thread_read_before_the_commit_is_forgotten(cities: list[City]) -> None:
    row = Domain(domain="police.example", tenant=cities[0], is_primary=False)
    with transaction.atomic():
        row.save()
        assert at_once([partial(resolution.find, "police.example")]) == [None]
    assert resolution.city_of("police.example") == cities[0]
