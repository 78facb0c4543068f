"""Keeps the journal of what happens where no journal is known: in `tenants`, in sign-in."""

from typing import Any

from allauth.mfa import signals
from allauth.mfa.models import Authenticator
from django.dispatch import receiver

from bezpechne.accounts.models import User
from bezpechne.kernel.actors import Actor
from bezpechne.kernel.schema import PUBLIC, current_schema
from provisioning.journal import note
from tenants.events import happened
from tenants.models import City


@receiver(happened)
def keep_journal(*, by: Actor, city: City, action: str, detail: dict[str, Any], **_: Any) -> None:
    """In the transaction of the action."""
    note(by=by, city=city, action=action, **detail)


def _note_factor(action: str, user: User, authenticator: Authenticator) -> None:
    if current_schema() == PUBLIC:
        note(by=user.actor, action=action, kind=str(authenticator.type))


@receiver(signals.authenticator_added)
def factor_set(*, user: User, authenticator: Authenticator, **_: Any) -> None:
    """A person of the platform set up an app or recovery codes."""
    _note_factor("second_factor_set", user, authenticator)


@receiver(signals.authenticator_reset)
def factor_changed(*, user: User, authenticator: Authenticator, **_: Any) -> None:
    """New recovery codes, or another app."""
    _note_factor("second_factor_changed", user, authenticator)


@receiver(signals.authenticator_removed)
def factor_removed(*, user: User, authenticator: Authenticator, **_: Any) -> None:
    """A passkey is gone."""
    _note_factor("second_factor_removed", user, authenticator)


@receiver(signals.authenticator_used)
def factor_used(*, user: User, authenticator: Authenticator, **_: Any) -> None:
    """A code of the app is everyday; a recovery code is worth a line."""
    if authenticator.type != Authenticator.Type.TOTP:
        _note_factor("second_factor_used", user, authenticator)
