"""From the reason in the console to a session in the city, and its end."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from bezpechne.accounts.acting import ActingAdministrator
from bezpechne.accounts.models import User
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock, tokens
from bezpechne.kernel.actors import Actor
from bezpechne.kernel.schema import PUBLIC, in_schema
from provisioning.acting.models import ActingSession
from provisioning.journal import note
from tenants.current import primary_domain
from tenants.models import City
from tenants.states import CityState

LINK_TERM, TERM = timedelta(minutes=1), timedelta(minutes=30)
PURPOSE = "acting"
# Key in the city's session: the record's key and a proof of the operator's password.
SESSION = "acting"


class ActingRefused(ValueError):
    """The text says why."""


def hand_over(*, by: Actor, city: City, reason: str) -> str:
    """Writes the reason down; returns the link to the city that opens the session once."""
    by.require(Permission.OPERATE)
    if by.id is None:
        raise ActingRefused(_("Only a person may act as administrator."))
    if city.state == CityState.ARCHIVED:
        raise ActingRefused(_("The city is archived: nobody works there. Restore it first."))
    with transaction.atomic():
        row = ActingSession.objects.create(
            city_id=city.pk,
            operator_id=by.id,
            reason=reason,
            link_until=clock.now() + LINK_TERM,
        )
        with in_schema(city.schema_name):
            token = tokens.make(PURPOSE, row.pk, 1)
        row.token_hash = tokens.hashed(token)
        row.save(update_fields=["token_hash"])
    path = reverse("acting:begin", args=[token], urlconf=settings.ROOT_URLCONF)
    return primary_domain(city).url + path


def waiting(token: str, city: City) -> ActingSession | None:
    """The record behind an unused link of this city that still works, or None."""
    row = ActingSession.objects.filter(token_hash=tokens.hashed(token), city_id=city.pk).first()
    if row is None or row.opened_at or row.link_until <= clock.now() or not _operator(row):
        return None
    # The token holds its schema: a row moved or altered in the database opens nothing.
    return row if constant_time_compare(tokens.make(PURPOSE, row.pk, 1), token) else None


@transaction.atomic
def begin(*, request: HttpRequest, row: ActingSession, city: City) -> bool:
    """Uses the link up and makes this browser's session the operator's; False for the second of two."""
    operator = _operator(row)
    now = clock.now()
    unused = ActingSession.objects.filter(pk=row.pk, opened_at=None, link_until__gt=now)
    if operator is None or not unused.update(opened_at=now, until=now + TERM):
        return False
    row.refresh_from_db()
    who = _as_administrator(row, operator)
    note(
        by=who.actor,
        city=city,
        action="acting_started",
        reason=row.reason,
        until=who.until.isoformat(),
    )
    # A new key, and nothing of whoever used this browser before.
    request.session.flush()
    request.session[SESSION] = {"row": row.pk, "password": operator.get_session_auth_hash()}
    request.session.set_expiry(int(TERM.total_seconds()))
    return True


def end(*, by: ActingAdministrator, city: City) -> None:
    """Before its time, by the operator."""
    with transaction.atomic():
        running = ActingSession.objects.filter(pk=by.acting, ended_at=None)
        if running.update(ended_at=clock.now()):
            note(by=by.actor, city=city, action="acting_ended")


def on_sign_out(request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """The signal of Django's sign-out."""
    if isinstance(user, ActingAdministrator):
        end(by=user, city=request.city)  # type: ignore[attr-defined] # tenants.middleware sets it


def acting_in(request: HttpRequest, city: City) -> ActingAdministrator | None:
    """Who acts in this browser, checked anew for each request; a session that is over is emptied."""
    kept = request.session.get(SESSION)
    if kept is None:
        return None
    row = ActingSession.objects.filter(pk=kept["row"], city_id=city.pk).first()
    operator = _operator(row) if row and row.is_open else None
    if (
        row
        and operator
        and city.state != CityState.ARCHIVED
        and constant_time_compare(operator.get_session_auth_hash(), kept["password"])
    ):
        return _as_administrator(row, operator)
    request.session.flush()
    messages.warning(request, _("Your time as administrator of this city is over."))
    return None


def _operator(row: ActingSession) -> User | None:
    """The operator, as long as they may operate."""
    with in_schema(PUBLIC):
        user = User.objects.filter(pk=row.operator_id, is_active=True).first()
    return user if user and Permission.OPERATE in user.permissions else None


def _as_administrator(row: ActingSession, operator: User) -> ActingAdministrator:
    assert row.until is not None  # noqa: S101 - the table's constraint
    return ActingAdministrator(
        acting=row.pk,
        operator_id=operator.pk,
        name=operator.name,
        reason=row.reason,
        until=row.until,
    )
