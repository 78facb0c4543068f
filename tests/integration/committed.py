"""Tests that need real commits: processes that are killed, threads that race.

They work in a city of their own beside the shared two, and leave nothing behind.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import connection

from provisioning.console.models import CityReport
from provisioning.models import SpareSchema
from provisioning.schemas.building import drop_schema

ROOT = Path(__file__).resolve().parents[2]


def environment(**more: str) -> dict[str, str]:
    """For a process of the product's own that works in the tests' database."""
    values = {**connection.settings_dict, **more}
    url = (
        f"postgresql://{values['USER']}:{values['PASSWORD']}@{values['HOST']}:{values['PORT']}"
        f"/{values['NAME']}"
    )
    return {
        **os.environ,
        "DATABASE_URL": url,
        "DATA_DIR": str(settings.DATA_DIR),
        "BASE_URL": settings.BASE_URL,
        "ENVIRONMENT": "local",
        "DJANGO_SETTINGS_MODULE": "bezpechne.settings",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "platform"), str(ROOT)]),
        **more,
    }


def python(code: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Runs code in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", code],
        env=environment(**more),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


# Before code for `killed`: `with dying():` ends the process at the statement number KILL_AFTER.
DYING = """
import django, os, signal
django.setup()
from django.db import connection
left = int(os.environ["KILL_AFTER"])
def count(execute, sql, params, many, context):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return execute(sql, params, many, context)
def dying():
    return connection.execute_wrapper(count)
"""


def killed(code: str, **more: str) -> None:
    """Runs code that ends itself with SIGKILL; returns when the database has let go of it too.

    The server notices a dead client a moment later, and its locks stay until then.
    """
    name = f"tests {uuid4()}"
    done = python(code, PGAPPNAME=name, **more)
    assert done.returncode == -signal.SIGKILL, done.stderr
    deadline = time.monotonic() + 60
    while _is_connected(name):
        assert time.monotonic() < deadline, "The server still holds sessions of a dead process."
        time.sleep(0.02)


def _is_connected(application: str) -> bool:
    with connection.cursor() as cursor:
        # Inside a transaction the view would go on answering from its first look.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = %s)",
            [application],
        )
        return bool(cursor.fetchone()[0])


def start_worker(**more: str) -> "subprocess.Popen[str]":
    """`manage.py worker --once` in the tests' database."""
    return subprocess.Popen(
        [sys.executable, "manage.py", "worker", "--once"],
        env=environment(**more),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """Runs all at one moment, each with a connection of its own; results or exceptions."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            barrier.wait(timeout=30)
            return act()
        except Exception as error:  # noqa: BLE001 - it is the result
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def remove_city(slug: str) -> None:
    """Schema, rows and jobs."""
    schema = f"city_{slug}"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        for statement in (
            # SQL follows no `on_delete` of Django's: what points at the city goes before it.
            """DELETE FROM public.console_city_report WHERE city_id =
            (SELECT id FROM public.tenants_city WHERE slug = %s)""",
            "DELETE FROM public.tenants_domain WHERE domain LIKE %s || '.%%'",
            "DELETE FROM public.tenants_city WHERE slug = %s",
            "DELETE FROM public.provisioning_run WHERE slug = %s",
            "DELETE FROM public.procrastinate_jobs WHERE args->>'schema' = 'city_' || %s",
        ):
            cursor.execute(statement, [slug])
        cursor.execute("DELETE FROM public.kernel_throttle")
        # What is posted cannot be deleted; nothing of the ledger is committed on purpose.
        cursor.execute(
            "TRUNCATE public.billing_city_account, public.billing_payer, public.billing_event,"
            " public.billing_statement, public.billing_statement_file, public.billing_stripe_event"
            " CASCADE"
        )
        cursor.execute("DELETE FROM public.procrastinate_jobs WHERE task_name LIKE 'billing.%'")
    # A worker of a test that met the minute of a periodic job.
    for spare in SpareSchema.objects.values_list("schema_name", flat=True):
        drop_schema(spare)
    SpareSchema.objects.all().delete()
    # What a worker of a test reported of the other cities.
    measured = {field.name: None for field in CityReport._meta.concrete_fields if field.null}
    CityReport.objects.update(**measured, fault="")


@contextmanager
def unblocked(blocker: Any) -> Iterator[None]:
    """The database without a test's transaction."""
    with blocker.unblock():
        wrapper: Any = connection
        wrapper.set_schema_to_public()
        yield
        wrapper.set_schema_to_public()
