"""The platform's way out when nobody in the city can invite anybody."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _
from django_tenants.utils import tenant_context

from bezpechne.accounts import actions as accounts
from bezpechne.accounts import colleagues, second_factor
from bezpechne.accounts.models import Invitation, User
from bezpechne.accounts.permissions import Permission, Role
from bezpechne.kernel.actors import Actor
from provisioning.journal import note
from tenants.models import City


@dataclass(frozen=True)
class Administration:
    """Who administers a city now, and who is invited to."""

    administrators: list[User]
    invitations: list[Invitation]
    with_factor: list[User]


def administration_of(city: City) -> Administration:
    """Read in the city's schema; three queries."""
    with tenant_context(city):
        users = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True)
        waiting = Invitation.objects.filter(
            role=Role.ADMINISTRATOR, accepted_at=None, revoked_at=None
        )
        administrators = list(users.order_by("name", "pk"))
        factors = second_factor.who_has_one()
        return Administration(
            administrators,
            list(waiting.order_by("pk")),
            [user for user in administrators if user.pk in factors],
        )


@transaction.atomic
def reset_factor(*, by: Actor, city: City, account: int, reason: str) -> bool:
    """Takes the second factor of one of a city's people away; False when there was none.

    For an administrator whom no colleague can help. Raises AccountError when nobody has the key.
    """
    by.require(Permission.OPERATE)
    with tenant_context(city):
        user = User.objects.filter(pk=account, is_active=True).first()
        if user is None:
            raise accounts.AccountError(_("This account is closed already. Look again."))
        had_one = colleagues.reset_factor_for_city(by=by, user=user, reason=reason)
    note(by=by, city=city, action="city_factor_reset", reason=reason, account=account)
    return had_one


@transaction.atomic
def replace_administrator(
    *, by: Actor, city: City, email: str, reason: str, name: str = "", leaving: int | None = None
) -> Invitation:
    """Closes the account with the key `leaving`, where one is given, and invites a new administrator.

    Raises AccountError when the address is an administrator's, or `leaving` is nobody's.
    """
    by.require(Permission.OPERATE)
    with tenant_context(city):
        old = None
        if leaving is not None:
            active = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True)
            old = active.filter(pk=leaving).first()
            if old is None:
                raise accounts.AccountError(_("This account is closed already. Look again."))
        invitation = accounts.hand_administration(by=by, email=email, name=name, leaving=old)
    note(
        by=by,
        city=city,
        action="administrator_replaced" if old else "administrator_invited",
        reason=reason,
        invitation=invitation.pk,
        account=old.pk if old else None,
    )
    return invitation
