"""Units and their contacts, kept by the city's administrator."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor, ActorKind
from bezpechne.kernel.audit.models import record
from bezpechne.kernel.seen import require_seen
from community.answers import links
from community.answers.models import Unit
from community.answers.unit_plan import MAX_DEPTH
from community.questions import events

FIELDS = (
    *("name_uk", "name_en", "kind", "email", "phone", "hours", "link_scope"),
    *("address", "how_to_apply", "web", "legal_basis"),
)


class UnitRefused(ValueError):
    """The text is shown to the administrator."""


def values_of(unit: Unit) -> dict[str, Any]:
    """What the form of a unit holds; `parent` by its id."""
    return {field: getattr(unit, field) for field in FIELDS} | {"parent": unit.parent_id}


@transaction.atomic
def save_unit(*, by: Actor, unit: Unit, values: dict[str, Any], seen: str | None = None) -> Unit:
    """Creates or changes a unit; the history keeps which fields changed, not addresses.

    Raises UnitRefused and ChangedMeanwhile.
    """
    by.require(Permission.ADMINISTER)
    created = unit.pk is None
    if not created:
        unit = Unit.objects.select_for_update().get(pk=unit.pk)
        require_seen(values_of(unit), seen)
    old = values_of(unit)
    # A table of units says nothing of the link.
    values = {"link_scope": unit.link_scope, **values}
    parent = values.get("parent")
    wanted = {field: values.get(field, "") for field in FIELDS}
    wanted["parent"] = parent.pk if parent else None
    changed = [name for name in old if old[name] != wanted[name]]
    if parent and "parent" in changed:
        _check_parent(unit, parent)
    for field in FIELDS:
        setattr(unit, field, wanted[field])
    unit.parent = parent
    unit.save()
    record(
        by=by,
        subject=unit,
        action="unit_created" if created else "unit_changed",
        new={"fields": changed},
    )
    return unit


def _check_parent(unit: Unit, parent: Unit) -> None:
    """A tree has no circles, and nobody reads a deeper one."""
    above: int | None = parent.pk
    for _level in range(MAX_DEPTH - 1):
        if above is None:
            return
        if above == unit.pk:
            raise UnitRefused(_("A unit cannot stand under itself or under a unit of its own."))
        above = Unit.objects.filter(pk=above).values_list("parent_id", flat=True).first()
    raise UnitRefused(_("The tree has at most %(most)d levels.") % {"most": MAX_DEPTH})


@transaction.atomic
def make_liaison(*, by: Actor, unit: Unit) -> None:
    """The default addressee from now on."""
    by.require(Permission.ADMINISTER)
    units = list(Unit.objects.select_for_update().order_by("id"))
    chosen = next((row for row in units if row.pk == unit.pk), None)
    if chosen is None or not chosen.is_active:
        raise UnitRefused(_("Only an active unit can be the liaison."))
    Unit.objects.filter(is_liaison=True).update(is_liaison=False)
    Unit.objects.filter(pk=unit.pk).update(is_liaison=True)
    record(by=by, subject=unit, action="made_liaison")


@transaction.atomic
def set_unit_active(*, by: Actor, unit: Unit, active: bool) -> None:
    """A deactivated unit gets no new questions; its open links keep working."""
    by.require(Permission.ADMINISTER)
    unit = Unit.objects.select_for_update().get(pk=unit.pk)
    if not active and unit.is_liaison:
        raise UnitRefused(_("This is the liaison. Choose another liaison first."))
    unit.is_active = active
    unit.save(update_fields=["is_active", "name_sort"])
    record(by=by, subject=unit, action="unit_activated" if active else "unit_deactivated")


@transaction.atomic
def send_test_mail(*, by: Actor, unit: Unit) -> None:
    """A letter that says that the address works."""
    by.require(Permission.ADMINISTER)
    if not unit.email:
        raise UnitRefused(_("This unit has no e-mail yet."))
    record(by=by, subject=unit, action="test_mail_sent")
    events.tell("unit_test", unit=unit, moment=clock.now())


@transaction.atomic
def confirm_address(*, unit: Unit) -> None:
    """Somebody who reads the unit's mailbox pressed the button of a test letter."""
    record(
        by=Actor(ActorKind.UNIT),
        subject=unit,
        action="address_confirmed",
        new={"mark": links.address_mark(unit)},
    )
