"""Users, invitations and the mails about them; these tables exist in every city and in `public`."""

import math
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from bezpechne.accounts.permissions import PERMISSIONS, Permission, Role
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor, ActorKind
from bezpechne.kernel.mail.outbox import OutgoingMail


def factor_due() -> datetime:
    """When a password alone stops being enough for an account that is made now."""
    return clock.now() + timedelta(days=settings.SECOND_FACTOR_DAYS)


class UserManager(BaseUserManager["User"]):
    """Addresses are stored in lower case: people type them both ways."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Without a password the person cannot sign in until an invitation or reset sets one."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A member of staff. Deactivated, never deleted: the history points here."""

    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=16, choices=Role.choices)
    language = models.CharField(max_length=2, default="uk")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now)
    # Until then a password alone signs in to a city; setting up a second factor ends it at once.
    # NULL: made by a server of the release before, which knows no such column.
    factor_due_at = models.DateTimeField(null=True, default=factor_due)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        db_table = "accounts_user"
        constraints = [
            models.UniqueConstraint(fields=["email"], name="accounts_user_email_unique"),
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="accounts_user_email_lower"
            ),
        ]

    def __str__(self) -> str:
        return f"user {self.pk}"

    @property
    def factor_due(self) -> datetime:
        """From when a second factor is needed."""
        return self.factor_due_at or self.created_at + timedelta(days=settings.SECOND_FACTOR_DAYS)

    @property
    def factor_days_left(self) -> int:
        """Whole days, the last one included, on which a password alone still signs in; 0: over."""
        return max(0, math.ceil((self.factor_due - clock.now()) / timedelta(days=1)))

    @property
    def permissions(self) -> frozenset[Permission]:
        """None for a deactivated account."""
        return PERMISSIONS.get(self.role, frozenset()) if self.is_active else frozenset()

    @property
    def actor(self) -> Actor:
        """Who this person is for actions and history."""
        kind = ActorKind.OPERATOR if self.role == Role.OPERATOR else ActorKind.STAFF
        return Actor(kind, self.pk, frozenset(self.permissions))


class Invitation(models.Model):
    """One person invited to one role; a resend raises the version and kills the old link."""

    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=16, choices=Role.choices)
    language = models.CharField(max_length=2, default="uk")
    version = models.PositiveIntegerField(default=1)
    token_hash = models.CharField(max_length=64, blank=True)
    invited_by_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "accounts_invitation"
        constraints = [
            models.UniqueConstraint(
                fields=["token_hash"],
                name="accounts_invitation_token_unique",
                condition=~models.Q(token_hash=""),
            ),
            models.UniqueConstraint(
                fields=["email"],
                name="accounts_invitation_one_open",
                condition=models.Q(accepted_at=None, revoked_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk}"

    @property
    def is_open(self) -> bool:
        """May still be accepted."""
        return (
            self.accepted_at is None and self.revoked_at is None and self.expires_at > clock.now()
        )


class SignIn(models.Model):
    """What a person sees of one of their sessions; swept when the session is over.

    `address` is a network, never a whole address.
    """

    session_key = models.CharField(max_length=40)
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="sign_ins", db_index=False
    )
    agent = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=45, blank=True)
    began_at = models.DateTimeField(default=clock.now)
    seen_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "accounts_sign_in"
        constraints = [
            models.UniqueConstraint(fields=["session_key"], name="accounts_sign_in_session_unique")
        ]
        indexes = [models.Index(fields=["user", "-seen_at"], name="accounts_sign_in_user")]

    def __str__(self) -> str:
        return f"sign-in {self.pk}"


class AccountMail(OutgoingMail):
    """Invitations, password resets, and what happened to an account."""

    class Meta:
        db_table = "accounts_mail"
        constraints = [models.UniqueConstraint(fields=["key"], name="accounts_mail_key_unique")]
