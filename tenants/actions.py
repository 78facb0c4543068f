"""What a city's administrator changes in the city's own row."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import queue
from bezpechne.kernel.actors import Actor
from bezpechne.kernel.audit.models import record
from bezpechne.kernel.seen import require_seen
from tenants.basemaps import RENEW_JOB
from tenants.models import City, Geography
from tenants.outlines import OwnOutline
from tenants.places import FIELDS, SIDES, problem, values_of
from tenants.states import Basemap

# How many earlier ones a city can return to; one outline may have half a megabyte.
KEPT = 10


class PlaceRefused(ValueError):
    """The text is shown to the administrator."""


def _put(by: Actor, city: City, values: dict[str, Any], action: str) -> bool:
    """Whether anything was changed. The history names the numbers; outlines are kept apart."""
    old = values_of(city)
    changed = [name for name in FIELDS if old[name] != values[name]]
    if not changed:
        return False
    if None not in (old[side] for side in SIDES):
        Geography.objects.create(city=city, actor_kind=by.kind, actor_id=by.id, values=old)
    for name in FIELDS:
        setattr(city, name, values[name])
    # The row lives in `public`; django-tenants lets a city save itself alone.
    city.save(update_fields=list(FIELDS))
    told = [name for name in changed if name != "outline"]
    record(
        by=by,
        subject=city,
        action=action,
        old={name: old[name] for name in told},
        new={name: values[name] for name in told} | {"changed": changed},
    )
    kept = (
        Geography.objects.filter(city=city, is_draft=False)
        .order_by("-id")[:KEPT]
        .values_list("pk", flat=True)
    )
    Geography.objects.filter(city=city, is_draft=False).exclude(pk__in=list(kept)).delete()
    return True


def _locked(city: City) -> City:
    return City.objects.select_for_update().get(pk=city.pk)


@transaction.atomic
def place(*, by: Actor, city: City, values: dict[str, Any], seen: str | None = None) -> bool:
    """Sets bounds, centre and zoom; an outline, where there is one, stays in force.

    Called inside the city: the history row is the city's own. Raises ChangedMeanwhile.
    """
    by.require(Permission.ADMINISTER)
    city = _locked(city)
    require_seen(values_of(city), seen)
    whole = {**values, "outline": city.outline}
    if found := problem(whole):
        raise PlaceRefused(found[1])
    return _put(by, city, whole, "centre_placed")


@transaction.atomic
def try_outline(*, by: Actor, city: City, outline: OwnOutline | None) -> Geography:
    """Keeps an outline to look at, with the bounds and the centre that it would bring; None tries
    the city without one. Nothing is in force before `take_outline`.
    """
    by.require(Permission.ADMINISTER)
    city = _locked(city)
    values = values_of(city)
    if outline is None:
        values["outline"] = None
    else:
        sides = {side: getattr(outline.bounds, side) for side in SIDES}
        values |= {**sides, "outline": outline.geometry}
        if city.centre is None or not outline.bounds.contains(*city.centre):
            values["centre_lat"], values["centre_lon"] = outline.inside
        if city.bounds is None:
            values["zoom"] = outline.bounds.zoom
    Geography.objects.filter(city=city, is_draft=True).delete()
    return Geography.objects.create(
        city=city, actor_kind=by.kind, actor_id=by.id, is_draft=True, values=values
    )


@transaction.atomic
def take_outline(*, by: Actor, city: City, draft: Geography) -> bool:
    """Puts what was looked at in force."""
    by.require(Permission.ADMINISTER)
    city = _locked(city)
    row = _own(city, draft, is_draft=True)
    row.delete()
    return _put(by, city, row.values, "outline_changed")


@transaction.atomic
def drop_outline(*, by: Actor, city: City, draft: Geography) -> None:
    """Forgets what was looked at; nothing was in force."""
    by.require(Permission.ADMINISTER)
    _own(_locked(city), draft, is_draft=True).delete()


@transaction.atomic
def restore_place(*, by: Actor, city: City, version: Geography) -> bool:
    """Back to where the city was before a change; this too can be taken back."""
    by.require(Permission.ADMINISTER)
    city = _locked(city)
    return _put(by, city, _own(city, version, is_draft=False).values, "place_restored")


@transaction.atomic
def choose_basemap(*, by: Actor, city: City, basemap: str) -> bool:
    """What lies under the pins; whether anything was changed. Called inside the city.

    Google's map shows once the worker has a session; all processes know within seconds.
    """
    by.require(Permission.ADMINISTER)
    city = _locked(city)
    old = city.basemap
    if not put_basemap(city, basemap):
        return False
    record(
        by=by,
        subject=city,
        action="basemap_chosen",
        old={"basemap": old},
        new={"basemap": city.basemap},
    )
    return True


def put_basemap(city: City, basemap: str) -> bool:
    """For actions that hold the row and write down who chose. Raises PlaceRefused."""
    if basemap == city.basemap:
        return False
    if Basemap(basemap) == Basemap.GOOGLE and not settings.GOOGLE_MAPS_KEY:
        raise PlaceRefused(_("Google's map is not set up on this platform."))
    city.basemap = Basemap(basemap)
    city.save(update_fields=["basemap"])
    if city.basemap == Basemap.GOOGLE:
        queue.defer(RENEW_JOB)
    return True


def _own(city: City, row: Geography, *, is_draft: bool) -> Geography:
    if row.city_id != city.pk:
        raise PermissionDenied
    found = Geography.objects.filter(pk=row.pk, is_draft=is_draft).first()
    if found is None:
        raise PlaceRefused(_("Somebody has taken or replaced it meanwhile."))
    return found
