"""Passkeys (WebAuthn): several for each person who has an app, bound to the host of the site.

Rows are allauth's; checks are of `fido2`. The origin must be the site's own, letter for letter:
`fido2` alone would take a page of any subdomain for the platform's. A counter that does not grow
tells that a passkey exists twice: it is stopped.
"""

import logging
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa import signals
from allauth.mfa.models import Authenticator
from cryptography.exceptions import UnsupportedAlgorithm
from django.db import transaction
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from bezpechne.accounts import second_factor
from bezpechne.accounts.actions import AccountError
from bezpechne.accounts.happenings import note, write_to
from bezpechne.accounts.models import User
from bezpechne.kernel import clock
from bezpechne.kernel.schema import current_schema
from bezpechne.kernel.site import site

logger = logging.getLogger(__name__)
PASSKEY = Authenticator.Type.WEBAUTHN
MOST = 10
# What reading an answer that somebody made up raises, in the library and in its parts.
MADE_UP = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    AssertionError,
    OverflowError,
    NotImplementedError,
    RecursionError,
    struct.error,
    UnsupportedAlgorithm,
)
Answer = Mapping[str, Any]
# Options for the browser, and what is kept in the session until it answers.
Begun = tuple[dict[str, Any], dict[str, Any]]


class PasskeyError(AccountError):
    """The passkey is of another site, unknown, stopped, or no passkey; the text is shown."""


def host() -> str:
    """Where passkeys made now work: the site's host, without its port."""
    return urlsplit(site().url).hostname or ""


def _server() -> Fido2Server:
    here = site()
    return Fido2Server(
        PublicKeyCredentialRpEntity(name=here.name, id=host()),
        verify_origin=lambda origin: origin == here.url,
    )


def _handle(user: User) -> bytes:
    """Who a passkey is of, for the device that keeps it; says nothing about the person."""
    return salted_hmac(
        "bezpechne.accounts.passkey", f"{current_schema()}\0{user.pk}", algorithm="sha256"
    ).digest()


def of(user: User) -> QuerySet[Authenticator]:
    """All of a person, oldest first."""
    return Authenticator.objects.filter(user_id=user.pk, type=PASSKEY).order_by("pk")


def usable_of(user: User) -> QuerySet[Authenticator]:
    """Those that work on this host and were not stopped."""
    return of(user).filter(data__host=host(), data__stopped_at=None)


def _credential(row: Authenticator) -> AttestedCredentialData:
    return AttestedCredentialData(websafe_decode(row.data["credential"]))


