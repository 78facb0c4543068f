"""`manage.py provision_city NAME_OR_CODE --admin-email …`: a city from its name."""

import json
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandParser
from django.core.validators import validate_email
from django.utils import translation

from provisioning.gazetteer.loading import load_gazetteer
from provisioning.gazetteer.matching import Match, find
from provisioning.gazetteer.places import Place, read_places
from provisioning.management.failures import BadInputError
from provisioning.models import Hromada
from provisioning.provisioning import ProvisioningRefused, Request, Result, provision


def iso_date(text: str) -> date:
    """For argparse: a date as 2026-12-31."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInputError(f"{text!r} is not a date. Write it as 2026-12-31.") from error


def describe(place: Place) -> str:
    """One line that tells places of one name apart."""
    where = " · ".join(
        part
        for part in (
            f"{place.oblast_uk} область" if place.kind == "H" else "",
            f"{place.raion_uk} район" if place.raion_uk else "",
        )
        if part
    )
    return f"{place.code}  {place.centre_uk}  {where}"


class Command(BaseCommand):
    help = "Creates a city from its name or KATOTTG code; may be repeated."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME_OR_CODE", help="«Полтава» or UA5308037…")
        parser.add_argument("--admin-email", required=True, help="who is invited to administer it")
        parser.add_argument("--oblast", help="tells places of one name apart")
        parser.add_argument("--slug", default="", help="the name in the address")
        parser.add_argument("--launch-on", type=iso_date, help="opens on this day; else at once")
        parser.add_argument(
            "--template", default="", metavar="CODE", help="what it starts with; else what fits"
        )
        parser.add_argument("--json", action="store_true", help="the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            validate_email(options["admin_email"])
        except ValidationError as error:
            raise BadInputError(f"{options['admin_email']!r} is not an e-mail address.") from error
        place = self._one(find(options["name"], read_places(), options["oblast"]), options["name"])
        quiet = options["json"]
        request = Request(
            hromada=hromada_of(place),
            admin_email=options["admin_email"],
            slug=options["slug"],
            launch_on=options["launch_on"],
            template=options["template"],
        )
        try:
            with translation.override("en"):
                result = provision(
                    request, (lambda name, seconds: None) if quiet else self._progress
                )
        except (ProvisioningRefused, ValidationError) as refusal:
            raise BadInputError(" ".join(getattr(refusal, "messages", [str(refusal)]))) from refusal
        self._report(result, as_json=quiet)

    def _one(self, match: Match, name: str) -> Place:
        """Exactly one, or exit code 2 with a list; never a guess."""
        if len(match.exact) == 1:
            return match.exact[0]
        lines = [describe(place) for place in match.exact or match.nearest]
        if match.exact:
            head = (
                f"“{name}” names {len(lines)} hromadas. Repeat with one of the codes, or --oblast:"
            )
        elif lines:
            head = f"No hromada is called “{name}”. Nearest names:"
        else:
            head = f"No hromada is called “{name}”."
        raise BadInputError("\n".join([head, *lines]))

    def _progress(self, name: str, seconds: float) -> None:
        self.stdout.write(f"  {name:<14} {seconds * 1000:7.0f} ms")

    def _report(self, result: Result, *, as_json: bool) -> None:
        city = result.city
        if as_json:
            data = {
                "slug": city.slug,
                "katottg": city.katottg,
                "url": result.url,
                "created": result.created,
                "centre_placed": city.centre is not None,
                "launch_on": city.launch_on.isoformat() if city.launch_on else None,
                "steps_ms": {name: round(took * 1000, 1) for name, took in result.steps.items()},
            }
            self.stdout.write(json.dumps(data, ensure_ascii=False))
            return
        if result.created:
            self.stdout.write(f"  {'total':<14} {sum(result.steps.values()) * 1000:7.0f} ms")
            self.stdout.write(f"{city.name_uk}: {result.url}")
        else:
            self.stdout.write(f"{city.name_uk} exists already: {result.url}")
        if city.centre is None:
            self.stdout.write("No trusted point is known: place the centre before launch.")


def hromada_of(place: Place) -> Hromada:
    """The database's row; loads the gazetteer when this installation has none yet."""
    if not Hromada.objects.filter(pk=place.code).exists():
        load_gazetteer()
    return Hromada.objects.get(pk=place.code)
