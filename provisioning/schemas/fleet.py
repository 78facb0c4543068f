"""Brings every city's schema to this release: recorded once, replayed in each.

The way from an older version is recorded by running Django's migrations on a scratch schema; its
SQL then runs in each city, one transaction a city, with a lock timeout. A city that fails keeps
its old version and its reason, and stops nobody else; a rerun goes on with those that are behind.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count
from django.db.utils import DatabaseError, OperationalError

from bezpechne.kernel import clock
from bezpechne.kernel.logs import mask
from bezpechne.kernel.schema import PUBLIC, in_schema
from provisioning.models import MigrationScript
from provisioning.parallel import for_each
from provisioning.schemas.building import (
    content_types_sql,
    create_schema,
    drop_schema,
    migrate,
    missing,
)
from provisioning.schemas.recording import Recorder, holds_python, recording
from provisioning.schemas.script import run_script
from provisioning.schemas.stock import lock
from tenants.models import City, SchemaVersion
from tenants.versions import Version, code_version, known, remember, schema_version

LOCK_TIMEOUT = "3s"
# A city whose tables are busy is tried again after these waits; then it is left for a rerun.
RETRY_SECONDS = (1.0, 3.0, 9.0)


@dataclass(frozen=True)
class Way:
    """One step of the plan: the cities of one version. `sql` blank: by Django's executor."""

    before: str
    cities: int
    migrations: tuple[str, ...]
    sql: str


@dataclass
class Outcome:
    """Slugs that were migrated and, with the reason, those that were not."""

    done: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    stopped_at_canary: bool = False


Tell = Callable[[str, str], None]


def behind() -> dict[str, int]:
    """Versions other than this release's, with the number of cities. One query."""
    with in_schema(PUBLIC):
        rows = (
            City.objects.exclude(schema_version=code_version().fingerprint)
            .values_list("schema_version")
            .annotate(Count("pk"))
            .order_by("schema_version")
        )
        return dict(rows)


def plan() -> list[Way]:
    """What a run would do; records the ways that are not known yet, touches no city."""
    ways = []
    for before, cities in behind().items():
        script = way_from(before)
        ways.append(Way(before, cities, tuple(script.migrations), script.sql))
    return ways


def way_from(before: str) -> MigrationScript:
    """The recorded way from a version to this release's; blank SQL where there can be none."""
    after = code_version()
    with in_schema(PUBLIC):
        found = MigrationScript.objects.filter(before=before, after=after.fingerprint).first()
        return found or _record(before, after)


@transaction.atomic
def _record(before: str, after: Version) -> MigrationScript:
    lock("bezpechne.record")
    remember(after)
    found = MigrationScript.objects.filter(before=before, after=after.fingerprint).first()
    if found:
        return found
    try:
        old = known(before)
    except SchemaVersion.DoesNotExist:
        names, sql = ["(the version of these cities is not on record)"], ""
    else:
        names = [".".join(key) for key in sorted(after.migrations - old)]
        # A version that this code cannot build (its migrations were squashed) cannot be recorded.
        sql = _recorded(Version.of(old)) if old <= after.migrations else ""
    return MigrationScript.objects.create(
        before=before, after=after.fingerprint, migrations=names, sql=sql
    )


def _recorded(old: Version) -> str:
    """SQL from an older version to this one, from a scratch schema; blank when it needs Python."""
    scratch = f"scratch_{uuid4().hex[:12]}"
    recorder = Recorder()
    create_schema(scratch)
    migrate(scratch, only=old.migrations)
    with in_schema(scratch):
        executor = MigrationExecutor(connection)
        steps = missing(executor)
        if any(holds_python(list(step.operations)) for step in steps):
            drop_schema(scratch)
            return ""
        with recording(recorder):
            executor.migrate([], plan=[(step, False) for step in steps])
    drop_schema(scratch)
    if scratch in recorder.sql:
        raise ValueError(f"A migration names its schema: {recorder.sql}")
    return f"{recorder.sql}{content_types_sql()};\n"


def migrate_cities(
    tell: Tell = lambda slug, error: None, *, threads: int = 2, canary: str = ""
) -> Outcome:
    """Migrates the cities that are behind; `tell` hears each slug with its error or a blank."""
    if not behind():
        return Outcome()
    outcome, ways = Outcome(), {way.before: way for way in plan()}
    with in_schema(PUBLIC):
        rows = list(
            City.objects.filter(schema_version__in=ways)
            .order_by("slug")
            .values_list("pk", "slug", "schema_version")
        )
    # The canary, or the first city, goes alone: what breaks there reaches nobody else.
    rows.sort(key=lambda row: row[1] != canary)
    work = [(pk, slug, ways[version]) for pk, slug, version in rows]
    lonely, rest = work[:1], work[1:]
    for part, at_once in ((lonely, 1), (rest, threads)):
        busy = _pass(part, outcome, tell, at_once)
        for seconds in RETRY_SECONDS:
            if busy:
                time.sleep(seconds)
                busy = _pass(list(busy), outcome, tell, at_once)
        for (pk, slug, _way), reason in busy.items():
            _fail(pk, slug, reason, outcome, tell)
        if part is lonely and outcome.failed:
            outcome.stopped_at_canary = True
            break
    return outcome


Work = tuple[int, str, Way]


def _fail(pk: int, slug: str, reason: str, outcome: Outcome, tell: Tell) -> None:
    with in_schema(PUBLIC):
        City.objects.filter(pk=pk).update(migration_error=reason)
    outcome.failed[slug] = reason
    tell(slug, reason)


def _pass(work: list[Work], outcome: Outcome, tell: Tell, threads: int) -> dict[Work, str]:
    """One try for each; returns those to be tried again (tables busy, connection lost)."""
    again: dict[Work, str] = {}
    guard = threading.Lock()

    def one(item: Work) -> None:
        pk, slug, way = item
        try:
            migrate_city(pk, way)
        except OperationalError as problem:
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
            with guard:
                again[item] = _reason(problem)
        except (DatabaseError, ValueError) as problem:
            with guard:
                _fail(pk, slug, _reason(problem), outcome, tell)
        else:
            with guard:
                outcome.done.append(slug)
                tell(slug, "")

    for_each(one, work, threads)
    return again


def _reason(problem: Exception) -> str:
    """The first line without values of rows."""
    lines = mask(str(problem)).splitlines() or [type(problem).__name__]
    return lines[0][:300]


@transaction.atomic
def migrate_city(pk: int, way: Way) -> None:
    """One city in one transaction: tables, django_migrations, content types and the City row.

    Raises OperationalError when its tables stay locked, DatabaseError when a statement fails.
    """
    after = code_version()
    with in_schema(PUBLIC):
        city = City.objects.select_for_update().defer("outline").get(pk=pk)
        if city.schema_version != way.before:
            return
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
    if way.sql:
        run_script(city.schema_name, way.sql)
    else:
        migrate(city.schema_name)
    with in_schema(city.schema_name):
        found = schema_version()
    if found != after:
        raise ValueError("The schema has other migrations than its version says.")
    with in_schema(PUBLIC):
        City.objects.filter(pk=pk).update(
            schema_version=after.fingerprint, migrated_at=clock.now(), migration_error=""
        )