def begin_adding(user: User) -> Begun:
    """One that the device keeps itself where it can: such a one signs in without a password."""
    options, state = _server().register_begin(
        user=PublicKeyCredentialUserEntity(
            name=user.email, display_name=user.name, id=_handle(user)
        ),
        credentials=[_credential(row) for row in usable_of(user)],
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return dict(options), dict(state)


@transaction.atomic
def add(*, user: User, name: str, answer: Answer, state: Mapping[str, Any]) -> Authenticator:
    """Raises PasskeyError: no app is set up, too many, not of this site, known already."""
    User.objects.select_for_update().get(pk=user.pk)
    if not second_factor.is_set(user):
        raise PasskeyError(_("Set up the app first: it is the way in when the passkey is lost."))
    if of(user).count() >= MOST:
        raise PasskeyError(_("Ten passkeys are enough. Remove one that you no longer use."))
    try:
        made = _server().register_complete(state, RegistrationResponse.from_dict(answer))
        credential = made.credential_data
        if credential is None:
            raise ValueError("no credential")
    except MADE_UP as error:
        raise PasskeyError(_("The passkey was not made. Try again.")) from error
    known = websafe_encode(credential.credential_id)
    if Authenticator.objects.filter(type=PASSKEY, data__credential_id=known).exists():
        raise PasskeyError(_("This passkey is in the list already."))
    row: Authenticator = Authenticator.objects.create(
        user=user,
        type=PASSKEY,
        data={
            "name": name,
            "host": host(),
            "credential_id": known,
            "credential": websafe_encode(bytes(credential)),
            "sign_count": made.counter,
            "stopped_at": None,
        },
    )
    _tell(signals.authenticator_added, user, row)
    note(by=user.actor, user=user, action="passkey_added")
    write_to(user, "passkey_added", row.pk)
    return row


def _tell(signal: Any, user: User, row: Authenticator) -> None:
    signal.send(sender=Authenticator, request=None, user=user, authenticator=row)


def begin_signing(user: User | None) -> Begun:
    """For somebody who has given the password, or for whoever holds a passkey of this site.

    The latter has to be recognised by the device too, by a finger, a face or its code.
    """
    wanted = UserVerificationRequirement.PREFERRED if user else UserVerificationRequirement.REQUIRED
    options, state = _server().authenticate_begin(
        credentials=[_credential(row) for row in usable_of(user)] if user else None,
        user_verification=wanted,
    )
    return dict(options), dict(state)


def check(*, user: User | None, answer: Answer, state: Mapping[str, Any]) -> User:
    """Whose passkey answered; with `user` it has to be theirs. Raises PasskeyError."""
    with transaction.atomic():
        found, copied = _check(user, answer, state)
    if copied:
        raise PasskeyError(
            _("This passkey seems to exist twice and was stopped. Sign in with the app’s code.")
        )
    return found


def _check(user: User | None, answer: Answer, state: Mapping[str, Any]) -> tuple[User, bool]:
    try:
        response = AuthenticationResponse.from_dict(answer)
        known = websafe_encode(response.raw_id)
        rows = Authenticator.objects.filter(
            type=PASSKEY,
            data__credential_id=known,
            data__host=host(),
            data__stopped_at=None,
            user__is_active=True,
        )
        row = (rows.filter(user_id=user.pk) if user else rows).select_for_update().first()
        if row is None:
            raise PasskeyError(_("This passkey is not known here, or it was removed."))
        owner = User.objects.get(pk=row.user_id)
        if response.response.user_handle not in {None, b"", _handle(owner)}:
            raise ValueError("somebody else's handle")
        _server().authenticate_complete(state, [_credential(row)], response)
        count = response.response.authenticator_data.counter
    except MADE_UP as error:
        if isinstance(error, PasskeyError):
            raise
        raise PasskeyError(_("The passkey did not fit. Try again.")) from error
    copied = _is_copied(row, count)
    row.data["sign_count"] = max(count, row.data["sign_count"])
    row.last_used_at = clock.now()
    if copied:
        _stop(owner, row)
    row.save(update_fields=["data", "last_used_at"])
    return owner, copied


def _is_copied(row: Authenticator, count: int) -> bool:
    """Passkeys that do not count, those of phones for example, say 0 each time."""
    before = int(row.data["sign_count"])
    return (count > 0 or before > 0) and count <= before


def _stop(owner: User, row: Authenticator) -> None:
    row.data["stopped_at"] = clock.now().isoformat()
    logger.error("A passkey of user %s was used with an old counter and is stopped.", owner.pk)
    note(by=owner.actor, user=owner, action="passkey_copied")
    write_to(owner, "passkey_copied", row.pk)


@transaction.atomic
def rename(*, user: User, pk: int, name: str) -> bool:
    """False when it is gone or somebody else's."""
    row = of(user).select_for_update().filter(pk=pk).first()
    if row is None:
        return False
    row.data["name"] = name
    row.save(update_fields=["data"])
    return True


@transaction.atomic
def remove(*, user: User, pk: int) -> bool:
    """False when it is gone or somebody else's. Other sessions are for `sign_ins.end`."""
    row = of(user).filter(pk=pk).first()
    if row is None:
        return False
    row.delete()
    _tell(signals.authenticator_removed, user, row)
    note(by=user.actor, user=user, action="passkey_removed")
    write_to(user, "passkey_removed", pk)
    return True


@dataclass(frozen=True)
class Line:
    """A passkey in the list; `elsewhere` names the host where it works, if that is another one."""

    pk: int
    name: str
    since: datetime
    last_used: datetime | None
    elsewhere: str
    stopped: bool


def listed(user: User) -> list[Line]:
    """One query."""
    here = host()
    return [
        Line(
            row.pk,
            row.data["name"],
            row.created_at,
            row.last_used_at,
            "" if row.data["host"] == here else row.data["host"],
            row.data["stopped_at"] is not None,
        )
        for row in of(user)
    ]
