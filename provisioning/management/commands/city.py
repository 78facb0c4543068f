"""`manage.py city …`: a city's life from the command line."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation

from provisioning.life import CityChangeRefused
from provisioning.management.failures import BadInputError
from provisioning.management.subcommands import LIFE, Subcommand
from provisioning.portability import commands as portability
from tenants.models import City

TABLES: tuple[dict[str, Subcommand], ...] = (LIFE,)


class Command(BaseCommand):
    help = "Lists cities, and takes one through its life."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        for table in TABLES:
            for name, subcommand in table.items():
                own = actions.add_parser(name, help=subcommand.help)
                if subcommand.takes_slug:
                    own.add_argument("slug")
                subcommand.arguments(own)
        portability.add_parsers(actions)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] in portability.ACTIONS:
            portability.run(self, options)
            return
        rows = {name: row for table in TABLES for name, row in table.items()}
        subcommand = rows[options["action"]]
        city = self._city(options["slug"]) if subcommand.takes_slug else None
        try:
            with translation.override("en"):
                subcommand.run(self, city, options)
        except CityChangeRefused as refusal:
            raise BadInputError(str(refusal)) from refusal

    def _city(self, slug: str) -> City:
        city = City.objects.filter(slug=slug).first()
        if city is None:
            raise BadInputError(f"No city has the slug {slug!r}. See `city list`.")
        return city
