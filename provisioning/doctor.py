"""Examines the fleet: every city has its schema, its domain and the tables of this release."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.conf import settings
from django.db import connection

from bezpechne.kernel import clock
from bezpechne.kernel.doctor import Check, Finding, database, error, machine, ok, warning
from provisioning.models import ProvisioningRun, SchemaScript, SpareSchema
from provisioning.schemas.stock import SPARE_PREFIX, TEMPLATE, template_is_current
from tenants.figures import versions_behind
from tenants.models import City, Domain
from tenants.versions import code_version

_MOST_NAMES = 10


def _named(names: Iterable[str]) -> str:
    """A few names and how many more."""
    found = sorted(names)
    more = f" and {len(found) - _MOST_NAMES} more" if len(found) > _MOST_NAMES else ""
    return ", ".join(found[:_MOST_NAMES]) + more


def look_at_versions() -> Iterator[Finding]:
    """Cities that this release refuses to serve, or nearly so."""
    behind = City.objects.filter(schema_version__in=versions_behind())
    late = set(behind.values_list("slug", flat=True))
    if late:
        yield error(
            f"{len(late)} cities are behind this release and answer 503: {_named(late)}.",
            "Run `manage.py migrate_cities`.",
        )
    failed = set(City.objects.exclude(migration_error="").values_list("slug", flat=True))
    if failed:
        yield error(
            f"The last migration of {len(failed)} cities failed: {_named(failed)}.",
            "Read the reason in the console, then run `manage.py migrate_cities` again.",
        )
    if not late | failed:
        yield ok(f"{City.objects.count()} cities, all at this release's version.")


def look_at_stock() -> Iterator[Finding]:
    """What a new city is made from."""
    if not template_is_current():
        yield warning(
            "The template schema is not of this release; the next city takes seconds longer.",
            "`manage.py migrate_cities` renews it.",
        )
    elif not SchemaScript.objects.filter(pk=code_version().fingerprint).exists():
        yield warning("There is no script of this release yet.", "A worker makes it in 2 minutes.")
    ready = SpareSchema.objects.filter(fingerprint=code_version().fingerprint).count()
    if ready < settings.SPARE_SCHEMAS:
        yield warning(
            f"{ready} of {settings.SPARE_SCHEMAS} spare schemas are ready.",
            "A running worker fills the stock every two minutes.",
        )
    else:
        yield ok(f"{ready} spare schemas are ready.")
    abandoned = ProvisioningRun.objects.filter(
        finished_at=None, error="", started_at__lt=clock.now() - timedelta(hours=1)
    )
    slugs = set(abandoned.values_list("slug", flat=True))
    if slugs:
        yield warning(
            f"Provisioning was cut short: {_named(slugs)}.",
            "Nothing was left behind; repeat `manage.py provision_city`.",
        )


def look_at_domains() -> Iterator[Finding]:
    """Links in letters are made for the primary domain."""
    primary = Domain.objects.filter(is_primary=True)
    without = set(
        City.objects.exclude(pk__in=primary.values("tenant_id")).values_list("slug", flat=True)
    )
    if without:
        yield error(
            f"Cities without a primary domain, whose letters cannot be sent: {_named(without)}.",
            "Choose one of the city's domains as primary in the console.",
        )
    unproven = set(primary.filter(verified_at=None).values_list("domain", flat=True))
    if unproven:
        yield error(
            f"Primary domains whose owner is not proven, so not served: {_named(unproven)}.",
            "Finish the check of the domain, or make the city's subdomain primary.",
        )
    if not without | unproven:
        yield ok("Every city has a primary domain.")


def look_at_schemas() -> Iterator[Finding]:
    """Rows without a schema and schemas without a row, of cities and of spares."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'city\\_%%' OR nspname LIKE %s",
            [SPARE_PREFIX.replace("_", "\\_") + "%"],
        )
        present = {row[0] for row in cursor.fetchall()} - {TEMPLATE}
        cursor.execute("SELECT nspname FROM pg_namespace")
        every = {row[0] for row in cursor.fetchall()}
    cities = set(City.objects.values_list("schema_name", flat=True))
    spares = set(SpareSchema.objects.values_list("schema_name", flat=True))
    lost = cities - every
    if lost:
        yield error(
            f"Cities whose schema is gone: {_named(lost)}.",
            "Restore them from an export (`manage.py city restore`) or a backup (deploy/backup.md).",
        )
    orphans = present - cities - spares
    if orphans:
        yield warning(
            f"Schemas that belong to no city: {_named(orphans)}.",
            "Look inside; export what matters, then DROP SCHEMA … CASCADE.",
        )
    empty = spares - every
    if empty:
        yield error(
            f"Spare schemas that are gone: {_named(empty)}.",
            "Delete their rows from provisioning_spare_schema; the worker makes new ones.",
        )
    if not lost | orphans | empty:
        yield ok("Every city has its schema, every schema its city.")


CHECKS = (
    *machine.CHECKS,
    *database.CHECKS,
    Check("versions", look_at_versions),
    Check("stock", look_at_stock),
    Check("domains", look_at_domains),
    Check("schemas", look_at_schemas),
)
