"""Gives outlines that were loaded later to the cities that wait for them."""

from django.db import transaction

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.actors import Actor
from provisioning.journal import note
from provisioning.models import Hromada, JournalEntry
from provisioning.provisioning import geography
from tenants.models import City


@transaction.atomic
def take_outlines(*, by: Actor) -> list[City]:
    """Gives outline, exact bounds and a missing centre to the cities that have no outline yet.

    Bounds that a person has looked at and found right stay as they are.
    """
    by.require(Permission.OPERATE)
    checked = JournalEntry.objects.filter(action="bounds_checked").values("city_id")
    rows = City.objects.select_for_update().filter(outline__isnull=True).exclude(pk__in=checked)
    cities = {city.katottg: city for city in rows}
    changed = []
    for hromada in Hromada.objects.filter(pk__in=cities, outline__isnull=False):
        city = cities[hromada.code]
        for field, value in geography(hromada).items():
            setattr(city, field, value)
        city.save()
        note(by=by, city=city, action="outline_loaded")
        changed.append(city)
    return changed
