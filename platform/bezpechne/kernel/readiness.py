"""Whether this server can do its work: the database answers and has the tables of this release."""

import logging
import threading
import time
from functools import cache
from typing import TypedDict

from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader

from bezpechne.kernel.metrics import limited
from bezpechne.kernel.stored import StorageUnavailable

logger = logging.getLogger(__name__)


class _Files(TypedDict):
    until: float
    detail: str


FILES_EVERY = 10.0
_lock = threading.Lock()
_files: _Files = {"until": 0.0, "detail": ""}

MIGRATE = "Run `manage.py migrate_schemas --shared`."


@cache
def _wanted() -> frozenset[str]:
    """Migrations of the shared apps in this release's files, as `app.name`."""
    names = set(settings.SHARED_APPS)
    labels = {config.label for config in apps.get_app_configs() if config.name in names}
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return frozenset(f"{app}.{name}" for app, name in loader.disk_migrations if app in labels)


def _exists(table: str) -> bool:
    # By name: Django's own look at all tables reads the catalogue of 1,470 cities.
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"public.{table}"])
        return bool(cursor.fetchone()[0])


def migrations_missing() -> list[str]:
    """Migrations of `public` that this release needs and the database lacks.

    More than it needs is fine: during a deploy the servers of the last release go on.
    """
    applied: set[str] = set()
    if _exists("django_migrations"):
        with connection.cursor() as cursor:
            cursor.execute("SELECT app || '.' || name FROM public.django_migrations")
            applied = {row[0] for row in cursor.fetchall()}
    return sorted(_wanted() - applied)


def degraded() -> list[dict[str, str]]:
    """What fails on this server while it goes on serving, each with `check` and `detail`.

    Files alone: a proxy that took every server out because their bucket is down would close the
    whole site for the sake of its photos. Asked at most once in FILES_EVERY seconds.
    """
    with _lock:
        if time.monotonic() >= _files["until"]:
            _files["until"] = time.monotonic() + FILES_EVERY
            try:
                default_storage.look()  # type: ignore[attr-defined] # both of ours have it
                _files["detail"] = ""
            except StorageUnavailable as error:
                _files["detail"] = f"Photos and letters cannot be stored or read: {error.reason}."
        detail = _files["detail"]
    return [{"check": "files", "detail": detail}] if detail else []


def forget_files() -> None:
    """The next `degraded` asks the storage again."""
    _files["until"] = 0.0


def missing() -> list[dict[str, str]]:
    """What is not ready, each with `check` and `detail`; ends within a few seconds."""
    found: list[dict[str, str]] = []
    try:
        with limited():
            lacking = migrations_missing()
            if lacking:
                few = ", ".join(lacking[:3]) + (", …" if len(lacking) > 3 else "")
                detail = f"{len(lacking)} of this release not applied: {few}. {MIGRATE}"
                found.append({"check": "migrations", "detail": detail})
            if not _exists("procrastinate_jobs"):
                detail = f"The tables of the queue are missing. {MIGRATE}"
                found.append({"check": "queue", "detail": detail})
    except DatabaseError as error:
        # The class alone: a driver's text may name the server and the user.
        logger.warning("Not ready: %s", type(error).__name__)
        connection.close()
        detail = f"The database does not answer ({type(error).__name__})."
        return [{"check": "database", "detail": detail}]
    return found
