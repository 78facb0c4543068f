"""What the ledger knows of a place: billing has no gazetteer."""

from billing.accounts import PlaceFacts
from provisioning.models import Hromada
from tenants.models import City


def facts_of(city: City) -> PlaceFacts:
    """Of the hromada with the city's code. Codes of budgets are not in the gazetteer."""
    hromada = Hromada.objects.filter(pk=city.katottg).defer("outline").first()
    if hromada is None:
        return PlaceFacts()
    return PlaceFacts(oblast=hromada.oblast_uk, population=hromada.population)
