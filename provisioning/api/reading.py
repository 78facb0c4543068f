"""Rows as programs see them, with a fixed number of queries."""

from collections.abc import Sequence
from typing import Any

from provisioning.api.serializers import CityOut, HromadaOut
from provisioning.gazetteer.places import Place
from tenants.models import City, Domain


def described(places: Sequence[Place]) -> list[dict[str, Any]]:
    """Hromadas with the slugs of their cities; one query."""
    codes = [place.code for place in places]
    cities = dict(City.objects.filter(katottg__in=codes).values_list("katottg", "slug"))
    return [dict(HromadaOut(place, context={"cities": cities}).data) for place in places]


def shown(cities: Sequence[City]) -> list[dict[str, Any]]:
    """Cities with their addresses; one query."""
    domains = Domain.objects.filter(is_primary=True, tenant__in=cities)
    context = {"urls": {domain.tenant_id: domain.url for domain in domains}}
    return [dict(CityOut(city, context=context).data) for city in cities]
