"""What lies under the pins of one city."""

from django.db import transaction

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.actors import Actor
from provisioning.journal import note
from tenants.actions import put_basemap
from tenants.models import City


@transaction.atomic
def set_basemap(*, by: Actor, city: City, basemap: str, reason: str) -> City:
    """As the city's administrator chooses it, with a reason. Raises PlaceRefused without a key."""
    by.require(Permission.OPERATE)
    city = City.objects.select_for_update().get(pk=city.pk)
    old = city.basemap
    if put_basemap(city, basemap):
        note(by=by, city=city, action="basemap_set", reason=reason, old={"basemap": old},
             new={"basemap": city.basemap})  # fmt: skip
    return city
