"""The database server, the shared tables and the queue."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError, connection

from bezpechne.kernel import clock, queue_state, readiness
from bezpechne.kernel.doctor import Check, Finding, error, ok, warning

# A full pg_dump locks every table of every city at once (tenancy: measured with 1,469).
ENOUGH_LOCKS = 1024
LATE_SECONDS = 600


def _setting(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [name])
        return str(cursor.fetchone()[0])


def look_at_connection() -> Iterator[Finding]:
    """The one check that runs when the database is away, to say so."""
    try:
        connection.ensure_connection()
    except DatabaseError as failure:
        yield error(
            f"The database does not answer ({type(failure).__name__}). Its own checks are left out.",
            "Check DATABASE_URL, that the server runs and that it lets this machine in.",
        )
        return
    version = int(_setting("server_version_num"))
    yield ok(f"PostgreSQL {version // 10000}.{version % 10000} answers.")


def look_at_server() -> Iterator[Finding]:
    """Settings of the server that the product rests on."""
    locks = int(_setting("max_locks_per_transaction"))
    if locks < ENOUGH_LOCKS:
        yield warning(
            f"max_locks_per_transaction is {locks}: a full dump of many cities runs out of locks.",
            f"Set it to {ENOUGH_LOCKS} in postgresql.conf and restart the server.",
        )
    else:
        yield ok(f"max_locks_per_transaction is {locks}.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT lower('ЇЖАК') = 'їжак', count(*) FROM pg_stat_activity")
        knows_cyrillic, used = cursor.fetchone()
    if not knows_cyrillic:
        yield error(
            "The database's locale does not know Cyrillic letters: searching ignores case wrongly.",
            "Make the database anew with the locale C.UTF-8 or uk_UA.UTF-8 and restore into it.",
        )
    most = int(_setting("max_connections"))
    if used > most * 0.8:
        yield warning(
            f"{used} of {most} connections are in use.",
            "Raise max_connections or lower the threads of web servers and workers.",
        )
    else:
        yield ok(f"{used} of {most} connections are in use.")
    yield from _durability()


def _durability() -> Iterator[Finding]:
    if not settings.PRODUCTION:
        return
    if "off" in {_setting("fsync"), _setting("full_page_writes")}:
        yield error(
            "The server does not wait for the disk: a crash spoils the data.",
            "Set fsync = on and full_page_writes = on, restart, and take a new base backup.",
        )
    archiving = _setting("archive_mode") != "off"
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_replication_slots WHERE active)")
        streaming = bool(cursor.fetchone()[0])
    if not archiving and not streaming:
        yield warning(
            "Nobody keeps the write-ahead log: after a loss the last base backup is all there is.",
            "Archive it as deploy/backup.md says.",
        )


def look_at_clock() -> Iterator[Finding]:
    """Terms and links are counted by this machine's clock, jobs by the database's too."""
    before = clock.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        theirs: datetime = cursor.fetchone()[0]
    middle = before + (clock.now() - before) / 2
    skew = abs((theirs - middle).total_seconds())
    said = f"This machine and the database differ by {skew:.1f} s."
    fix = "Let both machines take their time from NTP (systemd-timesyncd or chrony)."
    if skew > 30:
        yield error(said, fix)
    elif skew > 2:
        yield warning(said, fix)
    else:
        yield ok(said)


def look_at_migrations() -> Iterator[Finding]:
    """Shared tables; those of cities are provisioning's."""
    lacking = readiness.migrations_missing()
    if lacking:
        yield error(
            f"Shared migrations of this release not applied: {', '.join(lacking[:5])}"
            + (f" and {len(lacking) - 5} more" if len(lacking) > 5 else "")
            + ".",
            readiness.MIGRATE,
        )
    else:
        yield ok("All shared migrations of this release are applied.")


def look_at_queue() -> Iterator[Finding]:
    """Workers and what waits for them."""
    state = queue_state.read()
    if not state.alive:
        level = error if settings.PRODUCTION else warning
        yield level("No worker runs: no letter is sent.", "Start `manage.py worker`.")
    if state.stuck:
        yield warning(
            f"{state.stuck} jobs are in the hands of a worker that is silent.",
            "A running worker takes them back within a minute; start one if there is none.",
        )
    if state.silent:
        yield warning(
            f"{state.silent} workers ended without a word.",
            "See their logs; the rows go when the next worker starts.",
        )
    if state.dead:
        yield warning(
            f"{state.dead} jobs used up their attempts.",
            "See `manage.py queue dead`, mend the cause, then `manage.py queue retry`.",
        )
    if state.oldest > LATE_SECONDS:
        yield error(
            f"The oldest of {state.due} due jobs waits {state.oldest / 60:.0f} minutes.",
            "Start more workers, or `manage.py worker --concurrency 8`.",
        )
    yield ok(f"{state.alive} workers, {state.due} due, {state.running} running.")


CHECKS = (
    Check("database", look_at_connection, needs_database=False),
    Check("server", look_at_server),
    Check("clock", look_at_clock),
    Check("migrations", look_at_migrations),
    Check("queue", look_at_queue),
)
