"""`manage.py reset_second_factor EMAIL`: for somebody who lost phone and recovery codes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from bezpechne.accounts import second_factor
from bezpechne.accounts.models import User
from bezpechne.kernel.schema import PUBLIC, in_schema
from provisioning.journal import note
from provisioning.management.failures import BadInputError
from provisioning.provisioning import OPERATOR


class Command(BaseCommand):
    help = "Takes the second factor of one of the platform's people away; they set a new one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        with in_schema(PUBLIC), transaction.atomic():
            user = User.objects.filter(email=email).first()
            if user is None:
                raise BadInputError("Nobody of the platform has this address.")
            had_one = second_factor.reset(user=user)
            note(by=OPERATOR, action="second_factor_reset", account=user.pk)
        said = "The second factor is taken away." if had_one else "There was no second factor."
        self.stdout.write(
            f"{said} Every session of the account is ended. "
            "The next sign-in sets up a new authenticator app: let the person do it at once."
        )
