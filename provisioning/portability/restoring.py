"""A city out of one file, here or on another installation.

Files are put back first, the rest is one transaction. A crash before it leaves files that no row
names and that the next run finds; a crash in it leaves nothing. The other way round a city would be
open while its photos are not there yet.
"""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django_tenants.utils import tenant_context

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor
from bezpechne.kernel.schema import PUBLIC, in_schema
from provisioning.journal import note
from provisioning.portability import files, jobs, links, rows, tables
from provisioning.portability.manifest import Manifest, TableEntry
from provisioning.portability.planning import Plan, make_plan
from provisioning.portability.reading import Archive, Progress, verify
from provisioning.portability.refusals import ArchiveRefused, RestoreRefused
from provisioning.schemas.building import create_schema, migrate
from provisioning.schemas.stock import TEMPLATE, make_tables, template_is_current
from tenants.models import City, Domain
from tenants.versions import code_version, remember, schema_version


@dataclass(frozen=True)
class Restored:
    """`warnings` are sentences for the operator; `dead_links` were sent and open nothing now."""

    city: City
    manifest: Manifest
    sha256: str
    same_links: bool
    dead_links: int
    # The host that letters so far name, where it does not lead here; else blank.
    lost_host: str
    warnings: list[str]


def check_city(
    path: Path, *, slug: str = "", state: str = "", sha256: str = "", tell: Progress
) -> tuple[Manifest, str, Plan]:
    """All that `restore_city` would refuse, found without changing anything."""
    with Archive(path) as archive:
        whole = verify(archive, tell, sha256=sha256)
        with in_schema(PUBLIC):
            return archive.manifest, whole, make_plan(archive.manifest, slug=slug, state=state)


def restore_city(
    *,
    by: Actor,
    path: Path,
    slug: str = "",
    state: str = "",
    sha256: str = "",
    tell: Progress = lambda what, done, total: None,
) -> Restored:
    """Raises ArchiveRefused or RestoreRefused with a sentence; then there is no city.

    `state` blank: the state that it had. Sessions are not in an archive: everybody signs in again.
    """
    by.require(Permission.OPERATE)
    with Archive(path) as archive, in_schema(PUBLIC):
        whole = verify(archive, tell, sha256=sha256)
        manifest = archive.manifest
        with _alone(slug or manifest.slug, str(manifest.city.get("katottg", ""))):
            plan = make_plan(manifest, slug=slug, state=state)
            _refuse_a_full_disk(manifest)
            files.put_back(plan.schema, archive, tell)
            with transaction.atomic():
                return _restore(by, archive, whole, plan, tell)


@contextmanager
def _alone(slug: str, code: str) -> Iterator[None]:
    """No other restore or provisioning of this city meanwhile, files included."""
    with ExitStack() as stack, connection.cursor() as cursor:
        for name in sorted({f"slug:{slug}", f"code:{code}"}):
            key = f"bezpechne.provision.{name}"
            cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [key])
            if not cursor.fetchone()[0]:
                raise RestoreRefused("Somebody is making or restoring this city right now.")
            stack.callback(_unlock, key)
        yield


def _unlock(key: str) -> None:
    # A connection that is gone has let its locks go.
    if connection.connection is not None and not connection.connection.closed:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [key])


def _refuse_a_full_disk(manifest: Manifest) -> None:
    """Known beforehand for a local folder; object storage says so itself."""
    folder = Path(settings.MEDIA_ROOT)
    if settings.S3_BUCKET or not folder.exists():
        return
    free = shutil.disk_usage(folder).free
    if manifest.files.size > free:
        raise RestoreRefused(
            f"The files need {manifest.files.size} bytes, {folder} has {free}. Free some space."
        )


