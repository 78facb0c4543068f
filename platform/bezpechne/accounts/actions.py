"""Inviting, accepting, resetting, deactivating: the only writers of accounts."""

from datetime import timedelta

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from bezpechne.accounts import sign_ins
from bezpechne.accounts.happenings import MAIL_JOB as MAIL_JOB
from bezpechne.accounts.happenings import write_to
from bezpechne.accounts.models import AccountMail, Invitation, User, factor_due
from bezpechne.accounts.permissions import Permission, Role
from bezpechne.kernel import clock, throttle, tokens
from bezpechne.kernel.actors import Actor, ActorKind
from bezpechne.kernel.audit.models import record
from bezpechne.kernel.mail import outbox
from bezpechne.kernel.schema import PUBLIC, current_schema

INVITATION_DAYS = 7


class AccountError(ValueError):
    """A request that cannot be carried out; the text is shown to the person."""


class ResetTokens(PasswordResetTokenGenerator):
    """Reset links that die with the password, with use, in a day, and outside their schema."""

    key_salt = "bezpechne.accounts.reset"

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{current_schema()}\x00{super()._make_hash_value(user, timestamp)}"


reset_tokens = ResetTokens()


def _note(by: Actor, subject: User | Invitation, action: str, **new: str) -> None:
    """History exists in cities; the platform's own people have none yet."""
    if current_schema() != PUBLIC:
        record(by=by, subject=subject, action=action, new=new)


def keeps_people(by: Actor) -> None:
    """Accounts are the city's own: who acts for its administrator would leave a back door."""
    by.require(Permission.ADMINISTER)
    if by.acting is not None:
        raise AccountError(
            _(
                "Accounts are not changed while acting as administrator. "
                "The console replaces an administrator who is gone."
            )
        )


def _mail_invitation(invitation: Invitation) -> None:
    outbox.post(
        AccountMail,
        MAIL_JOB,
        kind="invitation",
        key=f"invitation:{invitation.pk}:{invitation.version}",
        subject_id=invitation.pk,
        version=invitation.version,
        language=invitation.language,
    )


def invite(*, by: Actor, email: str, role: str, name: str = "", language: str = "uk") -> Invitation:
    """Invites a person; an open invitation of the same address is replaced.

    Raises AccountError when the address already belongs to an active account.
    """
    keeps_people(by)
    email = email.strip().lower()
    if User.objects.filter(email=email, is_active=True).exists():
        raise AccountError(_("This address already has an account here."))
    try:
        with transaction.atomic():
            return _invite(by, email, role, name.strip(), language)
    except IntegrityError as error:
        # The second of two clicks arrived while the first was being stored.
        raise AccountError(_("This address has just been invited.")) from error


def _invite(by: Actor, email: str, role: str, name: str, language: str) -> Invitation:
    Invitation.objects.filter(email__iexact=email, accepted_at=None, revoked_at=None).update(
        revoked_at=clock.now()
    )
    invitation = Invitation.objects.create(
        email=email,
        name=name,
        role=role,
        language=language,
        invited_by_id=by.id,
        expires_at=clock.now() + timedelta(days=INVITATION_DAYS),
    )
    _stamp(invitation)
    _mail_invitation(invitation)
    _note(by, invitation, "invited", role=role)
    return invitation


def reserve(*, by: Actor, email: str, role: str, name: str = "", language: str = "uk") -> User:
    """A closed account for a person who is invited next: what is granted to them can name its key.

    Accepting the invitation opens it. Raises AccountError when the address has an active account.
    """
    keeps_people(by)
    email = email.strip().lower()
    try:
        with transaction.atomic():
            user = User.objects.select_for_update().filter(email=email).first()
            if user is None:
                user = User(email=email, is_active=False)
                user.set_unusable_password()
            elif user.is_active:
                raise AccountError(_("This address already has an account here."))
            user.name, user.role, user.language = name.strip() or user.name, role, language
            user.save()
    except IntegrityError as error:
        raise AccountError(_("This address has just been invited.")) from error
    return user


def _stamp(invitation: Invitation) -> None:
    token = tokens.make("invitation", invitation.pk, invitation.version)
    invitation.token_hash = tokens.hashed(token)
    invitation.save()


@transaction.atomic
def resend_invitation(*, by: Actor, invitation: Invitation) -> None:
    """A fresh link and term; the link sent before stops working."""
    keeps_people(by)
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if invitation.accepted_at or invitation.revoked_at:
        raise AccountError(_("This invitation is no longer open."))
    invitation.version += 1
    invitation.expires_at = clock.now() + timedelta(days=INVITATION_DAYS)
    _stamp(invitation)
    _mail_invitation(invitation)
    _note(by, invitation, "invited_again", role=invitation.role)


@transaction.atomic
def revoke_invitation(*, by: Actor, invitation: Invitation) -> None:
    """Kills the link."""
    keeps_people(by)
    still_open = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
    if still_open.update(revoked_at=clock.now()):
        _note(by, invitation, "invitation_revoked")


