"""A city into one file."""

import json
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor
from bezpechne.kernel.schema import in_schema
from provisioning.life import note_export
from provisioning.portability import files, jobs, links, pages, readable, rows, tables
from provisioning.portability.manifest import (
    MANIFEST,
    FilesEntry,
    Manifest,
    TableEntry,
    product_version,
    release_name,
)
from provisioning.portability.reading import Progress
from provisioning.portability.refusals import ExportRefused
from provisioning.portability.writing import ArchiveWriter, new_archive, sha256_of
from tenants.models import City, Domain
from tenants.versions import remember, schema_version


@dataclass(frozen=True)
class Exported:
    """`warnings` are sentences about what is not in the archive."""

    path: Path
    size: int
    sha256: str
    manifest: Manifest
    warnings: list[str]


def export_city(
    *,
    by: Actor,
    city: City,
    path: Path,
    force: bool = False,
    tell: Progress = lambda what, done, total: None,
) -> Exported:
    """Writes the archive, then notes it at the city. Raises ExportRefused; then no file is left.

    Rows are of one moment; files are the ones that these rows name, read after it, so that a long
    copy of photos keeps no snapshot open. `tell` gets what is done, how much of it, of how much.
    """
    by.require(Permission.OPERATE)
    with new_archive(path, force=force) as archive:
        manifest, warnings = _write(city, archive, tell)
        with archive.member(MANIFEST) as pen:
            pen.write(manifest.as_json().encode())
    sha256 = sha256_of(path)
    # What happened after the snapshot is not in the file: its moment counts for a deletion.
    note_export(city, sha256, by=by, at=datetime.fromisoformat(manifest.created_at))
    return Exported(path, path.stat().st_size, sha256, manifest, warnings)


def _write(city: City, archive: ArchiveWriter, tell: Progress) -> tuple[Manifest, list[str]]:
    moment = clock.now()
    schema = city.schema_name
    with tempfile.TemporaryFile("w+", encoding="utf-8") as names:
        with tables.snapshot():
            # The row as it is in the snapshot, not as the caller read it.
            city = City.objects.get(pk=city.pk)
            shapes = tables.shapes(schema)
            if not shapes:
                raise ExportRefused(f"The schema of {city.slug} has no tables.")
            with in_schema(schema):
                version = schema_version()
            domains = Domain.objects.filter(tenant_id=city.pk).order_by("-is_primary", "id")
            outside = {
                "city": {"id": city.pk, **rows.as_data(city)},
                "domains": [rows.as_data(domain) for domain in domains],
                "journal": rows.journal_of(city),
                "jobs": jobs.pending(schema),
            }
            entries = _write_tables(schema, shapes, archive, tell)
            csv, lost = readable.write_csv(schema, archive)
            html, without = pages.write_pages(city, archive, moment, [item.name for item in csv])
            total = files.write_names(schema, shapes, city.logo, names)
        names.seek(0)
        held = files.write_files(schema, names, total, archive, tell)
    remember(version)
    text = render_to_string(
        "provisioning/archive/readme.txt", {"city": city, "moment": moment, "files": held}
    )
    manifest = Manifest(
        product=product_version(),
        release=release_name(),
        created_at=moment.isoformat(),
        base_host=settings.BASE_HOST,
        key_check=links.key_check(),
        schema=schema,
        fingerprint=version.fingerprint,
        migrations=sorted(map(list, version.migrations)),
        tables=entries,
        left_out={name: why for name, why in tables.LEFT_OUT.items() if name in shapes},
        files=held,
        readable=[*csv, *html, archive.add("README.txt", text)],
        **json.loads(json.dumps(outside)),
    )
    return manifest, _warnings(held, [*lost, *without])


def _write_tables(
    schema: str, shapes: dict[str, tables.Shape], archive: ArchiveWriter, tell: Progress
) -> list[TableEntry]:
    wanted = [shape for name, shape in shapes.items() if name not in tables.LEFT_OUT]
    entries = []
    for number, shape in enumerate(wanted, start=1):
        with archive.member(f"tables/{shape.name}.copy") as pen:
            measure = tables.copy_out(schema, shape, pen.write)
        entries.append(
            TableEntry(
                name=shape.name,
                columns=shape.columns,
                key=shape.key,
                rows=measure.rows,
                size=measure.size,
                sha256=measure.sha256,
                sequences=tables.sequences(schema, shape),
            )
        )
        tell("tables", number, len(wanted))
    return entries


def _warnings(held: FilesEntry, lost: list[str]) -> list[str]:
    found = []
    if held.missing:
        found.append(
            f"{len(held.missing)} files that rows name are not in the storage, first"
            f" {held.missing[0]}. All are listed in the manifest."
        )
    if lost:
        found.append(
            "The city's schema is older than this release: the readable copy lacks"
            f" {', '.join(lost)}. The data is complete."
        )
    return found
