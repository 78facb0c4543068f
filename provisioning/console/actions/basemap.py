"""What lies under the pins of one city."""

from django.db import transaction

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import queue
from bezpechne.kernel.actors import Actor
from provisioning.journal import note
from tenants.basemaps import RENEW_JOB
from tenants.models import City
from tenants.states import Basemap


@transaction.atomic
def set_basemap(*, by: Actor, city: City, basemap: str, reason: str) -> City:
    """In force within seconds in every process; Google's map once the worker has a session."""
    by.require(Permission.OPERATE)
    city = City.objects.select_for_update().get(pk=city.pk)
    old, city.basemap = city.basemap, Basemap(basemap)
    if old == city.basemap:
        return city
    city.save(update_fields=["basemap"])
    note(by=by, city=city, action="basemap_set", reason=reason, old={"basemap": old},
         new={"basemap": city.basemap})  # fmt: skip
    if city.basemap == Basemap.GOOGLE:
        queue.defer(RENEW_JOB)
    return city
