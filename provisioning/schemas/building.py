"""Tables of a city made by Django's migrations: slow, exact, and the measure of every other way."""

from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor

from bezpechne.kernel.schema import PUBLIC, in_schema
from tenants.versions import Migrations, city_labels, city_models

# A content type has one id in `public` and in every city: Django keeps them in the process for all.
CONTENT_TYPES = """
INSERT INTO django_content_type (id, app_label, model) OVERRIDING SYSTEM VALUE
SELECT id, app_label, model FROM public.django_content_type p
WHERE (app_label, model) IN ({pairs})
  AND NOT EXISTS (SELECT FROM django_content_type c WHERE c.id = p.id)
"""


def create_schema(schema: str) -> None:
    """An empty schema. Raises ProgrammingError when there is one of that name."""
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE SCHEMA "{schema}"')


def drop_schema(schema: str) -> None:
    """The schema with all that is in it; nothing when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')


def migrate(schema: str, only: Migrations | None = None) -> None:
    """Runs the migrations that the schema lacks; `only` stops at an older release's set.

    Works inside the caller's transaction: after it the schema is at the version, or as it was.
    """
    with in_schema(schema):
        executor = MigrationExecutor(connection)
        executor.recorder.ensure_schema()
        executor.migrate([], plan=[(step, False) for step in missing(executor, only)])
    give_content_types(schema)


def missing(executor: MigrationExecutor, only: Migrations | None = None) -> list[Migration]:
    """What the schema in force lacks, each after those that it needs."""
    graph, applied = executor.loader.graph, executor.loader.applied_migrations
    order: dict[tuple[str, str], None] = {}
    for key in sorted(graph.nodes):
        if key[0] in city_labels() and (only is None or key in only):
            order.update(dict.fromkeys(graph.forwards_plan(key)))
    return [graph.nodes[key] for key in order if key[0] in city_labels() and key not in applied]


def give_content_types(schema: str) -> None:
    """Rows for the models of cities, with the ids that they have everywhere."""
    pairs = city_models()
    with in_schema(PUBLIC), connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO django_content_type (app_label, model)"
            " SELECT %s, %s WHERE NOT EXISTS"
            " (SELECT FROM django_content_type WHERE (app_label, model) = (%s, %s))",
            [(*pair, *pair) for pair in pairs],
        )
    with in_schema(schema), connection.cursor() as cursor:
        cursor.execute(content_types_sql())


def content_types_sql() -> str:
    """The statement that gives a schema the rows it lacks; part of replayed migrations."""
    pairs = ", ".join(f"('{label}', '{model}')" for label, model in city_models())
    return CONTENT_TYPES.format(pairs=pairs)
