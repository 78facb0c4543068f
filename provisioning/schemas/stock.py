"""The template schema, the script made from it, and the stock of spare schemas."""

from uuid import uuid4

from django.conf import settings
from django.db import connection, transaction

from bezpechne.kernel import clock
from bezpechne.kernel.schema import PUBLIC, in_schema
from provisioning.models import SchemaScript, SpareSchema
from provisioning.schemas.building import create_schema, drop_schema, migrate
from provisioning.schemas.script import run_script, script_of
from tenants.versions import code_version, remember, schema_version

TEMPLATE = "city_template"
SPARE_PREFIX = "spare_"
LOCK = "bezpechne.template"


def lock(name: str) -> None:
    """Held until the end of the transaction; other processes wait."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [name])


def schema_exists(schema: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = %s)", [schema])
        return bool(cursor.fetchone()[0])


def current_script() -> SchemaScript:
    """The script of this release; made from the template when there is none yet (about 1 s)."""
    version = code_version()
    with in_schema(PUBLIC):
        found = SchemaScript.objects.filter(pk=version.fingerprint).first()
        return found or _make_script()


@transaction.atomic
def _make_script() -> SchemaScript:
    lock(LOCK)
    version = code_version()
    found = SchemaScript.objects.filter(pk=version.fingerprint).first()
    if found:
        return found
    if not template_is_current():
        # Made anew, not migrated: what a template went through leaves no trace in new cities.
        # `migrate_cities` has recorded the way from the last version before it comes here.
        drop_schema(TEMPLATE)
        create_schema(TEMPLATE)
        migrate(TEMPLATE)
    remember(version)
    return SchemaScript.objects.create(fingerprint=version.fingerprint, sql=script_of(TEMPLATE))


def template_is_current() -> bool:
    """Whether the template has exactly the tables of this release."""
    if not schema_exists(TEMPLATE):
        return False
    with in_schema(TEMPLATE):
        return schema_version() == code_version()


def make_tables(schema: str) -> str:
    """Gives a new city its schema with tables: a spare one renamed, else the script replayed.

    Returns `claim` or `replay`; part of the caller's transaction.
    """
    spare = _claim()
    with connection.cursor() as cursor:
        if spare:
            cursor.execute(f'ALTER SCHEMA "{spare}" RENAME TO "{schema}"')
            return "claim"
        cursor.execute(f'CREATE SCHEMA "{schema}"')
    run_script(schema, current_script().sql)
    return "replay"


_TAKE_SPARE = """
DELETE FROM public.provisioning_spare_schema WHERE schema_name = (
    SELECT schema_name FROM public.provisioning_spare_schema WHERE fingerprint = %s
    ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING schema_name
"""


def _claim() -> str | None:
    """The name of a spare of this release that nobody else is taking."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_SPARE, [code_version().fingerprint])
        row = cursor.fetchone()
    return row[0] if row else None


def fill_stock(wanted: int | None = None) -> int:
    """Makes spares until there are enough, one transaction each; drops those of old releases.

    Returns how many were made.
    """
    wanted = settings.SPARE_SCHEMAS if wanted is None else wanted
    script = current_script()
    with in_schema(PUBLIC):
        for spare in SpareSchema.objects.exclude(fingerprint=script.fingerprint):
            with transaction.atomic():
                if SpareSchema.objects.filter(pk=spare.pk).delete()[0]:
                    drop_schema(spare.schema_name)
        made = 0
        while SpareSchema.objects.filter(fingerprint=script.fingerprint).count() < wanted:
            with transaction.atomic():
                name = f"{SPARE_PREFIX}{uuid4().hex[:12]}"
                create_schema(name)
                run_script(name, script.sql)
                SpareSchema.objects.create(
                    schema_name=name, fingerprint=script.fingerprint, created_at=clock.now()
                )
            made += 1
    return made
