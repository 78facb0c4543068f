"""What an administrator does for a colleague: a lost second factor, sessions, another role."""

from django.db import transaction
from django.utils.translation import gettext as _

from bezpechne.accounts import second_factor, sign_ins
from bezpechne.accounts.actions import (
    AccountError,
    is_last_administrator,
    keeps_people,
    lock_administrators,
)
from bezpechne.accounts.happenings import note, write_to
from bezpechne.accounts.models import User
from bezpechne.accounts.permissions import CITY_ROLES, Permission
from bezpechne.kernel.actors import Actor, ActorKind


def _colleague(by: Actor, user: User) -> None:
    """Nobody does this to themselves: a stolen session would take the second factor away."""
    keeps_people(by)
    if by.kind == ActorKind.STAFF and by.id == user.pk:
        raise AccountError(_("Your own account is kept on the page “Sign-in and security”."))


@transaction.atomic
def reset_factor(*, by: Actor, user: User) -> None:
    """For a colleague who lost phone, passkeys and recovery codes; they are told by letter.

    Raises AccountError for oneself and where there is nothing to take away.
    """
    _colleague(by, user)
    if not second_factor.reset(user=user):
        raise AccountError(_("This person has no second factor."))
    note(by=by, user=user, action="second_factor_reset")
    write_to(user, "factor_reset")


@transaction.atomic
def reset_factor_for_city(*, by: Actor, user: User, reason: str) -> bool:
    """The platform's way, for the last administrator; in the city's schema. False: had none."""
    by.require(Permission.OPERATE)
    had_one = second_factor.reset(user=user)
    note(by=by, user=user, action="second_factor_reset", reason=reason)
    write_to(user, "factor_reset")
    return had_one


@transaction.atomic
def end_sessions(*, by: Actor, user: User) -> int:
    """Signs a colleague out everywhere; how many sessions there were."""
    _colleague(by, user)
    ended = sign_ins.end(user)
    if ended:
        note(by=by, user=user, action="sessions_ended")
        write_to(user, "sessions_ended")
    return ended


@transaction.atomic
def change_role(*, by: Actor, user: User, role: str) -> None:
    """Another role within the city; the person's sessions end. Oneself too, unless the last."""
    keeps_people(by)
    lock_administrators()
    user = User.objects.select_for_update().get(pk=user.pk)
    if role not in CITY_ROLES or not user.is_active:
        raise AccountError(_("This role cannot be given."))
    if role == user.role:
        return
    if is_last_administrator(user):
        raise AccountError(
            _("This is the last administrator. Make a colleague an administrator first.")
        )
    user.role = role
    user.save(update_fields=["role"])
    sign_ins.end(user)
    note(by=by, user=user, action="role_changed", role=role)
    write_to(user, "role_changed")
