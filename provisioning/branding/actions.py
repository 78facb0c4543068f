"""Publishing a city's branding and returning to an earlier one: the only writers."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.actors import Actor
from bezpechne.kernel.schema import PUBLIC, in_schema
from provisioning.branding import logos
from provisioning.branding.values import UNTOLD, changed, values_of
from provisioning.journal import note
from provisioning.models import BrandingVersion
from tenants.models import City

# How many earlier ones a city can return to.
KEPT = 10


class BrandingRefused(ValueError):
    """The text is shown to the person."""


def _require(by: Actor) -> None:
    """An operator, or the administrator of the city in force."""
    if not {Permission.OPERATE, Permission.ADMINISTER} & by.permissions:
        raise PermissionDenied


def latest(city: City) -> int:
    """Number of the last change; 0 before the first. A form says which one it was made from."""
    row = BrandingVersion.objects.filter(city=city).order_by("-id").values("pk").first()
    return row["pk"] if row else 0


def publish(*, by: Actor, city: City, values: dict[str, Any], seen: int | None = None) -> list[str]:
    """Puts checked values in force at once; returns the names of those that changed.

    `seen`: the change that the person knew of. Raises BrandingRefused when another came since.
    """
    _require(by)
    with in_schema(PUBLIC):
        with transaction.atomic():
            city = City.objects.select_for_update().get(pk=city.pk)
            if seen is not None and seen != latest(city):
                raise BrandingRefused(
                    _("Somebody changed this meanwhile. Compare with what is below and send again.")
                )
            names = _put(by, city, values, "branding_changed")
        if names:
            _sweep(city)
    return names


def restore(*, by: Actor, city: City, version: BrandingVersion) -> list[str]:
    """Returns to how it was before a change; this too can be taken back."""
    _require(by)
    if version.city_id != city.pk:
        raise PermissionDenied
    with in_schema(PUBLIC):
        if version.values["logo"] and not logos.exists(city, version.values["logo"]):
            raise BrandingRefused(_("The logo of that time is gone. Send it again."))
        with transaction.atomic():
            city = City.objects.select_for_update().get(pk=city.pk)
            names = _put(by, city, version.values, "branding_restored")
        if names:
            _sweep(city)
    return names


def _put(by: Actor, city: City, values: dict[str, Any], action: str) -> list[str]:
    old = values_of(city)
    names = changed(old, values)
    if not names:
        return []
    BrandingVersion.objects.create(
        city=city, actor_kind=by.kind, actor_id=by.id, values=old, changed=names
    )
    for name in names:
        setattr(city, name, values[name])
    city.save(update_fields=names)
    told = [name for name in names if name not in UNTOLD]
    note(
        by=by,
        city=city,
        action=action,
        changed=names,
        old={name: old[name] for name in told},
        new={name: values[name] for name in told},
    )
    return names


def _sweep(city: City) -> None:
    """After the commit: a file deleted too early could not be brought back."""
    versions = list(BrandingVersion.objects.filter(city=city).order_by("-id"))
    kept = versions[:KEPT]
    BrandingVersion.objects.filter(pk__in=[row.pk for row in versions[KEPT:]]).delete()
    logos.sweep(city, {city.logo, *(row.values["logo"] for row in kept)})
