"""Rows of a city's schema as PostgreSQL's own COPY text, out and in, and what tells them equal.

Nothing here looks through the whole catalogue: beside 1,469 other schemas it has 396,000 entries.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.utils import DataError, IntegrityError, ProgrammingError
from psycopg import Error as PsycopgError
from psycopg.sql import SQL, Composed, Identifier

from bezpechne.kernel.schema import PUBLIC, in_schema
from provisioning.portability.manifest import TableEntry
from provisioning.portability.refusals import RestoreRefused
from provisioning.portability.writing import CHUNK

# Made by the schema's script, and the same in all cities of a version.
SEEDED = {
    "django_migrations": "the manifest names the migrations",
    "django_content_type": "numbers of this table are the installation's own",
}
LEFT_OUT = {
    **SEEDED,
    "django_session": "everybody signs in again: a copied session would be a second key",
    "accounts_sign_in": "facts about sessions, which stay behind",
    "mfa_authenticator": "secrets are encrypted by this installation and passkeys bound to its "
    "hosts: who had a second factor sets a new one up at the next sign-in",
}

# Through pg_depend's index on the schema; pg_class has none.
_TABLES = """
SELECT c.relname::text,
  (SELECT array_agg(ARRAY[a.attname::text, format_type(a.atttypid, a.atttypmod)] ORDER BY a.attnum)
   FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
   AND a.attgenerated = ''),
  (SELECT array_agg(a.attname::text ORDER BY array_position(i.indkey::int2[], a.attnum))
   FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
   WHERE i.indrelid = c.oid AND i.indisprimary),
  (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attidentity <> '')
FROM pg_depend d JOIN pg_class c ON c.oid = d.objid
WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_namespace'::regclass
  AND d.refobjid = %s::regnamespace AND c.relkind = 'r'
ORDER BY c.relname COLLATE "C"
"""
# The same text whatever the server's and the session's settings are.
_TEXT = (
    "SET LOCAL datestyle = 'ISO, YMD'",
    "SET LOCAL timezone = 'UTC'",
    "SET LOCAL intervalstyle = 'postgres'",
    "SET LOCAL extra_float_digits = 1",
    "SET LOCAL bytea_output = 'hex'",
)


@dataclass(frozen=True)
class Shape:
    """A table as the catalogue has it."""

    name: str
    columns: list[list[str]]
    key: list[str]
    identities: list[str]


@dataclass(frozen=True)
class Measure:
    """What one COPY gave."""

    rows: int
    size: int
    sha256: str


@contextmanager
def snapshot() -> Iterator[None]:
    """All that is read inside is of one moment, and nothing can be written."""
    with in_schema(PUBLIC), transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        same_text()
        yield


def same_text() -> None:
    """For the rest of the transaction values have one spelling on every server."""
    with connection.cursor() as cursor:
        for setting in _TEXT:
            cursor.execute(setting)


def shapes(schema: str) -> dict[str, Shape]:
    """Every table of a schema by name; raises ProgrammingError when there is no such schema."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES, [f'"{schema}"'])
        return {
            name: Shape(
                name,
                columns,
                # A table without a key is ordered by all that it has.
                key or [column for column, _type in columns],
                identities or [],
            )
            for name, columns, key, identities in cursor.fetchall()
        }


def _order(table: Shape | TableEntry) -> Composed:
    types = {column[0]: column[1] for column in table.columns}
    return SQL(", ").join(
        SQL('{}::text COLLATE "C"').format(Identifier(name))
        if not types[name].startswith(("bigint", "integer", "smallint", "uuid"))
        else Identifier(name)
        for name in table.key
    )


def _names(table: Shape | TableEntry) -> Composed:
    return SQL(", ").join(Identifier(name) for name, _type in table.columns)


def copy_out(
    schema: str, table: Shape | TableEntry, write: Callable[[bytes], None] | None = None
) -> Measure:
    """COPY of a table in the order of its key; `write` gets it in pieces of a megabyte."""
    query = SQL("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT").format(
        _names(table), Identifier(schema, table.name), _order(table)
    )
    digest, size, buffer = hashlib.sha256(), 0, bytearray()

    def flush() -> None:
        nonlocal size
        size += len(buffer)
        piece = bytes(buffer)
        digest.update(piece)
        if write:
            write(piece)
        buffer.clear()

    with connection.cursor() as cursor:
        with cursor.copy(query) as copy:
            for data in copy:
                buffer += data
                if len(buffer) >= CHUNK:
                    flush()
        flush()
        rows = int(cursor.rowcount)
    return Measure(rows, size, digest.hexdigest())


def copy_in(schema: str, table: TableEntry, chunks: Iterable[bytes]) -> None:
    """Fills a table. Raises RestoreRefused when the rows do not fit it."""
    query = SQL("COPY {} ({}) FROM STDIN").format(Identifier(schema, table.name), _names(table))
    try:
        with connection.cursor() as cursor, cursor.copy(query) as copy:
            for chunk in chunks:
                copy.write(chunk)
    except (PsycopgError, DataError, IntegrityError, ProgrammingError) as error:
        # The first line alone: the rest quotes the row.
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RestoreRefused(
            f"The rows of {table.name} do not fit this release: {first}."
        ) from None


def sequences(schema: str, table: Shape) -> dict[str, list[Any]]:
    """By column: the last number given, and whether it was."""
    found = {}
    with connection.cursor() as cursor:
        for column in table.identities:
            cursor.execute(
                "SELECT pg_get_serial_sequence(%s, %s)", [f'"{schema}"."{table.name}"', column]
            )
            (sequence,) = cursor.fetchone()
            # PostgreSQL has quoted the name.
            cursor.execute(f"SELECT last_value, is_called FROM {sequence}")
            found[column] = list(cursor.fetchone())
    return found


def set_sequences(schema: str, table: TableEntry) -> None:
    """Numbering goes on where it was, and never below a number that is there."""
    with connection.cursor() as cursor:
        for column, (last, called) in table.sequences.items():
            top = SQL("SELECT max({}) FROM {}").format(
                Identifier(column), Identifier(schema, table.name)
            )
            cursor.execute(top)
            highest = cursor.fetchone()[0] or 0
            value = (highest, True) if highest > last else (last, called)
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, %s)::regclass, %s, %s)",
                [f'"{schema}"."{table.name}"', column, *value],
            )


def defer_references() -> None:
    """Rows may point to rows that come later; migrations leave constraints immediate."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def check_references() -> None:
    """Checks what was deferred; raises RestoreRefused."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except IntegrityError as error:
        first = str(error).splitlines()[0]
        raise RestoreRefused(
            f"Rows of the archive point to rows that are not in it: {first}."
        ) from None
