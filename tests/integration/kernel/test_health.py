"""What machines ask: alive, ready, figures. Nothing private, no host needed, bounded cost."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bezpechne.kernel import metrics, queue_state
from bezpechne.kernel.queue import defer
from tenants.models import City, SchemaVersion
from tenants.versions import code_version, remember

ROOT = Path(__file__).resolve().parents[3]
STRANGER = "203.0.113.9"


def figure(text: str, name: str) -> float:
    """Value of one line, 0 where there is none."""
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


@pytest.fixture
def scrape(db: None) -> Callable[[], str]:
    def read() -> str:
        response = Client(headers={"host": "anything.example"}).get("/metrics")
        assert response.status_code == 200
        return response.content.decode()

    return read


def execute(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


# --- ready --------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["bezpechne.test", "poltava.bezpechne.test", "10.0.0.7:8000"])
def test_a_server_with_its_tables_is_ready_whatever_the_host(db: None, host: str) -> None:
    response = Client(headers={"host": host}).get("/readyz")
    assert (response.status_code, response.json()) == (
        200,
        {"ready": True, "not_ready": [], "degraded": []},
    )


def test_ready_costs_a_fixed_number_of_queries(db: None) -> None:
    Client().get("/readyz")
    with CaptureQueriesContext(connection) as queries:
        Client().get("/readyz")
    assert len([query for query in queries if "SELECT" in query["sql"]]) == 3


def test_a_missing_shared_migration_is_named_with_its_remedy(db: None) -> None:
    execute("DELETE FROM public.django_migrations WHERE app = 'provisioning'")
    response = Client().get("/readyz")
    assert response.status_code == 503
    (finding,) = response.json()["not_ready"]
    assert finding["check"] == "migrations"
    assert "provisioning.0001_gazetteer" in finding["detail"]
    assert "migrate_schemas --shared" in finding["detail"]


def test_a_database_ahead_of_this_release_is_fine(db: None) -> None:
    """During a deploy the servers of the last release go on."""
    execute(
        "INSERT INTO public.django_migrations (app, name, applied)"
        " VALUES ('tenants', '9999_next_release', now())"
    )
    assert Client().get("/readyz").status_code == 200


def test_missing_tables_of_the_queue_are_named(db: None) -> None:
    execute("ALTER TABLE public.procrastinate_jobs RENAME TO elsewhere")
    (finding,) = Client().get("/readyz").json()["not_ready"]
    assert finding["check"] == "queue"


def python(code: str, **more: str) -> subprocess.CompletedProcess[str]:
    """A process of the product's own whose database is away."""
    nowhere = "postgresql://somebody:hush-hush@127.0.0.1:9/none"
    paths = os.pathsep.join([str(ROOT / "platform"), str(ROOT)])
    return subprocess.run(
        [sys.executable, "-c", f"import django; django.setup()\n{code}"],
        env={
            **os.environ,
            "DATABASE_URL": nowhere,
            "PYTHONPATH": paths,
            "DJANGO_SETTINGS_MODULE": "bezpechne.settings",
            **more,
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_without_a_database_the_process_lives_and_is_not_ready() -> None:
    done = python(
        "from django.test import Client\n"
        "client = Client()\n"
        "for path in ('/healthz', '/readyz', '/metrics'):\n"
        "    answer = client.get(path)\n"
        "    print(path, answer.status_code, answer.content.decode().replace('\\n', ' '))\n",
        # Blank is absent, and not a folder of that name.
        PROMETHEUS_MULTIPROC_DIR=" ",
    )
    assert "/healthz 200" in done.stdout, done.stderr
    assert "/readyz 503" in done.stdout
    assert "does not answer" in done.stdout
    assert "bezpechne_database_up 0.0" in done.stdout
    assert "bezpechne_cities" not in done.stdout
    for private in ("hush-hush", "somebody", "127.0.0.1:9"):
        assert private not in done.stdout + done.stderr


# --- figures ------------------------------------------------------------------------------------


def test_a_request_is_counted_by_route_and_class_of_status(
    scrape: Callable[[], str], alpha: City, client_of: Any
) -> None:
    name = 'bezpechne_requests_total{method="GET",route="portal:home",site="city",status="2xx"}'
    before = figure(scrape(), name)
    client_of(alpha).get("/")
    client_of(alpha).get("/en/")
    text = scrape()
    assert figure(text, name) == before + 2
    assert 'bezpechne_request_seconds_bucket{le="0.1",route="portal:home",site="city"}' in text


def test_no_label_holds_a_path_a_token_a_city_or_a_made_up_method(
    scrape: Callable[[], str], alpha: City, client_of: Any
) -> None:
    token = "Zq7_-" * 6 + "xy"
    client_of(alpha).get(f"/follow/{token}/")
    client_of(alpha).get("/nowhere/odarka@example.org/")
    client_of(alpha).generic("BREW-COFFEE", "/")
    text = scrape()
    for private in (token, "nowhere", "odarka", "poltava", "BREW"):
        assert private not in text
    assert 'method="other"' in text
    assert 'route="none"' in text


def test_asking_for_figures_is_not_itself_counted(scrape: Callable[[], str]) -> None:
    def total(text: str) -> float:
        return sum(float(n) for n in re.findall(r"^bezpechne_requests_total\S+ (\S+)", text, re.M))

    first = total(scrape())
    Client().get("/readyz")
    assert total(scrape()) == first


def test_the_queue_is_measured(scrape: Callable[[], str], alpha: City, inside: Any) -> None:
    with inside(alpha):
        for _ in range(4):
            defer("accounts.deliver", mail_id=0)
    execute(
        "UPDATE public.procrastinate_events SET at = now() - interval '1 hour'"
        " WHERE job_id = (SELECT max(id) FROM public.procrastinate_jobs)"
    )
    execute(
        "UPDATE public.procrastinate_jobs SET status = 'failed'"
        " WHERE id = (SELECT min(id) FROM public.procrastinate_jobs)"
    )
    execute(
        "UPDATE public.procrastinate_jobs SET scheduled_at = now() + interval '1 day'"
        " WHERE id = (SELECT min(id) + 1 FROM public.procrastinate_jobs)"
    )
    text = scrape()
    assert figure(text, "bezpechne_database_up") == 1
    assert figure(text, "bezpechne_jobs_due") == 2
    assert figure(text, "bezpechne_jobs_later") == 1
    assert figure(text, "bezpechne_jobs_dead") == 1
    assert 3590 < figure(text, "bezpechne_job_oldest_due_seconds") < 3700
    assert queue_state.read().due == 2


def test_cities_are_counted_by_state_and_by_what_they_lack(
    scrape: Callable[[], str], alpha: City, beta: City
) -> None:
    current = code_version()
    older = type(current).of(frozenset(sorted(current.migrations)[:-1]))
    newer = type(current).of(current.migrations | {("questions", "9999_next_release")})
    for version in (older, newer):
        remember(version)
    City.objects.filter(pk=alpha.pk).update(
        schema_version=older.fingerprint, state="trial", migration_error="lock timeout"
    )
    City.objects.filter(pk=beta.pk).update(schema_version=newer.fingerprint)
    text = scrape()
    assert figure(text, 'bezpechne_cities{state="trial"}') == 1
    assert figure(text, 'bezpechne_cities{state="active"}') == 1
    assert figure(text, "bezpechne_cities_behind") == 1
    assert figure(text, "bezpechne_cities_migration_failed") == 1
    City.objects.filter(pk=beta.pk).update(schema_version="unknown")
    assert figure(scrape(), "bezpechne_cities_behind") == 2


def test_the_number_of_queries_does_not_grow_with_versions(
    scrape: Callable[[], str], alpha: City, beta: City
) -> None:
    found = []
    for number, city in enumerate((alpha, beta)):
        SchemaVersion.objects.create(fingerprint=f"old{number}", migrations=[])
        City.objects.filter(pk=city.pk).update(schema_version=f"old{number}")
        with CaptureQueriesContext(connection) as queries:
            scrape()
        found.append(len([query for query in queries if "SELECT" in query["sql"]]))
    assert found == [5, 5]


# --- who may read them --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "address", "header", "wanted"),
    [
        ({}, "127.0.0.1", "", 200),
        ({}, "::1", "", 200),
        ({}, STRANGER, "", 404),
        ({"PRODUCTION": True}, "127.0.0.1", "", 404),
        # Behind a proxy of this machine every visitor has its address.
        ({"BEHIND_PROXY": True}, "127.0.0.1", "", 404),
        ({"METRICS_TOKEN": "s3cret"}, "127.0.0.1", "", 401),
        ({"METRICS_TOKEN": "s3cret"}, STRANGER, "Bearer wrong", 401),
        ({"METRICS_TOKEN": "s3cret"}, STRANGER, "s3cret", 401),
        ({"METRICS_TOKEN": "s3cret"}, STRANGER, "Bearer пароль", 401),
        ({"METRICS_TOKEN": "s3cret", "PRODUCTION": True}, STRANGER, "Bearer s3cret", 200),
    ],
)
def test_figures_are_for_whom_they_are_meant(
    db: None,
    settings: LazySettings,
    changes: dict[str, Any],
    address: str,
    header: str,
    wanted: int,
) -> None:
    for name, value in changes.items():
        setattr(settings, name, value)
    response = Client().get("/metrics", REMOTE_ADDR=address, HTTP_AUTHORIZATION=header)
    assert response.status_code == wanted
    assert (b"bezpechne_requests" in response.content) == (wanted == 200)


# --- several processes --------------------------------------------------------------------------

COUNT = (
    "from bezpechne.kernel import metrics\nmetrics.count_request('city', 'r', 'GET', 200, 0.02)\n"
)


def test_figures_of_several_processes_add_up(tmp_path: Path) -> None:
    folder = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "figures")}
    assert python(COUNT, **folder).returncode == 0
    text = python(f"{COUNT}print(metrics.exposition().decode())", **folder).stdout
    line = 'bezpechne_requests_total{method="GET",route="r",site="city",status="2xx"}'
    assert figure(text, line) == 2
    assert figure(text, 'bezpechne_request_seconds_count{route="r",site="city"}') == 2


def test_a_statement_that_hangs_is_ended(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "TIME_LIMIT_MS", 50)
    with pytest.raises(DatabaseError, match="statement timeout"), metrics.limited():
        execute("SELECT pg_sleep(30)")
