"""One SQL text that makes a city's tables and seed rows, read from the catalogue of a schema.

The text names no schema: it fills the one that `search_path` begins with. It is what `migrate`
leaves behind, and not the way there: each table once with its identity and its constraints,
then the indexes that belong to no constraint, then foreign keys, rows and sequences.
"""

from collections.abc import Iterator
from typing import Any

from django.db import connection
from psycopg import sql
from psycopg.sql import Identifier, Literal

from bezpechne.kernel.schema import in_schema

# Everything with rows after `migrate`; ids included, so that they are the same in all cities.
SEEDED = ("django_content_type", "django_migrations")

_TABLES = """
SELECT c.oid, c.relname FROM pg_class c
WHERE c.relnamespace = %s::regnamespace AND c.relkind = 'r' ORDER BY c.relname
"""
_COLUMNS = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity::text,
       pg_get_expr(d.adbin, d.adrelid), a.attgenerated::text,
       CASE WHEN a.attcollation <> t.typcollation THEN co.collname END
FROM pg_attribute a
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_collation co ON co.oid = a.attcollation
WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
# 'n': PostgreSQL 18 lists NOT NULL as constraints too; the column says it.
_CONSTRAINTS = """
SELECT conname, contype::text, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = %s AND contype <> 'n' ORDER BY conname
"""
_INDEXES = """
SELECT pg_get_indexdef(i.indexrelid, 0, true) FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = %s
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY c.relname
"""


class NotScriptable(ValueError):
    """The schema holds something that the script would lose; the text names it."""


def _rows(query: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())


def _quoted(part: sql.Composable) -> str:
    with connection.cursor() as cursor:
        return part.as_string(cursor.connection)


def _name(name: str) -> str:
    return _quoted(Identifier(name))


def _column(row: tuple[Any, ...]) -> str:
    name, kind, required, identity, default, generated, collation = row
    parts = [_name(name), kind]
    if collation:
        parts.append(f"COLLATE {_name(collation)}")
    if generated:
        parts.append(f"GENERATED ALWAYS AS ({default}) STORED")
    elif default is not None:
        parts.append(f"DEFAULT {default}")
    if identity:
        how = "ALWAYS" if identity == "a" else "BY DEFAULT"
        parts.append(f"GENERATED {how} AS IDENTITY")
    if required:
        parts.append("NOT NULL")
    return " ".join(parts)


def _refuse_what_is_not_written(schema: str) -> None:
    """Views, triggers, functions and types have no place in a city (rules in tenancy)."""
    kinds = _rows(
        "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace"
        " AND relkind NOT IN ('r', 'i', 'S')"
        " UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = %s::regnamespace"
        " UNION ALL SELECT tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE NOT tgisinternal AND c.relnamespace = %s::regnamespace"
        " UNION ALL SELECT s.relname FROM pg_class s WHERE s.relkind = 'S'"
        " AND s.relnamespace = %s::regnamespace AND NOT EXISTS"
        " (SELECT FROM pg_depend d WHERE d.objid = s.oid AND d.deptype = 'i')",
        *[schema] * 4,
    )
    if kinds:
        names = ", ".join(str(name) for (name,) in kinds)
        raise NotScriptable(f"A city's schema has tables and indexes alone, not: {names}.")


def script_of(schema: str) -> str:
    """The script that makes a schema like this one. Raises NotScriptable."""
    with in_schema(schema):
        _refuse_what_is_not_written(schema)
        return "".join(f"{statement};\n" for statement in _statements(schema))


def _statements(schema: str) -> Iterator[str]:
    tables = _rows(_TABLES, f'"{schema}"')
    last: list[str] = []
    for oid, table in tables:
        lines = [_column(row) for row in _rows(_COLUMNS, oid)]
        for name, kind, definition in _rows(_CONSTRAINTS, oid):
            line = f"CONSTRAINT {_name(name)} {definition}"
            if kind == "f":
                last.append(f"ALTER TABLE {_name(table)} ADD {line}")
            else:
                lines.append(line)
        yield f"CREATE TABLE {_name(table)} ({', '.join(lines)})"
        last += [definition for (definition,) in _rows(_INDEXES, oid)]
    # Indexes before foreign keys before rows: each may need what stands before it.
    yield from sorted(last, key=lambda statement: statement.startswith("ALTER"))
    yield from seed_statements()


def seed_statements(tables: tuple[str, ...] = SEEDED) -> Iterator[str]:
    """Rows of the seeded tables in the schema in force, and where their numbering goes on."""
    for table in tables:
        columns = [
            name
            for (name,) in _rows(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
                " AND NOT attisdropped ORDER BY attnum",
                table,
            )
        ]
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {_name(table)} ORDER BY id")
            rows = cursor.fetchall()
        if rows:
            values = ", ".join(
                "(" + ", ".join(_quoted(Literal(value)) for value in row) + ")" for row in rows
            )
            names = ", ".join(map(_name, columns))
            yield (
                f"INSERT INTO {_name(table)} ({names}) OVERRIDING SYSTEM VALUE VALUES {values}"
                " ON CONFLICT DO NOTHING"
            )
            yield f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {rows[-1][0]})"


def run_script(schema: str, text: str) -> None:
    """Runs a script in a schema, in the caller's transaction and in one message to the server."""
    with in_schema(schema), connection.cursor() as cursor:
        cursor.execute(text)
