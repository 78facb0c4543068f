"""A fleet of cities: making one, making all, migrating all, against the obvious ways."""

# ruff: noqa: T201, E402, S608 - a script that prints, sets its environment first, names schemas
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
os.environ.update(
    DATA_DIR=os.environ.get("BENCH_DIR", str(ROOT / ".data" / "bench-fleet")),
    VOLATILE="1",
    DJANGO_SETTINGS_MODULE="bezpechne.settings",
    LOG_LEVEL="ERROR",
)
sys.path[:0] = [str(ROOT / "platform"), str(ROOT)]

import django

django.setup()

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client

from bezpechne.kernel.schema import in_schema
from provisioning import bulk
from provisioning.gazetteer.loading import load_gazetteer
from provisioning.models import Hromada, MigrationScript, ProvisioningRun
from provisioning.provisioning import Request, provision
from provisioning.schemas import fleet, stock
from provisioning.schemas.building import drop_schema
from tenants import resolution, versions
from tenants.models import City, Domain

ADDED = """
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("questions", "{last}")]
    operations = [
        migrations.AddField("question", "bench_weight", models.IntegerField(default=0)),
        migrations.CreateModel("BenchLink", [
            ("id", models.BigAutoField(primary_key=True)),
            ("one", models.ForeignKey("questions.Question", models.CASCADE, related_name="+")),
            ("other", models.ForeignKey("questions.Question", models.CASCADE, related_name="+")),
        ]),
        migrations.AddIndex(
            "question", models.Index(fields=["bench_weight"], name="questions_bench_weight")
        ),
    ]
"""


def dsn() -> str:
    connection.ensure_connection()
    values = connection.settings_dict
    return (
        f"postgresql://{values['USER']}:{values['PASSWORD']}@{values['HOST']}:{values['PORT']}"
        f"/{values['NAME']}"
    )


def took(act: Callable[[], Any]) -> float:
    """Seconds."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def median(acts: list[Callable[[], Any]]) -> float:
    """Milliseconds of one act."""
    return statistics.median(took(act) for act in acts) * 1000


def line(what: str, value: str) -> None:
    print(f"{what:<58} {value}", flush=True)


def bare_replay(schemas: list[str], threads: int) -> float:
    """Seconds to make the schemas with the script alone: no Django, no rows beside it."""
    script, address = stock.current_script().sql, dsn()
    waiting = list(schemas)

    def work() -> None:
        with psycopg.connect(address, autocommit=True) as bare:
            while waiting:
                try:
                    schema = waiting.pop()
                except IndexError:
                    return
                with bare.transaction():
                    bare.execute(
                        f'CREATE SCHEMA "{schema}"; SET LOCAL search_path = "{schema}"; {script}'
                    )

    def run() -> None:
        running = [threading.Thread(target=work) for _ in range(threads)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()

    return took(run)


def psql_replay(schema: str) -> float:
    """Milliseconds of the same by the psql program, its start included."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(f'CREATE SCHEMA "{schema}"; SET search_path = "{schema}";\n')
        file.write(stock.current_script().sql)
        file.flush()
        command = [shutil.which("psql") or "psql", "-q1", "-o", "/dev/null", "-f", file.name, dsn()]
        return took(lambda: subprocess.run(command, check=True)) * 1000


def forget(slug: str) -> None:
    city = City.objects.get(slug=slug)
    drop_schema(city.schema_name)
    # A queryset's: with its domains and its report, and not its schema once more.
    City.objects.filter(pk=city.pk).delete()
    ProvisioningRun.objects.filter(slug=slug).delete()


def one_city(rounds: int = 7) -> None:
    """Beside whatever is there already."""
    others = City.objects.count()
    hromada = Hromada.objects.exclude(pk__in=City.objects.values("katottg")).first()
    assert hromada is not None
    request = Request(hromada=hromada, admin_email="boss@example.org")
    replay, claim, bare, theirs, by_psql = [], [], [], [], []
    for number in range(rounds):
        replay.append(took(lambda: provision(request)) * 1000)
        forget(hromada.slug)
        stock.fill_stock(1)
        claim.append(took(lambda: provision(request)) * 1000)
        forget(hromada.slug)
        bare.append(bare_replay([f"bare_{number}"], 1) * 1000)
        drop_schema(f"bare_{number}")
        if shutil.which("psql"):
            by_psql.append(psql_replay(f"bare_{number}"))
            drop_schema(f"bare_{number}")
    for number in range(3):
        city = City(schema_name=f"theirs_{number}", slug=f"theirs{number}")
        theirs.append(took(partial(city.create_schema, check_if_exists=True, verbosity=0)) * 1000)
        drop_schema(f"theirs_{number}")
    ours, spare = statistics.median(replay), statistics.median(claim)
    script, save = statistics.median(bare), statistics.median(theirs)
    line(f"one city beside {others}: by replay", f"{ours:7.1f} ms")
    line("  by claim of a spare schema", f"{spare:7.1f} ms")
    line("  bare replay of the script, one connection", f"{script:7.1f} ms   {ours / script:.2f}×")
    if by_psql:
        program = statistics.median(by_psql)
        line("  bare replay by psql", f"{program:7.1f} ms   {ours / program:.2f}×")
    line("  django-tenants' save()", f"{save:7.1f} ms   {save / ours:.1f}× ours")


