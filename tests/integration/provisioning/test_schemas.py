"""A schema built by the script is the schema that the migrations build, name for name."""

import re
from typing import Any

import pytest
from django.db import connection

from bezpechne.kernel.schema import in_schema
from provisioning.models import Hromada, ProvisioningRun, SchemaScript, SpareSchema
from provisioning.provisioning import OPERATOR, ProvisioningRefused, Request, provision
from provisioning.schemas import stock
from provisioning.schemas.building import create_schema, migrate
from provisioning.schemas.script import NotScriptable, run_script, script_of
from tenants.models import City
from tenants.versions import code_version, schema_version

COLUMNS = """
SELECT c.relname, a.attname, a.attnum, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       a.attidentity::text, pg_get_expr(d.adbin, d.adrelid), a.attgenerated::text
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relnamespace = %s::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
"""
CONSTRAINTS = """
SELECT c.relname, k.conname, k.contype::text, k.condeferrable, k.condeferred, k.convalidated,
       pg_get_constraintdef(k.oid)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid WHERE k.connamespace = %s::regnamespace
"""
INDEXES = """
SELECT c.relname, pg_get_indexdef(c.oid, 0, true) FROM pg_class c
WHERE c.relkind = 'i' AND c.relnamespace = %s::regnamespace
"""
SEQUENCES = """
SELECT c.relname, format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmax, s.seqcycle,
       d.refobjid::regclass::text
FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
JOIN pg_depend d ON d.objid = c.oid AND d.deptype = 'i'
WHERE c.relnamespace = %s::regnamespace
"""
CATALOGUE = {
    "columns": COLUMNS,
    "constraints": CONSTRAINTS,
    "indexes": INDEXES,
    "sequences": SEQUENCES,
}
SEEDS = (
    "SELECT id, app_label, model FROM django_content_type",
    "SELECT 0, app, name FROM django_migrations",
)


# PostgreSQL writes «x = ANY ('{a}'::varchar[]::text[])» and reads it back with the casts inside.
CASTS = re.compile(r"::(?:character varying|text)(?:\[\])?|[()]")


def plain(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Definitions without casts between kinds of text and their brackets."""
    return tuple(CASTS.sub("", value) if isinstance(value, str) else value for value in row)


def shape(schema: str) -> dict[str, set[tuple[Any, ...]]]:
    """All that the catalogue says of a schema, without column numbers that only history explains."""
    found = {}
    with in_schema(schema), connection.cursor() as cursor:
        for name, query in CATALOGUE.items():
            cursor.execute(query, [f'"{schema}"'])
            found[name] = set(map(plain, cursor.fetchall()))
            assert found[name], name
        for query in SEEDS:
            cursor.execute(query)
            rows = set(cursor.fetchall())
            assert rows
            found[query] = rows
    return found


def without_numbers(rows: set[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
    return {(row[0], row[1], *row[3:]) for row in rows}


@pytest.fixture
def migrated(db: None) -> str:
    """A schema made by Django's migrations."""
    create_schema("city_migrated")
    migrate("city_migrated")
    return "city_migrated"


def test_a_schema_built_by_the_script_equals_one_built_by_migrations(migrated: str) -> None:
    create_schema("city_scripted")
    run_script("city_scripted", stock.current_script().sql)
    one, other = shape(migrated), shape("city_scripted")
    assert without_numbers(one.pop("columns")) == without_numbers(other.pop("columns"))
    assert one == other
    # What the script made gives the same script again.
    assert CASTS.sub("", script_of("city_scripted")) == CASTS.sub("", script_of(stock.TEMPLATE))


def test_numbering_goes_on_where_it_would_after_migrations(migrated: str) -> None:
    """The first row of a seeded table must not meet a seeded id."""
    create_schema("city_scripted")
    run_script("city_scripted", stock.current_script().sql)
    for schema in (migrated, "city_scripted"):
        with in_schema(schema), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO django_migrations (app, name, applied) VALUES ('x', 'y', now())"
            )
            cursor.execute("SELECT count(*) - count(DISTINCT id) FROM django_migrations")
            assert cursor.fetchone() == (0,)


