"""A city's files: which ones its rows name, out of the storage and back into it, one at a time."""

import hashlib
import json
import tempfile
from collections.abc import Iterator
from typing import IO

from django.apps import apps
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import connection, models
from psycopg.sql import SQL, Identifier

from bezpechne.kernel.schema import in_schema
from provisioning.portability import manifest as manifests
from provisioning.portability.manifest import FilesEntry, Member
from provisioning.portability.reading import Archive, Progress, safe_name
from provisioning.portability.refusals import ArchiveRefused, RestoreRefused
from provisioning.portability.tables import Shape
from provisioning.portability.writing import CHUNK, ArchiveWriter
from tenants.versions import city_labels

# Larger ones wait on the disk while they are checked.
_IN_MEMORY = 16 * CHUNK


def _columns(tables: dict[str, Shape]) -> Iterator[tuple[str, str]]:
    """Tables and columns that name files, as far as this schema has them."""
    for config in apps.get_app_configs():
        if config.label not in city_labels():
            continue
        for model in config.get_models():
            shape = tables.get(model._meta.db_table)
            there = {name for name, _type in shape.columns} if shape else set()
            for field in model._meta.concrete_fields:
                if isinstance(field, models.FileField) and field.column in there:
                    yield model._meta.db_table, str(field.column)


def write_names(schema: str, tables: dict[str, Shape], logo: str, out: IO[str]) -> int:
    """One JSON string a line, each name once; returns how many. Part of the snapshot."""
    parts = [
        SQL("SELECT {} AS name FROM {}").format(Identifier(column), Identifier(schema, table))
        for table, column in _columns(tables)
    ]
    parts.append(SQL("SELECT {}::text").format(logo))
    union = SQL(" UNION ALL ").join(parts)
    query = SQL("SELECT DISTINCT name FROM ({}) AS n WHERE name <> {} ORDER BY name").format(
        union, ""
    )
    number = 0
    with connection.chunked_cursor() as cursor:
        cursor.execute(query)
        for number, (name,) in enumerate(cursor, start=1):  # noqa: B007 - the last one is the count
            out.write(json.dumps(name) + "\n")
    return number


def write_files(
    schema: str, names: IO[str], total: int, archive: ArchiveWriter, tell: Progress
) -> FilesEntry:
    """Copies each file from the storage into the archive, then the list of them."""
    count = size = 0
    missing: list[str] = []
    with tempfile.TemporaryFile() as listing, in_schema(schema):
        for number, line in enumerate(names, start=1):
            name = json.loads(line)
            member = _write_one(archive, name) if safe_name(name) else None
            if member is None:
                missing.append(name)
            else:
                count, size = count + 1, size + member.size
                listing.write(_line(name, member))
            tell("files", number, total)
        listing.seek(0)
        with archive.member(manifests.FILES_LIST) as pen:
            while chunk := listing.read(CHUNK):
                pen.write(chunk)
    return FilesEntry(count=count, size=size, sha256=pen.member.sha256, missing=missing)


def _line(name: str, member: Member) -> bytes:
    data = {"name": name, "size": member.size, "sha256": member.sha256}
    return json.dumps(data, ensure_ascii=False).encode() + b"\n"


def _write_one(archive: ArchiveWriter, name: str) -> Member | None:
    """None when the storage has no such file."""
    try:
        source = default_storage.open(name, "rb")
        # Object storage is asked at the first read.
        chunk = source.read(CHUNK)
    except FileNotFoundError:
        return None
    target = manifests.FILES + name
    # A file of a megabyte and more may grow beyond any size that it has now.
    size = len(chunk) if len(chunk) < CHUNK else 0
    with source, archive.member(target, packed=False, size=size) as pen:
        while chunk:
            pen.write(chunk)
            chunk = source.read(CHUNK)
    return pen.member


def put_back(schema: str, archive: Archive, tell: Progress) -> int:
    """Puts the files under the schema's prefix; returns how many were not there yet.

    May be repeated: what an interrupted run has put back whole is kept.
    """
    written = 0
    with in_schema(schema):
        for number, member in enumerate(archive.files(), start=1):
            if not _is_there(member):
                _put(member, archive.chunks(manifests.FILES + member.name))
                written += 1
            tell("files", number, archive.manifest.files.count)
    return written


def _is_there(member: Member) -> bool:
    """The same bytes under the same name; anything else under it is removed."""
    if not default_storage.exists(member.name):
        return False
    with default_storage.open(member.name, "rb") as source:
        digest = hashlib.sha256()
        while chunk := source.read(CHUNK):
            digest.update(chunk)
    if digest.hexdigest() == member.sha256:
        return True
    default_storage.delete(member.name)
    return False


def _put(member: Member, chunks: Iterator[bytes]) -> None:
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
        digest = hashlib.sha256()
        for chunk in chunks:
            digest.update(chunk)
            spool.write(chunk)
        if digest.hexdigest() != member.sha256:
            raise ArchiveRefused(f"{member.name} changed while it was being restored.")
        spool.seek(0)
        try:
            name = default_storage.save(member.name, File(spool))
        except OSError as error:
            raise RestoreRefused(
                f"The storage did not take {member.name}: {error.strerror or error}."
                " No city was made; the next run goes on from here."
            ) from error
    if name != member.name:
        default_storage.delete(name)
        raise RestoreRefused(f"Somebody else is writing {member.name}. Try again.")
