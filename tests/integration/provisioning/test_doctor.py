"""The doctor finds what is broken, says how to mend it, and fails only for errors."""

import json
import shutil
import socket
from datetime import timedelta
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import connection

from bezpechne.kernel import clock
from bezpechne.kernel.doctor import Check, Finding, Level, database, examine, machine
from bezpechne.kernel.queue import defer
from provisioning import doctor
from provisioning.models import ProvisioningRun, SpareSchema
from tenants.models import City, Domain
from tests.integration.committed import python

OK, WARNING, ERROR = Level.OK, Level.WARNING, Level.ERROR


def levels(look: Any) -> set[Level]:
    return {finding.level for finding in look()}


def one(look: Any, level: Level) -> Finding:
    """The only finding of a level; it says how to mend it."""
    found: Finding
    (found,) = [finding for finding in look() if finding.level == level]
    assert found.fix
    return found


def execute(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def report() -> tuple[list[dict[str, str]], int]:
    """What `doctor --json` prints, and its exit code."""
    out = StringIO()
    code = 0
    try:
        call_command("doctor", json=True, stdout=out)
    except CommandError as error:
        code = error.returncode
    return json.loads(out.getvalue()), code


# --- the command --------------------------------------------------------------------------------


def test_a_sound_installation_passes_every_check(db: None) -> None:
    rows, code = report()
    assert [row for row in rows if row["level"] == ERROR] == []
    assert code == 0
    assert {row["check"] for row in rows} == {check.name for check in doctor.CHECKS}


def test_an_error_gives_exit_code_one_and_its_fix(alpha: City) -> None:
    City.objects.filter(pk=alpha.pk).update(migration_error="canceling statement: lock timeout")
    rows, code = report()
    (row,) = [row for row in rows if row["level"] == ERROR]
    assert (row["check"], code) == ("versions", 1)
    assert "poltava" in row["text"]
    assert "migrate_cities" in row["fix"]
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("doctor", stdout=out)
    assert f"→ {row['fix']}" in out.getvalue()


def test_without_a_database_the_rest_is_still_examined() -> None:
    done = python(
        "import sys; from django.core.management import execute_from_command_line as run\n"
        "run(['manage.py', 'doctor'])",
        DATABASE_URL="postgresql://somebody:hush-hush@127.0.0.1:9/none",
    )
    assert done.returncode == 1
    assert "ERROR   database: The database does not answer" in done.stdout
    assert "disk:" in done.stdout
    assert "queue:" not in done.stdout
    assert "hush-hush" not in done.stdout + done.stderr


def test_a_check_that_breaks_is_a_finding_and_stops_no_other() -> None:
    def broken() -> list[Finding]:
        raise RuntimeError("row of odarka@example.org")

    checks = [Check("first", broken, needs_database=False), *machine.CHECKS[-1:]]
    first, *rest = examine(checks)
    assert (first.check, first.level) == ("first", ERROR)
    assert "odarka" not in first.text
    assert [finding.check for finding in rest] == ["disk"]


# --- the machine --------------------------------------------------------------------------------


def test_settings_of_production_are_examined(settings: LazySettings) -> None:
    settings.PRODUCTION = True
    settings.WEB_PROCESSES = 4
    texts = " ".join(finding.text for finding in machine.look_at_settings())
    for name in ("BEHIND_PROXY", "METRICS_TOKEN", "4 web processes", "second web server"):
        assert name in texts


def test_an_address_in_the_clear_is_an_error_in_production(settings: LazySettings) -> None:
    assert levels(machine.look_at_address) == {OK}
    settings.PRODUCTION, settings.BASE_HOST = True, "localhost"
    assert "in the clear" in next(iter(machine.look_at_address())).text


def test_the_mail_server_is_greeted(settings: LazySettings) -> None:
    controller = Controller(object(), hostname="127.0.0.1", port=0)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        controller.port = free.getsockname()[1]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    assert "does not answer" in one(machine.look_at_mail, ERROR).text
    controller.start()
    try:
        assert levels(machine.look_at_mail) == {OK}
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "me", "hush-hush"
        refused = one(machine.look_at_mail, ERROR)
        assert "hush-hush" not in refused.text
    finally:
        controller.stop()


def test_files_are_written_read_and_deleted(settings: LazySettings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    assert levels(machine.look_at_files) == {OK}
    assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []
    # A file where the folder should be: fails for root too.
    settings.MEDIA_ROOT = tmp_path / "blocked"
    settings.MEDIA_ROOT.write_text("")
    assert "Writing" in one(machine.look_at_files, ERROR).text


@pytest.mark.parametrize(("free_gb", "level"), [(50, OK), (5, WARNING), (1, ERROR)])
def test_disk_space_is_judged(monkeypatch: pytest.MonkeyPatch, free_gb: int, level: Level) -> None:
    usage = SimpleNamespace(total=10**11, free=free_gb * 10**9)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    assert levels(machine.look_at_disk) == {level}


# --- the database and the queue -----------------------------------------------------------------


def test_a_clock_that_differs_is_found(db: None) -> None:
    assert levels(database.look_at_clock) == {OK}
    with clock.frozen(clock.now() - timedelta(seconds=20)):
        assert "NTP" in one(database.look_at_clock, WARNING).fix
    with clock.frozen(clock.now() + timedelta(hours=1)):
        assert one(database.look_at_clock, ERROR)


def test_missing_shared_migrations_are_found(db: None) -> None:
    execute("DELETE FROM public.django_migrations WHERE app = 'provisioning'")
    found = one(database.look_at_migrations, ERROR)
    assert "provisioning.0001_gazetteer" in found.text
    assert "migrate_schemas --shared" in found.fix


def test_an_empty_database_is_told_in_one_sentence_each(db: None) -> None:
    execute("ALTER TABLE public.tenants_city RENAME TO elsewhere")
    (found,) = examine([Check("versions", doctor.look_at_versions)])
    assert (found.level, found.text) == (ERROR, "The tables to look at are missing.")


def test_the_queue_is_examined(alpha: City, inside: Any) -> None:
    with inside(alpha):
        for _ in range(3):
            defer("accounts.deliver", mail_id=0)
    execute("UPDATE public.procrastinate_events SET at = now() - interval '11 minutes'")
    execute(
        "INSERT INTO public.procrastinate_workers (last_heartbeat)"
        " VALUES (now() - interval '1 hour')"
    )
    execute(
        "UPDATE public.procrastinate_jobs SET status = 'failed'"
        " WHERE id = (SELECT min(id) FROM public.procrastinate_jobs)"
    )
    execute(
        "UPDATE public.procrastinate_jobs SET status = 'doing',"
        " worker_id = (SELECT max(id) FROM public.procrastinate_workers)"
        " WHERE id = (SELECT max(id) FROM public.procrastinate_jobs)"
    )
    texts = " ".join(finding.text for finding in database.look_at_queue())
    assert "1 jobs are in the hands of a worker that is silent" in texts
    assert "1 workers ended without a word" in texts
    assert "1 jobs used up their attempts" in texts
    assert "No worker runs" in texts
    assert "waits 11 minutes" in one(database.look_at_queue, ERROR).text
    execute("UPDATE public.procrastinate_workers SET last_heartbeat = now()")
    execute("UPDATE public.procrastinate_jobs SET status = 'succeeded'")
    assert levels(database.look_at_queue) == {OK}


# --- the fleet ----------------------------------------------------------------------------------


def test_cities_behind_are_named(alpha: City, beta: City) -> None:
    assert levels(doctor.look_at_versions) == {OK}
    City.objects.filter(pk=beta.pk).update(schema_version="unknown")
    found = one(doctor.look_at_versions, ERROR)
    assert "ternopil" in found.text
    assert "poltava" not in found.text


def test_the_stock_is_examined(db: None) -> None:
    SpareSchema.objects.all().delete()
    assert "spare schemas" in one(doctor.look_at_stock, WARNING).text
    ProvisioningRun.objects.create(
        request_key="x", slug="lubny", katottg="x", started_at=clock.now() - timedelta(hours=2)
    )
    assert any("lubny" in finding.text for finding in doctor.look_at_stock())
    execute("DROP SCHEMA city_template CASCADE")
    assert any("template" in finding.text for finding in doctor.look_at_stock())


def test_a_city_without_a_primary_domain_is_found(alpha: City, beta: City) -> None:
    assert levels(doctor.look_at_domains) == {OK}
    Domain.objects.filter(tenant=alpha).update(is_primary=False)
    Domain.objects.filter(tenant=beta).update(verified_at=None)
    without, unproven = doctor.look_at_domains()
    assert "poltava" in without.text
    assert "ternopil" not in without.text
    assert "ternopil.bezpechne.test" in unproven.text


def test_rows_and_schemas_that_miss_each_other_are_found(alpha: City) -> None:
    assert levels(doctor.look_at_schemas) == {OK}
    execute("CREATE SCHEMA city_nobody")
    execute("ALTER SCHEMA city_poltava RENAME TO elsewhere")
    SpareSchema.objects.create(schema_name="spare_gone", fingerprint="x")
    gone, orphan, spare = doctor.look_at_schemas()
    assert (gone.level, orphan.level, spare.level) == (ERROR, WARNING, ERROR)
    assert "city_poltava" in gone.text
    assert "city_nobody" in orphan.text
    assert "spare_gone" in spare.text
