"""`manage.py reset_second_factor EMAIL`: for somebody who lost phone and recovery codes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from bezpechne.accounts import second_factor
from bezpechne.accounts.happenings import write_to
from bezpechne.accounts.models import User
from bezpechne.kernel.schema import PUBLIC, in_schema
from provisioning.administrators.actions import reset_factor
from provisioning.journal import note
from provisioning.management.failures import BadInputError
from provisioning.provisioning import OPERATOR
from tenants.models import City


class Command(BaseCommand):
    help = (
        "Takes the second factor of one of the platform's people away, or with --city of that "
        "city's staff; they set a new one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--city", default="", help="slug of the city whose staff it is")
        parser.add_argument("--reason", default="", help="who asked; the city reads it")

    def handle(self, *args: Any, **options: Any) -> None:
        email, slug = options["email"].strip().lower(), options["city"]
        reset = _in_city(slug, email, options["reason"]) if slug else _on_platform(email)
        said = "The second factor is taken away." if reset else "There was no second factor."
        self.stdout.write(
            f"{said} Every session of the account is ended. "
            "The next sign-in sets up a new authenticator app: let the person do it at once."
        )


def _on_platform(email: str) -> bool:
    with in_schema(PUBLIC), transaction.atomic():
        user = User.objects.filter(email=email).first()
        if user is None:
            raise BadInputError("Nobody of the platform has this address.")
        had_one = second_factor.reset(user=user)
        note(by=OPERATOR, action="second_factor_reset", account=user.pk)
        write_to(user, "factor_reset")
    return had_one


def _in_city(slug: str, email: str, reason: str) -> bool:
    city = City.objects.filter(slug=slug).first()
    if city is None:
        raise BadInputError("There is no city with this slug.")
    with in_schema(city.schema_name):
        user = User.objects.filter(email=email).first()
    if user is None:
        raise BadInputError("Nobody of this city has this address.")
    return reset_factor(by=OPERATOR, city=city, account=user.pk, reason=reason or "manage.py")
