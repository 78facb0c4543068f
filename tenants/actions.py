"""What a city's administrator changes in the city's own row."""

from django.db import transaction

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.actors import Actor
from bezpechne.kernel.audit.models import record
from tenants.geometry import Bounds
from tenants.models import City


@transaction.atomic
def place_centre(*, by: Actor, city: City, lat: float, lon: float, radius_km: float) -> City:
    """Sets the centre and a box around it; an outline, where there is one, stays in force.

    Called inside the city: the history row is the city's own.
    """
    by.require(Permission.ADMINISTER)
    city = City.objects.select_for_update().get(pk=city.pk)
    old = {"lat": city.centre_lat, "lon": city.centre_lon}
    city.centre_lat, city.centre_lon = lat, lon
    if city.outline is None:
        bounds = Bounds.around(lat, lon, radius_km)
        city.west, city.south, city.east, city.north = (
            bounds.west,
            bounds.south,
            bounds.east,
            bounds.north,
        )
        city.zoom = bounds.zoom
    # The row lives in `public`; django-tenants lets a city save itself alone.
    city.save()
    record(
        by=by,
        subject=city,
        action="centre_placed",
        old=old,
        new={"lat": lat, "lon": lon, "radius_km": radius_km},
    )
    return city