def all_cities(number: int) -> None:
    """Bulk over two connections, killed and resumed once, against the bare script."""
    lines = bulk.lines_of_ukraine()[:number]
    code = (
        "import django; django.setup();"
        "from provisioning import bulk; import os, signal;"
        f"done = []; half = {number // 2};"
        "tell = lambda line, error: (done.append(line),"
        " os.kill(os.getpid(), signal.SIGKILL) if len(done) == half else None);"
        f"bulk.provision_all(bulk.lines_of_ukraine()[:{number}], tell)"
    )
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}"}
    first = took(lambda: subprocess.run([sys.executable, "-c", code], env=environment, check=False))
    made = City.objects.count()
    second = took(lambda: bulk.provision_all(lines))
    total = City.objects.count()
    line(f"{number} cities in bulk, killed at {made}, resumed", f"{first + second:7.1f} s")
    sample = [f"bare_{index}" for index in range(min(200, number))]
    bare = bare_replay(sample, 2) / len(sample)
    for schema in sample:
        drop_schema(schema)
    each = (first + second) / total
    line("  each, two connections", f"{each * 1000:7.1f} ms")
    line(
        "  bare script beside them, two connections", f"{bare * 1000:7.1f} ms   {each / bare:.2f}×"
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database()) / 1e6, count(*) FROM pg_class")
        size, relations = cursor.fetchone()
    line("  database", f"{size:7.0f} MB, {relations} relations")


@contextmanager
def next_release() -> Iterator[None]:
    """The code with one migration more: a column, a table with two foreign keys, an index."""
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "bench_migrations"
        source = Path(import_module("community.questions.migrations").__path__[0])
        shutil.copytree(source, package)
        last = sorted(path.stem for path in source.glob("0*.py"))[-1]
        (package / "9000_bench.py").write_text(ADDED.format(last=last))
        sys.path.insert(0, folder)
        settings.MIGRATION_MODULES = {"questions": "bench_migrations"}
        versions.code_version.cache_clear()
        try:
            yield
        finally:
            settings.MIGRATION_MODULES = {}
            versions.code_version.cache_clear()
            sys.path.remove(folder)


def migrate_all() -> None:
    cities = City.objects.count()
    with next_release():
        broken = City.objects.order_by("slug")[cities // 2]
        with in_schema(broken.schema_name), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE questions_question ADD bench_weight text")
        seconds = took(lambda: results.append(fleet.migrate_cities()))
        [outcome] = results
        line(
            f"migrating {len(outcome.done)} cities, {len(outcome.failed)} failed",
            f"{seconds:7.1f} s",
        )
        with in_schema(broken.schema_name), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE questions_question DROP bench_weight")
        resumed = took(lambda: results.append(fleet.migrate_cities()))
        line(f"  resumed: {results[-1].done} done", f"{resumed:7.2f} s")
        line("  again, nothing to do", f"{took(fleet.migrate_cities) * 1000:7.1f} ms")
        sample = list(City.objects.order_by("slug")[:5])
        for city in sample:
            with in_schema(city.schema_name), connection.cursor() as cursor:
                cursor.execute(
                    "DROP TABLE questions_benchlink; ALTER TABLE questions_question DROP"
                    " bench_weight; DELETE FROM django_migrations WHERE name = '9000_bench'"
                )
        theirs = median(
            [
                lambda city=city: call_command(  # type: ignore[misc]
                    "migrate_schemas", tenant=True, schema_name=city.schema_name,
                    interactive=False, verbosity=0,
                )
                for city in sample
            ]
        )  # fmt: skip
        ours = seconds / cities * 1000
        line("  each", f"{ours:7.1f} ms")
        line(
            "  migrate_schemas of django-tenants, each",
            f"{theirs:7.1f} ms   {theirs / ours:.1f}× ours",
        )
        with connection.cursor() as cursor:
            # Back to the release that is checked out.
            for (schema,) in list(City.objects.values_list("schema_name").order_by("slug")):
                cursor.execute(
                    f'DROP TABLE "{schema}".questions_benchlink;'
                    f'ALTER TABLE "{schema}".questions_question DROP bench_weight;'
                    f"DELETE FROM \"{schema}\".django_migrations WHERE name = '9000_bench'"
                )
    City.objects.update(schema_version=versions.code_version().fingerprint)
    MigrationScript.objects.all().delete()


results: list[fleet.Outcome] = []


def memory(number: int = 200) -> None:
    """Of this process and of its one backend, after pages of many cities."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]

    def resident(pid: int) -> float:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        private = [row for row in text.splitlines() if row.startswith("Private_")]
        return sum(int(row.split()[1]) for row in private) / 1000

    before = resident(os.getpid()), resident(backend)
    urls = [domain.domain for domain in Domain.objects.order_by("domain")[:number]]
    resolution.forget()
    for host in urls:
        assert Client(headers={"host": host}).get("/").status_code == 200
    after = resident(os.getpid()), resident(backend)
    line(f"web process before and after {number} cities", f"{before[0]:.0f} → {after[0]:.0f} MB")
    line("  its database backend", f"{before[1]:.0f} → {after[1]:.0f} MB")
    line(
        "  highest resident size",
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB",
    )


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 1470
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("migrate_schemas", shared=True, interactive=False, verbosity=0)
    if not Hromada.objects.exists():
        load_gazetteer()
    stock.current_script()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
                       " WHERE nspname = 'city_template' AND relkind = 'r'")  # fmt: skip
        line("tables of a city", str(cursor.fetchone()[0]))
    one_city()
    all_cities(number - 1 if number == 1470 else number)
    one_city()
    migrate_all()
    memory()


if __name__ == "__main__":
    main()
