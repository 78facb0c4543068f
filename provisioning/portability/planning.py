"""What an archive would become on this installation, or why it cannot; changes nothing."""

import re
from dataclasses import dataclass, field

from django.conf import settings

from provisioning.portability import links, rows
from provisioning.portability.manifest import Manifest
from provisioning.portability.refusals import ArchiveRefused, RestoreRefused
from provisioning.provisioning import RESERVED
from provisioning.schemas.stock import TEMPLATE, schema_exists
from tenants.models import SLUG_PATTERN, City, Domain
from tenants.states import CityState
from tenants.versions import Migrations, Version, code_version

_SCHEMA = re.compile(r"city_[a-z0-9_]{1,58}")
# What an operator may choose instead of the state that the city had.
STATES = (CityState.DRAFT, CityState.SUSPENDED)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`number` is the primary key that the city gets again, or None for a new one."""

    city: City
    schema: str
    number: int | None
    version: Version
    # Sent links go on working.
    same_links: bool
    # It lived here before: its journal is here already.
    same_place: bool
    warnings: list[str] = field(default_factory=list)

    @property
    def is_older(self) -> bool:
        return self.version != code_version()


def make_plan(manifest: Manifest, *, slug: str = "", state: str = "") -> Plan:
    """Raises RestoreRefused or ArchiveRefused with a sentence."""
    version = _version(manifest)
    warnings: list[str] = []
    city = City()
    unknown = rows.fill(city, manifest.city)
    if unknown:
        warnings.append(f"Settings that this release does not know: {', '.join(unknown)}.")
    city.slug = slug or city.slug
    _refuse_slug(city)
    _refuse_hromada(city)
    schema = _schema(manifest.schema, city.slug)
    number = manifest.city.get("id")
    same_place = rows.same_installation(number, manifest.slug)
    _set_state(city, state)
    city.schema_name, city.schema_version = schema, code_version().fingerprint
    # Both were said about the city that this one was: a deletion needs an export of its own.
    city.exported_at, city.export_sha256, city.deletion_on = None, "", None
    city.migration_error = ""
    if manifest.files.missing:
        warnings.append(f"{len(manifest.files.missing)} files were missing when it was exported.")
    free = type(number) is int and same_place and not City.objects.filter(pk=number).exists()
    return Plan(
        city=city,
        schema=schema,
        number=number if free else None,
        version=version,
        same_links=schema == manifest.schema and manifest.key_check == links.key_check(),
        same_place=same_place,
        warnings=warnings,
    )


def _version(manifest: Manifest) -> Version:
    migrations: Migrations = frozenset((app, name) for app, name in manifest.migrations)
    version = Version.of(migrations)
    if version.fingerprint != manifest.fingerprint:
        raise ArchiveRefused("The archive's migrations are not those of its fingerprint.")
    unknown = sorted(migrations - code_version().migrations)
    if unknown:
        names = ", ".join(f"{app}.{name}" for app, name in unknown[:3])
        raise RestoreRefused(
            f"The archive was made by a newer release: {manifest.release[:40]} of the product"
            f" {manifest.product[:40]}. This one does not know its migrations ({names}"
            f"{' and more' if len(unknown) > 3 else ''}). Restore it with that release or later."
        )
    return version


def _refuse_slug(city: City) -> None:
    slug = city.slug
    if slug in RESERVED:
        raise RestoreRefused(f"The slug “{slug}” is kept for the platform. Give another --slug.")
    if len(slug) > 40 or not re.fullmatch(SLUG_PATTERN, slug):
        raise RestoreRefused(
            f"“{slug[:60]}” cannot be a slug: small Latin letters, digits and single hyphens,"
            " at most 40, a letter first."
        )
    taken = City.objects.filter(slug=slug).first()
    if taken:
        raise RestoreRefused(
            f"The slug “{slug}” is taken by {taken.name_uk}. Give another with --slug."
        )
    host = f"{slug}.{settings.BASE_HOST}"
    domain = Domain.objects.select_related("tenant").filter(domain=host).first()
    if domain:
        raise RestoreRefused(
            f"The address {host} belongs to {domain.tenant.slug}. Give another slug with --slug."
        )


def _refuse_hromada(city: City) -> None:
    living = City.objects.filter(katottg=city.katottg).first()
    if living:
        raise RestoreRefused(
            f"{living.name_uk} is on this platform already as “{living.slug}” ({living.state})."
            " One hromada has one city: restore it on another installation, or delete that city."
        )


def _schema(wanted: str, slug: str) -> str:
    """The name that it had, because links in letters hold it; else a free one."""
    plain = f"city_{slug.replace('-', '_')}"
    names = [wanted] if _SCHEMA.fullmatch(wanted) and wanted != TEMPLATE else []
    for name in [*names, plain, *(f"{plain}_{number}" for number in range(2, 100))]:
        if not schema_exists(name) and not City.objects.filter(schema_name=name).exists():
            return name
    raise RestoreRefused(f"No free name for the schema of “{slug}”.")


def _set_state(city: City, state: str) -> None:
    if not state:
        return
    if state not in STATES:
        raise RestoreRefused(f"A city is restored as it was, or as {' or '.join(STATES)}.")
    if state == CityState.SUSPENDED and city.state != CityState.SUSPENDED:
        running = city.state in {CityState.TRIAL, CityState.ACTIVE}
        city.resume_state = city.state if running else CityState.ACTIVE
    city.state = state
    city.archived_at = None
