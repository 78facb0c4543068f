"""The drill of deploy/backup.md on a real server: base backup, write-ahead log, another server.

A city is made after the base backup was taken: only the log can bring it back.
"""

import contextlib
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from bezpechne.kernel.postgres_place import Account, PostgresError, find_binaries, settle
from tenants.models import City
from tests.factories import Make
from tests.integration.committed import remove_city, unblocked
from tests.worlds import digest

pytestmark = pytest.mark.processes

SLOT = "restore_drill"
SECONDS = 120


def binaries(account: Account) -> Path:
    """Programs of the running server's own major version."""
    major = connection.connection.info.server_version // 10000
    folders = [Path(f"/usr/lib/postgresql/{major}/bin")]
    with contextlib.suppress(PostgresError):
        folders.insert(0, find_binaries(account))
    for folder in folders:
        if (folder / "pg_receivewal").exists() and f" {major}." in account.run(
            folder / "pg_basebackup", "--version", seconds=10
        ).stdout:
            return folder
    pytest.skip(f"No pg_basebackup of PostgreSQL {major} on this machine.")


class Drill:
    """A folder open to the server's user, and the steps of the guide."""

    def __init__(self, folder: Path) -> None:
        self.home, self.account = settle(folder)
        self.programs = binaries(self.account)
        given = connection.settings_dict
        self.source = {**given, "PORT": str(given["PORT"])}
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def run(self, program: str, *arguments: str | Path) -> None:
        done = self.account.run(self.programs / program, *arguments, seconds=SECONDS)
        assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"

    def address(self, port: str | int, **more: str) -> str:
        parts = {"host": "127.0.0.1", "user": self.source["USER"], **more}
        password = self.source["PASSWORD"]
        if password:
            parts["password"] = password
        return " ".join(f"{key}={value}" for key, value in parts.items()) + f" port={port}"

    def base_backup(self) -> None:
        self.run(
            "pg_basebackup",
            *("--dbname", self.address(self.source["PORT"]), "--pgdata", self.home / "base"),
            *("--checkpoint=fast", "--wal-method=none", "--no-sync"),
        )

    def receive_wal(self, until: str) -> None:
        wal = self.home / "wal"
        wal.mkdir()
        if self.account.uid is not None:
            os.chown(wal, self.account.uid, self.account.gid or 0)
        self.run(
            "pg_receivewal",
            *("--dbname", self.address(self.source["PORT"]), "--directory", wal),
            *("--slot", SLOT, "--endpos", until, "--no-loop", "--no-sync"),
        )

    def start(self) -> None:
        """Recovers from the archive, and stops at its end."""
        base = self.home / "base"
        (base / "recovery.signal").touch()
        settings = base / "postgresql.auto.conf"
        settings.write_text(f'restore_command = \'cp "{self.home}/wal/%f" "%p"\'\n')
        for path in (base / "recovery.signal", settings):
            if self.account.uid is not None:
                os.chown(path, self.account.uid, self.account.gid or 0)
        options = f"-c port={self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
        options += " -c fsync=off -c max_connections=200 -c max_locks_per_transaction=1024"
        self.run(
            "pg_ctl",
            *("start", "--wait", "--pgdata", base, "--log", self.home / "log"),
            *("--options", options),
        )

        deadline = time.monotonic() + SECONDS
        # It lets readers in long before the log's end, with what it has by then.
        while self.ask("SELECT pg_is_in_recovery()"):
            assert time.monotonic() < deadline, (self.home / "log").read_text()[-2000:]
            time.sleep(0.1)

    def ask(self, sql: str) -> Any:
        """One value from the restored server."""
        url = self.address(self.port, dbname=self.source["NAME"])
        with psycopg.connect(url, autocommit=True) as there:
            row = there.execute(sql.encode()).fetchone()
            return row[0] if row else None

    def stop(self) -> None:
        if (self.home / "base" / "postmaster.pid").exists():
            self.run("pg_ctl", "stop", "--mode=immediate", "--pgdata", self.home / "base")


@pytest.fixture
def drill(django_db_setup: None, django_db_blocker: Any) -> Iterator[Drill]:
    with unblocked(django_db_blocker):
        connection.ensure_connection()
        # Not tmp_path: under root its parents are closed to the user PostgreSQL runs as.
        folder = Path(tempfile.mkdtemp(prefix="drill-"))
        folder.chmod(0o755)
        found = Drill(folder / "server")
        try:
            yield found
        finally:
            found.stop()
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                    " WHERE slot_name = %s",
                    [SLOT],
                )
            remove_city("lubny")
            shutil.rmtree(folder, ignore_errors=True)


def one(sql: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()[0]


def there(drill: Drill, tables: list[str]) -> dict[str, str]:
    """What `digest` says of tables here, said of the restored server's."""
    rows = "md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), ''))"
    parts = [f"('{name}', (SELECT {rows} FROM {name} t))" for name in tables]  # noqa: S608 - ours
    found: dict[str, str] = drill.ask(
        f"SELECT jsonb_object_agg(name, digest) FROM (VALUES {', '.join(parts)}) v(name, digest)"  # noqa: S608 - same
    )
    return found


def test_a_base_backup_and_the_log_bring_a_city_back(drill: Drill) -> None:
    one("SELECT pg_create_physical_replication_slot(%s, true)", SLOT)
    drill.base_backup()
    call_command("provision_city", "Лубни", admin_email="admin@example.org", json=True)
    city = City.objects.get(slug="lubny")
    for _ in range(3):
        Make(city).question("published")
    schemas = ("city_poltava", city.schema_name)
    before = digest(*schemas)
    one("SELECT pg_switch_wal()")
    # The log's end lies behind the switch, so that the segment before it is whole.
    one("SELECT pg_logical_emit_message(false, 'drill', 'end')")
    drill.receive_wal(one("SELECT pg_current_wal_insert_lsn()::text"))
    drill.start()
    assert there(drill, list(before)) == before
    questions = [before[f"{schema}.questions_question"] for schema in schemas]
    assert questions[0] != questions[1], "three questions in the one, none in the other"
