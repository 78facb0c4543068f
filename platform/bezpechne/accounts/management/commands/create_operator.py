"""`manage.py create_operator EMAIL`: the platform's own people."""

import getpass
import os
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from bezpechne.accounts.models import User
from bezpechne.accounts.permissions import PLATFORM_ROLES, Role
from bezpechne.kernel.schema import PUBLIC, in_schema


class Command(BaseCommand):
    help = "Creates an account on the platform's host, or renews its password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="")
        parser.add_argument("--role", choices=list(PLATFORM_ROLES), default=Role.OPERATOR)

    def handle(self, *args: Any, **options: Any) -> None:
        password = os.environ.get("OPERATOR_PASSWORD") or self._ask()
        email = options["email"].strip().lower()
        user = User(email=email, name=options["name"] or email.split("@")[0])
        try:
            validate_email(email)
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages), returncode=2) from error
        with in_schema(PUBLIC):
            user = User.objects.filter(email=email).first() or user
            user.role, user.is_active = options["role"], True
            user.set_password(password)
            user.save()
        self.stdout.write(f"{email} may sign in as {options['role']}.")

    def _ask(self) -> str:
        if not sys.stdin.isatty():
            raise CommandError("Put the password into OPERATOR_PASSWORD.", returncode=2)
        return getpass.getpass("Password: ")