def test_content_types_have_one_id_in_public_and_everywhere(migrated: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE p.id = c.id)"
            " FROM city_migrated.django_content_type c"
            " LEFT JOIN public.django_content_type p USING (app_label, model)"
        )
        every, same = cursor.fetchone()
    assert every == same > 10


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE VIEW v AS SELECT 1",
        "CREATE SEQUENCE s",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    ],
)
def test_what_the_script_would_lose_is_refused(migrated: str, statement: str) -> None:
    with in_schema(migrated), connection.cursor() as cursor:
        cursor.execute(statement)
    with pytest.raises(NotScriptable):
        script_of(migrated)


def test_the_script_names_no_schema(db: None) -> None:
    text = stock.current_script().sql
    assert "city_" not in text
    assert "public." not in text


def lubny(**more: Any) -> Request:
    return Request(hromada=Hromada.objects.get(slug="lubny"), admin_email="b@example.org", **more)


def test_a_spare_is_claimed_by_the_next_city_and_made_again(db: None) -> None:
    assert stock.fill_stock(2) == 2
    assert stock.fill_stock(2) == 0
    result = provision(lubny())
    assert result.way == "claim"
    assert SpareSchema.objects.count() == 1
    scripted = shape(City.objects.get(slug="poltava").schema_name)
    assert without_numbers(shape(result.city.schema_name)["columns"]) == without_numbers(
        scripted["columns"]
    )
    with in_schema(result.city.schema_name):
        assert schema_version() == code_version()
    assert stock.fill_stock(2) == 1


def test_spares_of_another_release_are_never_claimed_and_dropped(db: None) -> None:
    stock.fill_stock(1)
    SpareSchema.objects.update(fingerprint="0123456789abcdef")
    [old] = SpareSchema.objects.values_list("schema_name", flat=True)
    assert provision(lubny()).way == "replay"
    assert stock.fill_stock(1) == 1
    assert not stock.schema_exists(old)
    assert old not in SpareSchema.objects.values_list("schema_name", flat=True)


def test_a_new_release_makes_the_template_anew(db: None) -> None:
    """As after a deploy: the kept script is another version's and the template lacks a table."""
    SchemaScript.objects.all().delete()
    with in_schema(stock.TEMPLATE), connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'notices'")
        cursor.execute("DROP TABLE notices_notice")
    assert not stock.template_is_current()
    assert "notices_notice" in stock.current_script().sql
    assert stock.template_is_current()


def test_every_run_is_recorded_with_its_steps(db: None) -> None:
    provision(lubny(key="one"), by=OPERATOR)
    run = ProvisioningRun.objects.get(request_key="one")
    assert (run.slug, run.error, run.finished_at is not None) == ("lubny", "", True)
    assert [name for name, _ms in run.steps] == ["city", "tables", "defaults", "administrator"]
    assert all(ms >= 0 for _name, ms in run.steps)


def test_one_request_key_is_one_city(db: None) -> None:
    first = provision(lubny(key="one"))
    again = provision(lubny(key="one"))
    assert (first.created, again.created) == (True, False)
    assert first.city == again.city
    other = Request(hromada=Hromada.objects.get(slug="kremenchuk"), key="one")
    with pytest.raises(ProvisioningRefused, match="запиту"):
        provision(other)
    run = ProvisioningRun.objects.get(request_key="one")
    assert run.slug == "lubny"


def test_a_refused_run_keeps_its_reason(db: None) -> None:
    with pytest.raises(ProvisioningRefused):
        provision(lubny(slug="ternopil", key="two"))
    run = ProvisioningRun.objects.get(request_key="two")
    assert "ternopil" in run.error
    # The same request, mended, is carried out.
    assert provision(lubny(slug="lubny", key="two")).created
    run.refresh_from_db()
    assert (run.error, run.slug) == ("", "lubny")
