"""`manage.py domain list | add | check | primary | remove | rename-slug`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation

from provisioning.management.failures import BadInputError
from provisioning.provisioning import OPERATOR
from provisioning.renaming import RenamingRefused, rename_slug
from tenants.domains import actions, names, queries
from tenants.domains.timing import expires_at, record_is_lost
from tenants.models import City, Domain


class Command(BaseCommand):
    help = "Lists and changes the host names of cities."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_subparsers(dest="action", required=True)
        listing = what.add_parser("list", help="names of one city, or of all")
        listing.add_argument("slug", nargs="?")
        add = what.add_parser("add", help="a city's own domain; prints the record to set")
        add.add_argument("slug")
        add.add_argument("name")
        for action, told in (
            ("check", "asks DNS for the record now"),
            ("primary", "links of new letters lead there, other names redirect"),
            ("remove", "links with this name stop working"),
        ):
            one = what.add_parser(action, help=told)
            one.add_argument("name")
            if action == "remove":
                one.add_argument("--yes", action="store_true", help="yes, really")
        rename = what.add_parser("rename-slug", help="another subdomain; the old one redirects")
        rename.add_argument("slug")
        rename.add_argument("new_slug")

    def handle(self, *args: Any, **options: Any) -> None:
        # The messages of the actions in the language of this command's own.
        with translation.override("en"):
            try:
                getattr(self, f"_{options['action'].replace('-', '_')}")(options)
            except (names.NameRefused, actions.DomainRefused, RenamingRefused) as refusal:
                raise BadInputError(str(refusal)) from refusal

    def _list(self, options: dict[str, Any]) -> None:
        if options["slug"]:
            rows = queries.domains_of(_city(options["slug"]))
        else:
            found = Domain.objects.select_related("tenant").defer("tenant__outline")
            rows = list(found.order_by("tenant__slug", "-is_primary", "domain"))
        for domain in rows:
            self._line(domain)

    def _add(self, options: dict[str, Any]) -> None:
        city = _city(options["slug"])
        domain = actions.add(by=OPERATOR, city=city, name=options["name"])
        self._line(domain)
        self._record(domain)

    def _check(self, options: dict[str, Any]) -> None:
        domain = actions.check(by=OPERATOR, domain=_domain(options["name"]))
        self._line(domain)
        if domain.check_error:
            self._record(domain)

    def _primary(self, options: dict[str, Any]) -> None:
        self._line(actions.make_primary(by=OPERATOR, domain=_domain(options["name"])))

    def _remove(self, options: dict[str, Any]) -> None:
        domain = _domain(options["name"])
        if not options["yes"]:
            raise BadInputError(
                f"Links with {domain.domain} in letters stop working. Repeat with --yes."
            )
        actions.remove(by=OPERATOR, domain=domain)
        self.stdout.write(f"{domain.domain} is removed.")

    def _rename_slug(self, options: dict[str, Any]) -> None:
        city = rename_slug(by=OPERATOR, city=_city(options["slug"]), slug=options["new_slug"])
        for domain in queries.domains_of(city):
            self._line(domain)

    def _line(self, domain: Domain) -> None:
        if domain.verified_at is None:
            state = f"waits for its record until {expires_at(domain):%Y-%m-%d}"
        elif record_is_lost(domain):
            state = "record is gone"
        else:
            state = "primary" if domain.is_primary else "redirects"
        problem = f" ({domain.check_error})" if domain.check_error else ""
        self.stdout.write(f"{names.display(domain.domain):<40} {state}{problem}")

    def _record(self, domain: Domain) -> None:
        self.stdout.write(f"TXT  {names.record_name(domain.domain)}  {domain.token}")


def _city(slug: str) -> City:
    city = City.objects.filter(slug=slug).first()
    if city is None:
        raise BadInputError(f"No city has the slug {slug!r}. See `city list`.")
    return city


def _domain(name: str) -> Domain:
    """By its name in any writing."""
    host = name.strip().lower().removesuffix(".")
    rows = Domain.objects.select_related("tenant")
    domain = rows.filter(domain=host).first() or rows.filter(domain=_ascii(host)).first()
    if domain is None:
        raise BadInputError(f"No city has the domain {name!r}. See `domain list`.")
    return domain


def _ascii(host: str) -> str:
    try:
        return names.clean(host)
    except names.NameRefused:
        return host