def invitation_for(token: str) -> Invitation | None:
    """The open invitation behind a link, or None."""
    invitation = Invitation.objects.filter(token_hash=tokens.hashed(token)).first()
    return invitation if invitation and invitation.is_open else None


@transaction.atomic
def accept_invitation(*, invitation: Invitation, name: str, password: str) -> User:
    """Makes the account, or wakes the deactivated one with its history."""
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if not invitation.is_open:
        raise AccountError(_("This invitation is no longer open."))
    user = User.objects.filter(email=invitation.email).first() or User(email=invitation.email)
    user.name, user.role, user.is_active = name.strip(), invitation.role, True
    user.language = invitation.language
    if user.pk is None or user.last_login is None:
        user.factor_due_at = factor_due()
    user.set_password(password)
    user.save()
    sign_ins.end(user)
    invitation.accepted_at = clock.now()
    invitation.save(update_fields=["accepted_at"])
    _note(Actor(ActorKind.STAFF, user.pk), user, "invitation_accepted", role=user.role)
    return user


@transaction.atomic
def request_reset(*, email: str, visitor: str) -> None:
    """Mails a reset link when the address has an account; says nothing either way.

    The same rows are written for an unknown address, so that the time of the answer tells nothing;
    its row is dropped when its turn comes.
    """
    hour = timedelta(hours=1)
    email = email.strip().lower()
    if not throttle.allow("reset_visitor", visitor, limit=10, window=hour):
        return
    if not throttle.allow("reset", email, limit=3, window=hour):
        return
    user = User.objects.filter(email=email, is_active=True).first()
    outbox.post(
        AccountMail,
        MAIL_JOB,
        kind="reset",
        key=f"reset:{user.pk if user else 0}:{clock.now().timestamp():.6f}",
        subject_id=user.pk if user else 0,
        recipient_id=user.pk if user else None,
        language=user.language if user else "uk",
    )


@transaction.atomic
def set_password(*, user: User, password: str) -> None:
    """Every session of the person ends: all of them are tied to the password."""
    user.set_password(password)
    user.save(update_fields=["password"])
    sign_ins.end(user)
    _note(user.actor, user, "password_changed")
    write_to(user, "password_changed")


def lock_administrators() -> None:
    """Locked together: two administrators removing each other must not both succeed."""
    list(User.objects.select_for_update().filter(role=Role.ADMINISTRATOR, is_active=True))


def is_last_administrator(user: User) -> bool:
    """Whether nobody else administers the city; call it with the administrators' rows locked."""
    others = User.objects.filter(Q(role=Role.ADMINISTRATOR, is_active=True) & ~Q(pk=user.pk))
    return user.role == Role.ADMINISTRATOR and not others.exists()


@transaction.atomic
def deactivate(*, by: Actor, user: User) -> None:
    """Ends a person's access and sessions; what they did stays under their name."""
    keeps_people(by)
    lock_administrators()
    user = User.objects.get(pk=user.pk)
    if is_last_administrator(user):
        raise AccountError(
            _("This is the last administrator. Invite another one first, then deactivate.")
        )
    user.is_active = False
    user.save(update_fields=["is_active"])
    sign_ins.end(user)
    _note(by, user, "deactivated")


@transaction.atomic
def hand_administration(*, by: Actor, email: str, name: str, leaving: User | None) -> Invitation:
    """For the platform: invites an administrator and closes the account of the one who is gone.

    Here the last one may go, and invitations of other administrators die. A moderator may be
    invited; accepting gives the role. Raises AccountError when the address is an administrator's.
    """
    by.require(Permission.OPERATE)
    list(User.objects.select_for_update().filter(role=Role.ADMINISTRATOR, is_active=True))
    if leaving is not None:
        User.objects.filter(pk=leaving.pk).update(is_active=False)
        _note(by, leaving, "deactivated")
    email = email.strip().lower()
    if User.objects.filter(email=email, role=Role.ADMINISTRATOR, is_active=True).exists():
        raise AccountError(_("This address is an administrator of the city already."))
    open_ones = Invitation.objects.filter(accepted_at=None, revoked_at=None)
    for invitation in open_ones.filter(role=Role.ADMINISTRATOR).exclude(email=email):
        invitation.revoked_at = clock.now()
        invitation.save(update_fields=["revoked_at"])
        _note(by, invitation, "invitation_revoked")
    return _invite(by, email, Role.ADMINISTRATOR, name.strip(), "uk")


@transaction.atomic
def reactivate(*, by: Actor, user: User) -> None:
    """Gives access back with the same role."""
    keeps_people(by)
    User.objects.filter(pk=user.pk).update(is_active=True)
    # An invitation made meanwhile would change the role of the account that is open again.
    Invitation.objects.filter(email=user.email, accepted_at=None, revoked_at=None).update(
        revoked_at=clock.now()
    )
    _note(by, user, "reactivated")