def _restore(by: Actor, archive: Archive, sha256: str, plan: Plan, tell: Progress) -> Restored:
    manifest, city = archive.manifest, plan.city
    warnings = [*plan.warnings, *_make_rows(manifest, plan)]
    tables.same_text()
    _make_tables(plan)
    _fill(archive, plan.schema, tell)
    if plan.is_older:
        tell("migrating to this release", 0, 1)
        migrate(plan.schema)
        tables.check_references()
        tell("migrating to this release", 1, 1)
    _same_content_types(plan.schema)
    with in_schema(plan.schema):
        if schema_version() != code_version():
            raise RestoreRefused("The restored schema is not at this release's version.")
    remember(code_version())
    unknown = jobs.bring(plan.schema, manifest.jobs)
    if unknown:
        warnings.append(
            f"Jobs that this release does not know were left out: {', '.join(unknown)}."
        )
    if not plan.same_place:
        rows.bring_journal(city, manifest.journal, manifest.base_host)
    with tenant_context(city):
        _renumber_history(city, manifest.city.get("id"))
        dead = 0 if plan.same_links else links.stamp_again()
        note(
            by=by,
            city=city,
            action="restored",
            sha256=sha256,
            exported_at=manifest.created_at,
            rows=manifest.rows,
            files=manifest.files.count,
        )
    host = f"{manifest.slug}.{manifest.base_host}"
    lost = "" if Domain.objects.filter(tenant=city, domain=host).exists() else host
    return Restored(city, manifest, sha256, plan.same_links, dead, lost, warnings)


def _make_rows(manifest: Manifest, plan: Plan) -> list[str]:
    city = plan.city
    city.pk, city.migrated_at = plan.number, clock.now()
    try:
        city.full_clean(exclude=["outline"])
        city.save(force_insert=True)
        return rows.make_domains(city, manifest.domains, manifest.base_host)
    except ValidationError as error:
        raise RestoreRefused(
            f"The archive's city cannot be one here: {' '.join(error.messages)}"
        ) from error


def _make_tables(plan: Plan) -> None:
    if plan.is_older:
        create_schema(plan.schema)
        migrate(plan.schema, only=plan.version.migrations)
    else:
        make_tables(plan.schema)


def _fill(archive: Archive, schema: str, tell: Progress) -> None:
    """Rows in, then out again and compared with what was exported."""
    found = tables.shapes(schema)
    entries = archive.manifest.tables
    there = {name: sorted(shape.columns) for name, shape in found.items()}
    given = {table.name: sorted(table.columns) for table in entries}
    for name in sorted((there.keys() | given.keys()) - tables.LEFT_OUT.keys()):
        if there.get(name) != given.get(name):
            raise ArchiveRefused(
                f"The table {name[:63]} of the archive is not the one of its release:"
                " the archive was tampered with."
            )
    if given.keys() & tables.LEFT_OUT.keys():
        raise ArchiveRefused("The archive holds a table that is never exported.")
    tables.defer_references()
    for number, table in enumerate(entries, start=1):
        tables.copy_in(schema, table, archive.chunks(table.member))
        tell("tables", number, len(entries))
    tables.check_references()
    for number, table in enumerate(entries, start=1):
        _compare(schema, table)
        tables.set_sequences(schema, table)
        tell("comparing tables", number, len(entries))


def _compare(schema: str, table: TableEntry) -> None:
    got = tables.copy_out(schema, table)
    if (got.rows, got.sha256) != (table.rows, table.sha256):
        raise RestoreRefused(
            f"{table.name} came back with {got.rows} rows and another checksum"
            f" (exported: {table.rows} rows). No city was made."
        )


def _same_content_types(schema: str) -> None:
    """Numbers are the same in all cities of an installation: Django keeps one cache of them."""
    if not template_is_current():
        return
    columns = "id, app_label, model"
    with connection.cursor() as cursor:
        cursor.execute(f'DELETE FROM "{schema}".django_content_type')
        cursor.execute(
            f'INSERT INTO "{schema}".django_content_type ({columns}) OVERRIDING SYSTEM VALUE'
            f" SELECT {columns} FROM {TEMPLATE}.django_content_type"
        )
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence(%s, 'id'), max(id))"
            f' FROM "{schema}".django_content_type',
            [f'"{schema}".django_content_type'],
        )


def _renumber_history(city: City, old: object) -> None:
    """What happened to the city itself is found under its number."""
    if type(old) is int and old != city.pk:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE audit_entry SET subject_id = %s WHERE subject = 'city' AND subject_id = %s",
                [city.pk, old],
            )
