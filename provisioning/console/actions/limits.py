"""How much one city may use."""

from django.db import transaction

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.actors import Actor
from provisioning.journal import note
from tenants.models import City


@transaction.atomic
def set_limits(
    *, by: Actor, city: City, storage_limit_mb: int | None, mails_a_day: int | None, reason: str
) -> City:
    """None: the platform's default. In force within seconds in every process."""
    by.require(Permission.OPERATE)
    city = City.objects.select_for_update().get(pk=city.pk)
    old = {"storage_limit_mb": city.storage_limit_mb, "mails_a_day": city.mails_a_day}
    city.storage_limit_mb, city.mails_a_day = storage_limit_mb, mails_a_day
    city.save(update_fields=["storage_limit_mb", "mails_a_day"])
    new = {"storage_limit_mb": storage_limit_mb, "mails_a_day": mails_a_day}
    note(by=by, city=city, action="limits_set", reason=reason, old=old, new=new)
    return city
