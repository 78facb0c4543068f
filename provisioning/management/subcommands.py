"""What `manage.py city` can do: one row of a table for each subcommand.

A module that adds some writes a table like `LIFE` and joins it to `city.TABLES`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from provisioning import life
from provisioning.management.commands.provision_city import iso_date
from provisioning.provisioning import OPERATOR
from tenants.current import primary_domain
from tenants.models import City
from tenants.states import CityState

Options = dict[str, Any]


def _no_arguments(parser: CommandParser) -> None:
    """A subcommand with the slug alone."""


@dataclass(frozen=True)
class Subcommand:
    """`run` gets the city of the slug, or None where the subcommand takes no slug.

    It raises `life.CityChangeRefused` or `BadInputError`: both exit with 2.
    """

    help: str
    run: Callable[[BaseCommand, City | None, Options], None]
    arguments: Callable[[CommandParser], object] = _no_arguments
    takes_slug: bool = True


def line_of(city: City, url: str) -> str:
    """One line for a person: slug, state with its date, whether it is open, address."""
    dates = {
        CityState.TRIAL: f"until {city.trial_ends_on}",
        CityState.ARCHIVED: f"deletion from {city.deletion_on}" if city.deletion_on else "",
    }
    state = f"{city.state} {dates.get(CityState(city.state), '')}".strip()
    if city.launched:
        opens = "open"
    elif city.is_listed:
        opens = f"opens {city.launch_on}"
    else:
        opens = "closed" if city.is_closed else "curtain"
    centre = "" if city.centre else "  place the centre"
    return f"{city.slug:<24} {state:<32} {opens:<16} {url}{centre}"


def _list(command: BaseCommand, city: City | None, options: Options) -> None:
    rows = list(City.objects.defer("outline").prefetch_related("domains").order_by("slug"))
    for row in rows:
        primary = next((domain.url for domain in row.domains.all() if domain.is_primary), "")
        command.stdout.write(line_of(row, primary))
    if not rows:
        command.stdout.write("No cities yet. Create one with provision_city.")


def step(
    help_text: str,
    act: Callable[[City, Options], City],
    arguments: Callable[[CommandParser], object] = _no_arguments,
) -> Subcommand:
    """A subcommand that changes one city and shows its line afterwards."""

    def run(command: BaseCommand, city: City | None, options: Options) -> None:
        assert city is not None  # noqa: S101 - takes_slug
        changed = act(city, options)
        command.stdout.write(line_of(changed, primary_domain(changed).url))

    return Subcommand(help_text, run, arguments)


def _until(parser: CommandParser) -> None:
    parser.add_argument("--until", type=iso_date, required=True, help="its last day")


def _on(parser: CommandParser) -> None:
    parser.add_argument("--on", type=iso_date, help="on this day; at once without it")


def _reason(parser: CommandParser) -> None:
    parser.add_argument("--reason", required=True, help="residents read it")


def _note(parser: CommandParser) -> None:
    parser.add_argument("--reason", default="", help="for the journal")


def _name(parser: CommandParser) -> None:
    parser.add_argument(
        "--yes-delete", metavar="NAME", required=True, help="the city's Ukrainian name"
    )


LIFE: dict[str, Subcommand] = {
    "list": Subcommand("all cities", _list, takes_slug=False),
    "launch": step(
        "sets the day on which a city opens",
        lambda city, options: life.launch(by=OPERATOR, city=city, on=options["on"]),
        _on,
    ),
    "trial": step(
        "starts a trial",
        lambda city, options: life.start_trial(by=OPERATOR, city=city, until=options["until"]),
        _until,
    ),
    "extend": step(
        "moves the last day of a trial",
        lambda city, options: life.extend(by=OPERATOR, city=city, until=options["until"]),
        _until,
    ),
    "activate": step(
        "works without an end", lambda city, options: life.activate(by=OPERATOR, city=city)
    ),
    "suspend": step(
        "readable, no new questions",
        lambda city, options: life.suspend(by=OPERATOR, city=city, reason=options["reason"]),
        _reason,
    ),
    "resume": step(
        "takes questions again", lambda city, options: life.resume(by=OPERATOR, city=city)
    ),
    "archive": step(
        "closes the site, keeps everything",
        lambda city, options: life.archive(by=OPERATOR, city=city, reason=options["reason"]),
        _note,
    ),
    "unarchive": step(
        "back to a suspended city or a draft",
        lambda city, options: life.unarchive(by=OPERATOR, city=city),
    ),
    "schedule-delete": step(
        "starts the waiting time of an exported archived city",
        lambda city, options: life.schedule_deletion(by=OPERATOR, city=city),
    ),
    "cancel-delete": step(
        "takes the deletion back",
        lambda city, options: life.cancel_deletion(by=OPERATOR, city=city),
    ),
    "delete": step(
        "for good, after the waiting time; the worker removes files and tables",
        lambda city, options: life.delete(by=OPERATOR, city=city, name=options["yes_delete"]),
        _name,
    ),
}
