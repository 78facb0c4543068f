"""Provisioning killed with SIGKILL after each step leaves a whole city or none."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from tenants.models import City, Domain
from tests.integration.committed import at_once, killed, python, remove_city, unblocked

pytestmark = pytest.mark.processes

SLUG = "lubny"
STEPS = ("city", "tables", "defaults", "administrator")
CODE = """
import django, os, signal, sys, json
django.setup()
from provisioning.models import Hromada
from provisioning.provisioning import Request, provision
last = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("KILL_AFTER", "")
def tell(name, seconds):
    if name == last:
        os.kill(os.getpid(), signal.SIGKILL)
result = provision(
    Request(hromada=Hromada.objects.get(slug="lubny"), admin_email="boss@example.org"), tell
)
if last == "commit":
    os.kill(os.getpid(), signal.SIGKILL)
print(json.dumps({"created": result.created, "steps": result.steps}))
"""


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with unblocked(django_db_blocker):
        remove_city(SLUG)
        yield
        remove_city(SLUG)


def traces() -> dict[str, int]:
    """What there is of the city: rows, schema, tables, jobs."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM pg_namespace WHERE nspname = 'city_lubny'),"
            " (SELECT count(*) FROM pg_tables WHERE schemaname = 'city_lubny'),"
            " (SELECT count(*) FROM public.procrastinate_jobs"
            "  WHERE args->>'schema' = 'city_lubny')"
        )
        schemas, tables, jobs = cursor.fetchone()
    return {
        "cities": City.objects.filter(slug=SLUG).count(),
        "domains": Domain.objects.filter(domain__startswith=f"{SLUG}.").count(),
        "schemas": schemas,
        "tables": tables,
        "jobs": jobs,
    }


NONE = {"cities": 0, "domains": 0, "schemas": 0, "tables": 0, "jobs": 0}


def whole(found: dict[str, int]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'city_poltava'")
        (tables,) = cursor.fetchone()
    return found == {"cities": 1, "domains": 1, "schemas": 1, "tables": tables, "jobs": 1}


def test_killed_after_each_step_leaves_a_whole_city_or_none(committed: None) -> None:
    for step in STEPS:
        killed(CODE, KILL_AFTER=step)
        assert traces() == NONE, step
    killed(CODE, KILL_AFTER="commit")
    assert whole(traces())
    again = python(CODE)
    assert json.loads(again.stdout)["created"] is False, again.stderr
    assert whole(traces())


def test_two_commands_at_once_make_one_city(committed: None) -> None:
    def act() -> None:
        call_command("provision_city", "Лубни", admin_email="boss@example.org", json=True)

    assert at_once([act, act]) == [None, None]
    assert whole(traces())
