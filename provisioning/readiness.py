"""What a city lacks before it may open: each item looks at real data, none is remembered."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django_tenants.utils import tenant_context

from bezpechne.accounts import actions as accounts
from bezpechne.accounts.models import Invitation, User
from bezpechne.accounts.permissions import Permission, Role
from bezpechne.kernel.actors import Actor
from bezpechne.kernel.audit.models import Entry
from community.answers.models import Unit
from community.answers.queries import address_confirmed_at
from provisioning.journal import note
from provisioning.models import JournalEntry, ProvisioningRun
from provisioning.provisioning import OPERATOR
from tenants.models import City

PLACED = ("centre_placed", "outline_changed", "place_restored")
BOUNDS, LINK, LINK_GONE = "bounds_checked", "police_link_seen", "police_link_gone"


@dataclass(frozen=True)
class Item:
    """`state` says what is so, `todo` what to do about it; `code` names the form beside it."""

    code: str
    title: str
    done: bool
    state: str
    todo: str = ""
    since: datetime | None = None


def readiness_of(city: City) -> list[Item]:
    """In the order in which a city is prepared; a fixed number of queries."""
    with tenant_context(city):
        people = list(User.objects.filter(is_active=True).values_list("role", flat=True))
        invited = list(Invitation.objects.filter(accepted_at=None, revoked_at=None).order_by("-id"))
        units = list(Unit.objects.filter(is_active=True))
        liaison = next((unit for unit in units if unit.is_liaison), None)
        confirmed = address_confirmed_at(liaison) if liaison else None
        placed = Entry.objects.filter(action__in=PLACED).order_by("-id").first()
    seen = {
        entry.action: entry
        for entry in JournalEntry.objects.filter(
            city_id=city.pk, action__in=[BOUNDS, LINK, LINK_GONE]
        ).order_by("id")
    }
    return [
        _administrator(people, invited),
        _moderator(people, invited),
        _liaison(liaison, confirmed),
        _units(units),
        _bounds(city, placed, seen.get(BOUNDS)),
        _link(city, seen.get(LINK), seen.get(LINK_GONE)),
    ]


def _open(invited: list[Invitation], role: str) -> Invitation | None:
    return next((row for row in invited if row.role == role), None)


def _administrator(people: list[str], invited: list[Invitation]) -> Item:
    title = _("The administrator is in")
    waiting = _open(invited, Role.ADMINISTRATOR)
    if Role.ADMINISTRATOR in people:
        return Item("administrator", title, True, _("Signed in by the invitation."))
    if waiting is None:
        return Item(
            "administrator", title, False, _("Nobody is invited."), _("Invite the administrator.")
        )
    if waiting.is_open:
        state = _("Invited, not in yet.")
        todo = _("Ask whether the letter came; send it again if not.")
    else:
        state, todo = _("The invitation has run out."), _("Send the invitation again.")
    return Item("administrator", title, False, state, todo, waiting.created_at)


def _moderator(people: list[str], invited: list[Invitation]) -> Item:
    title = _("A moderator is named")
    waiting = _open(invited, Role.MODERATOR)
    if Role.MODERATOR in people:
        return Item("moderator", title, True, _("Has an account."))
    if waiting is not None and waiting.is_open:
        return Item("moderator", title, True, _("Invited, not in yet."), since=waiting.created_at)
    return Item(
        "moderator",
        title,
        False,
        _("There is none."),
        _("The city's administrator invites one: desk, “Staff”."),
    )


def _liaison(liaison: Unit | None, confirmed: datetime | None) -> Item:
    title = _("The liaison's e-mail is confirmed")
    if liaison is None or not liaison.email:
        return Item(
            "liaison",
            title,
            False,
            _("The liaison has no e-mail yet."),
            _("The administrator writes it down: desk, “Units”."),
        )
    if confirmed:
        return Item("liaison", title, True, _("Somebody there opened our letter."), since=confirmed)
    return Item(
        "liaison",
        title,
        False,
        _("There is an address; nobody has confirmed it."),
        _("The administrator sends a test letter: desk, “Units”. Its button confirms the address."),
    )


def _units(units: list[Unit]) -> Item:
    able = sum(bool(unit.email) for unit in units)
    state = _("%(able)d of %(all)d units have an e-mail.") % {"able": able, "all": len(units)}
    todo = "" if able > 1 else _("Besides the liaison one unit at least needs an e-mail.")
    return Item("units", _("Units can be written to"), able > 1, state, todo)


def _bounds(city: City, placed: Entry | None, checked: JournalEntry | None) -> Item:
    title = _("A person has checked the bounds")
    if city.centre is None:
        return Item(
            "bounds",
            title,
            False,
            _("Nobody has placed the centre."),
            _("The administrator puts the pin: desk, “Place the centre”."),
        )
    since = checked.at if checked else placed.at if placed else None
    if since:
        return Item("bounds", title, True, _("Looked at on the map."), since=since)
    return Item(
        "bounds",
        title,
        False,
        _("They come from the gazetteer as they are."),
        _("Open the city's map and say here that it shows the whole city."),
    )


def _link(city: City, seen: JournalEntry | None, gone: JournalEntry | None) -> Item:
    title = _("The police site links here")
    if seen and (gone is None or gone.pk < seen.pk):
        return Item("link", title, True, _("Seen on the police site."), since=seen.at)
    return Item(
        "link",
        title,
        False,
        _("The link was taken away.") if gone else _("Nobody has seen it."),
        _("Ask the police to link from «Громадянам» → «Сайт взаємодії поліції та громади»."),
    )


def steps_of(city: City) -> ProvisioningRun | None:
    """The run that made the city; None for cities older than the record."""
    runs = ProvisioningRun.objects.filter(katottg=city.katottg).exclude(way="")
    return runs.order_by("-started_at").first()


# --- What an operator does here ---------------------------------------------------------------------


@transaction.atomic
def tick_bounds(*, by: Actor, city: City) -> None:
    """A person looked at the map."""
    by.require(Permission.OPERATE)
    note(by=by, city=city, action=BOUNDS)


@transaction.atomic
def tick_link(*, by: Actor, city: City, seen: bool, url: str) -> None:
    """The link on the police site is there, or is gone; the page is kept in the city's row."""
    by.require(Permission.OPERATE)
    city = City.objects.select_for_update().get(pk=city.pk)
    city.police_site_url = url
    city.save(update_fields=["police_site_url"])
    note(by=by, city=city, action=LINK if seen else LINK_GONE)


@transaction.atomic
def invite_administrator(*, by: Actor, city: City, email: str, name: str) -> None:
    """The first administrator, or another one instead of an invitation that nobody took.

    Refuses once an administrator is in: from then on the city invites its people itself.
    """
    by.require(Permission.OPERATE)
    with tenant_context(city):
        if User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).exists():
            raise accounts.AccountError(_("The city has an administrator already."))
        inviter = Actor(by.kind, by.id, OPERATOR.permissions)
        accounts.invite(by=inviter, email=email, name=name, role=Role.ADMINISTRATOR)
    note(by=by, city=city, action="administrator_invited")
