"""People who look at the ledger from outside: inviting them and ending their access."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.utils.translation import gettext as _

from bezpechne.accounts import actions as accounts
from bezpechne.accounts.models import Invitation, User
from bezpechne.accounts.permissions import SCOPED_ROLES, Permission, Role
from bezpechne.kernel.actors import Actor
from billing.audit import note
from billing.errors import LedgerRefused
from billing.models import CityAccount, Payer, ViewerScope
from billing.scopes import add_scope

# Officers are not among them: they are made on the server, as operators are.
VIEWER_ROLES = (Role.FINANCE_VIEWER, *SCOPED_ROLES)
FINANCE_ROLES = (Role.FINANCE, *VIEWER_ROLES)


class Access(StrEnum):
    """`EXPIRED`: invited, and the link works no more."""

    OPEN = "open"
    INVITED = "invited"
    EXPIRED = "expired"
    CLOSED = "closed"


@dataclass(frozen=True)
class Viewer:
    """A person with a finance role; `until` is the end of the invitation's term."""

    user: User
    access: Access
    scopes: Sequence[ViewerScope]
    until: datetime | None = None

    @property
    def is_managed(self) -> bool:
        """Whether these pages invite and close such accounts."""
        return self.user.role in VIEWER_ROLES

    @property
    def is_scoped(self) -> bool:
        return self.user.role in SCOPED_ROLES


def viewers() -> list[Viewer]:
    """Everybody with a finance role, by name: three queries."""
    users = list(User.objects.filter(role__in=FINANCE_ROLES).order_by("name", "pk"))
    invitations = {
        row.email: row
        for row in Invitation.objects.filter(
            email__in=[user.email for user in users], accepted_at=None, revoked_at=None
        )
    }
    scopes: dict[int, list[ViewerScope]] = defaultdict(list)
    for row in ViewerScope.objects.select_related("payer", "account").order_by("pk"):
        scopes[row.user_id].append(row)
    return [_viewer(user, invitations.get(user.email), scopes[user.pk]) for user in users]


def _viewer(user: User, invitation: Invitation | None, scopes: Sequence[ViewerScope]) -> Viewer:
    if user.is_active:
        return Viewer(user, Access.OPEN, scopes)
    if invitation is None:
        return Viewer(user, Access.CLOSED, scopes)
    access = Access.INVITED if invitation.is_open else Access.EXPIRED
    return Viewer(user, access, scopes, invitation.expires_at)


def invite_viewer(
    *,
    by: Actor,
    email: str,
    name: str,
    role: str,
    about: Sequence[Payer | CityAccount] = (),
    language: str = "uk",
) -> User:
    """Invites a person by e-mail; `about` is what they will see.

    The account is closed until the invitation is accepted. Raises LedgerRefused: another role, an
    address that has an account or waits for one of another kind, nothing to see.
    """
    by.require(Permission.FINANCE)
    if role not in VIEWER_ROLES:
        raise LedgerRefused(_("Only viewers are invited here."), "role")
    if role in SCOPED_ROLES and not about:
        field = "payers" if role == Role.DONOR_VIEWER else "account"
        raise LedgerRefused(_("Choose what this person sees."), field)
    waiting = Invitation.objects.filter(
        email=email.strip().lower(), accepted_at=None, revoked_at=None
    )
    # A closed account of an operator or an officer must not come back as somebody else's.
    closed = User.objects.filter(email=email.strip().lower()).exclude(role__in=VIEWER_ROLES)
    if waiting.exclude(role__in=VIEWER_ROLES).exists() or closed.exists():
        raise LedgerRefused(_("This address has, or had, other work on the platform."), "email")
    host = _host(by)
    try:
        with transaction.atomic():
            user = accounts.reserve(by=host, email=email, role=role, name=name, language=language)
            accounts.invite(by=host, email=email, role=role, name=name, language=language)
            # What an earlier account of this address saw is not given back by the way.
            ViewerScope.objects.filter(user_id=user.pk).delete()
            note(by=by, action="viewer_invited", subject=user, role=role)
            for subject in about:
                add_scope(by=by, user=user, about=subject)
    except accounts.AccountError as refusal:
        raise LedgerRefused(str(refusal), "email") from refusal
    return user


@transaction.atomic
def send_again(*, by: Actor, user: User) -> None:
    """A fresh link and term. Raises LedgerRefused for a person who waits for none."""
    _require_viewer(by, user)
    invitation = _invitation_of(user)
    if invitation is None or user.is_active:
        raise LedgerRefused(_("This person waits for no invitation."))
    accounts.resend_invitation(by=_host(by), invitation=invitation)
    note(by=by, action="viewer_invited_again", subject=user)


@transaction.atomic
def close(*, by: Actor, user: User) -> None:
    """Ends the access: sessions, and an invitation that was not accepted."""
    _require_viewer(by, user)
    host = _host(by)
    if invitation := _invitation_of(user):
        accounts.revoke_invitation(by=host, invitation=invitation)
    accounts.deactivate(by=host, user=user)
    note(by=by, action="viewer_closed", subject=user)


@transaction.atomic
def reopen(*, by: Actor, user: User) -> None:
    """Gives access back with the same scopes. Raises LedgerRefused for who never had a password."""
    _require_viewer(by, user)
    if not user.has_usable_password():
        raise LedgerRefused(_("This person never accepted the invitation. Invite them again."))
    accounts.reactivate(by=_host(by), user=user)
    note(by=by, action="viewer_opened", subject=user)


def _host(by: Actor) -> Actor:
    """The officer as who keeps accounts: these roles are the officers' own matter."""
    return replace(by, permissions=by.permissions | {Permission.ADMINISTER})


def _require_viewer(by: Actor, user: User) -> None:
    by.require(Permission.FINANCE)
    if user.role not in VIEWER_ROLES:
        raise LedgerRefused(_("Only viewers are kept here."))


def _invitation_of(user: User) -> Invitation | None:
    waiting = Invitation.objects.select_for_update().filter(
        email=user.email, accepted_at=None, revoked_at=None
    )
    return waiting.first()
