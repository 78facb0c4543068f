"""Making, revoking and using API tokens: the only writers of ApiToken."""

import secrets
from collections.abc import Collection
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor
from bezpechne.kernel.tokens import hashed
from provisioning.journal import note
from provisioning.models import ApiToken, Scope

# Secret scanners and kernel.logs know a token by it.
PREFIX = "bzp_"
DAYS = (30, 90, 365)
MOST_DAYS = 366
USE_NOTED_EVERY = timedelta(hours=1)


class TokenRefused(ValueError):
    """The text is shown to the operator."""


def create(*, by: Actor, name: str, scopes: Collection[str], days: int) -> tuple[ApiToken, str]:
    """The row and the token itself, which nobody can read again. Raises TokenRefused."""
    by.require(Permission.OPERATE)
    if not scopes or not set(scopes) <= set(Scope.values):
        raise TokenRefused(_("Choose what the token may do."))
    if not 1 <= days <= MOST_DAYS:
        raise TokenRefused(_("A token lives for a year at most."))
    secret = PREFIX + secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            token = ApiToken.objects.create(
                name=name.strip(),
                token_hash=hashed(secret),
                hint=secret[-4:],
                scopes=sorted(scopes),
                made_by_id=by.id,
                expires_at=clock.now() + timedelta(days=days),
            )
            note(
                by=by,
                action="api_token_created",
                token=token.pk,
                scopes=token.scopes,
                expires_at=token.expires_at.isoformat(timespec="seconds"),
            )
    except IntegrityError as error:
        raise TokenRefused(
            _("A token with this name exists. Revoke it first or give another name.")
        ) from error
    return token, secret


@transaction.atomic
def revoke(*, by: Actor, token: ApiToken) -> bool:
    """Stops it at once; False when it was revoked before."""
    by.require(Permission.OPERATE)
    changed = ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=clock.now())
    if changed:
        note(by=by, action="api_token_revoked", token=token.pk)
    return bool(changed)


def found(secret: str) -> ApiToken | None:
    """The row of a token, in whatever state it is."""
    if not secret.startswith(PREFIX) or len(secret) > 100:
        return None
    return ApiToken.objects.filter(token_hash=hashed(secret)).first()


def note_use(token: ApiToken) -> None:
    """Writes the time of the last call, once an hour at most."""
    now = clock.now()
    if token.last_used_at is None or now - token.last_used_at >= USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
