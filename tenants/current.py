"""The city in force in this thread: entering it for a job, asking which it is, its site."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from django.db import DEFAULT_DB_ALIAS, connections
from django.utils import timezone, translation
from django_tenants.utils import tenant_context

from bezpechne.kernel.database.base import DatabaseWrapper
from bezpechne.kernel.queue import CityGone
from bezpechne.kernel.schema import PUBLIC, current_schema, in_schema
from bezpechne.kernel.site import Site, platform_site
from tenants.models import City, Domain


def _connection() -> DatabaseWrapper:
    """This thread's connection with what django-tenants adds to it."""
    return cast(DatabaseWrapper, connections[DEFAULT_DB_ALIAS])


def enter_city(city: City) -> None:
    """For a whole request; `leave_city` must follow whatever happens."""
    _connection().set_tenant(city)


def leave_city() -> None:
    """Back to `public`; costs nothing when already there."""
    if _connection().schema_name != PUBLIC:
        _connection().set_schema_to_public()  # type: ignore[no-untyped-call] # same


def current_city() -> City:
    """The city of this request or job. Raises LookupError on the platform's own pages."""
    city = _connection().tenant
    if isinstance(city, City):
        return city
    raise LookupError("No city is in force.")


@contextmanager
def entered(schema: str) -> Iterator[None]:
    """Puts a job into its city, with the city's clock; leaves it and the language afterwards.

    Raises CityGone when the city was deleted.
    """
    if schema == PUBLIC:
        with in_schema(PUBLIC), translation.override("uk"):
            yield
        return
    with in_schema(PUBLIC):
        city = City.objects.filter(schema_name=schema).first()
    if city is None:
        raise CityGone(schema)
    with (
        tenant_context(city),
        timezone.override(city.time_zone),
        translation.override("uk"),
    ):
        yield


def primary_domain(city: City) -> Domain:
    """The host that links are made for."""
    return Domain.objects.get(tenant_id=city.pk, is_primary=True)


def site_in_force() -> Site:
    """What letters call the site; links come from the Domain row, never from a request."""
    if current_schema() == PUBLIC:
        return platform_site()
    city = current_city()
    return Site(city.site_name, primary_domain(city).url, city.contact_email)


def mail_is_held() -> bool:
    """Whether letters of the schema in force wait: nobody is mailed from an archived city."""
    return current_schema() != PUBLIC and current_city().is_closed
