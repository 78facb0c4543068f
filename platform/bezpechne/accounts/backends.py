"""Sign-in by e-mail and password within the schema in force."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from bezpechne.accounts.models import User


class EmailBackend:
    """Only what sessions need; Django's ModelBackend brings its permission tables along."""

    def authenticate(
        self, request: HttpRequest | None, email: str = "", password: str = "", **_: Any
    ) -> AbstractBaseUser | None:
        """The active user, or None. A missing account costs the same time as a wrong password."""
        user = User.objects.filter(email=email.strip().lower()).first()
        if user is None:
            User().set_password(password)
            return None
        return user if user.check_password(password) and user.is_active else None

    def get_user(self, user_id: int) -> User | None:
        """Called for each request with a session; deactivation ends it at once."""
        return User.objects.filter(pk=user_id, is_active=True).first()
