"""A whole installation in a folder of its own, run by the product's own commands."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from urllib.request import urlopen

import psycopg
from psycopg import sql

from tests.google import KEY

ROOT = Path(__file__).resolve().parents[2]
DATABASE = "bezpechne_e2e"
_FOREIGN = ("S3_BUCKET", "SENTRY_DSN", "DEBUG", "DEMO", "SECRET_KEY", "STATIC_ROOT", "DATABASE_URL")


def free_port() -> int:
    """A port of this machine that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(reached: Callable[[], Any], what: str, seconds: float = 20) -> Any:
    """The first true value of `reached()`; fails with `what` when there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := reached():
            return found
        time.sleep(0.05)
    raise AssertionError(f"In {seconds:g} s it did not happen: {what}.")


class Installation:
    """Database, web server and worker; `start` and `stop` frame everything else."""

    def __init__(self, smtp_port: int, database: str = DATABASE, **environment: str) -> None:
        """`environment` comes last and decides; `database` is the name on somebody else's server."""
        self.port = free_port()
        self._database = database
        self.base_url = f"http://localhost:{self.port}"
        self.folder = Path(tempfile.mkdtemp(prefix="bezpechne-e2e-"))
        # Under root the database runs as another user, who has to get through.
        self.folder.chmod(0o711)
        self.server_url = os.environ.get("DATABASE_URL", "").strip()
        kept = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
        self.environment = {
            **kept,
            "DJANGO_SETTINGS_MODULE": "bezpechne.settings",
            "PYTHONPATH": os.pathsep.join([str(ROOT / "platform"), str(ROOT)]),
            "PYTHONUNBUFFERED": "1",
            "ENVIRONMENT": "local",
            "DATA_DIR": str(self.folder),
            "VOLATILE": "1",
            "BASE_URL": self.base_url,
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(smtp_port),
            "SMTP_STARTTLS": "0",
            # No tiles: the map draws its grid, and no page asks a stranger's server for anything.
            "BASEMAP_TILES": "",
            # For the city that chooses it; the test that does brings the server.
            "GOOGLE_MAPS_KEY": KEY,
            "GOOGLE_TILES_URL": f"http://127.0.0.1:{free_port()}",
            "LOG_LEVEL": "WARNING",
            **environment,
        }
        if self.server_url:
            self.environment["DATABASE_URL"] = self._url_of(database)
        self._names: set[str] = set()
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    # --- Life -------------------------------------------------------------------------------------

    def start(self) -> None:
        """From nothing to a served site without cities."""
        if self.server_url:
            self._recreate_database()
        self.manage("migrate_schemas", "--shared", "--noinput", "-v0")
        # The worker first: as long as it lives, the embedded database does not stop and start.
        self.start_worker()
        self.manage("load_gazetteer")
        self.manage("collectstatic", "--noinput", "-v0")
        self.start_web()

    def stop(self) -> None:
        """Ends every process that `start` began, and forgets the data."""
        for name in list(self._running):
            self._end(name)
        if self.server_url:
            with psycopg.connect(self._url_of("postgres"), autocommit=True) as connection:
                connection.execute(f"DROP DATABASE IF EXISTS {self._database} WITH (FORCE)")
        else:
            # The last of the commands may have been killed; then the server still runs.
            self.stop_database(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def start_web(self) -> None:
        """Returns when it answers."""
        self._spawn("web", *self._granian())
        wait_until(self._answers, f"the web server answers\n{self.log('web')}", 60)

    def kill_web(self) -> None:
        """SIGKILL to the server and the processes that it made."""
        os.killpg(self._running["web"].pid, signal.SIGKILL)
        self._end("web", signal.SIGKILL)

    def start_worker(self) -> None:
        self._spawn("worker", sys.executable, str(ROOT / "manage.py"), "worker")

    def kill_worker(self) -> None:
        """SIGKILL: no good-bye, no clean-up."""
        self._end("worker", signal.SIGKILL)

    def manage(self, *arguments: str, fails: bool = False, **environment: str) -> str:
        """Runs a command of the product and returns what it printed."""
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            cwd=ROOT,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        said = f"{done.stdout}{done.stderr}"
        assert bool(done.returncode) == fails, f"{arguments} ended with {done.returncode}:\n{said}"
        return said

    def provision(self, name: str, *options: str) -> "CityAddress":
        """`manage.py provision_city`; its administrator has an address of its own.

        Modules share the installation in an order that changes, and a second request for a city
        answers with the first: each name is asked for once.
        """
        assert name not in self._names, f"Another test already has the city {name}; take another."
        self._names.add(name)
        admin = f"admin-{len(self._names)}@city.example"
        said = self.manage("provision_city", name, "--admin-email", admin, "--json", *options)
        made = json.loads(said)
        return CityAddress(made["slug"], made["url"], admin)

    def log(self, name: str) -> str:
        """What a process has written so far."""
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    # --- Database ---------------------------------------------------------------------------------

    @contextmanager
    def database(self) -> Iterator["psycopg.Connection[Any]"]:
        """A connection of the test's own, for what only a fault needs: a lock, a look at waits."""
        connection = psycopg.connect(self._own_url(), autocommit=True)
        try:
            yield connection
        finally:
            connection.close()

    def restart_database(self, *, immediately: bool = False) -> None:
        """Every connection breaks, with whatever it was doing.

        The embedded server is stopped; the product starts it again when it needs it. On somebody
        else's server only the connections to our own database end.
        """
        if not self.server_url:
            self.stop_database(immediately=immediately)
            return
        with psycopg.connect(self._url_of("postgres"), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                [self._database],
            )

    @contextmanager
    def database_refuses(self) -> Iterator[None]:
        """No connection is let in for a while, as during a restart that takes its time."""
        name = self._database if self.server_url else "bezpechne"
        change = sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS {}")
        with psycopg.connect(self._own_url("postgres"), autocommit=True) as connection:
            connection.execute(change.format(sql.Identifier(name), sql.SQL("false")))
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            )
            try:
                yield
            finally:
                connection.execute(change.format(sql.Identifier(name), sql.SQL("true")))

    def stop_database(self, *, missing_ok: bool = False, immediately: bool = False) -> None:
        """Fast shutdown of this installation's own embedded server; waits for its end.

        `immediately`: it does not tidy up and mends itself at its next start, as after a power cut.
        """
        pid_file = self._cluster() / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split()[0])
        except FileNotFoundError:
            assert missing_ok, "The embedded server does not run."
            return
        os.kill(pid, signal.SIGQUIT if immediately else signal.SIGINT)
        # Gone, or the file of a server that was started in its place meanwhile.
        wait_until(
            lambda: not pid_file.exists() or int((pid_file.read_text() or "0").split()[0]) != pid,
            "the embedded server stops",
        )

    def _cluster(self) -> Path:
        # Under a closed temporary folder the product puts the data elsewhere; then this fails loudly.
        return self.folder / "postgres" / "cluster"

    def _own_url(self, database: str = "") -> str:
        if self.server_url:
            return self._url_of(database or self._database)
        port = (self._cluster() / "postmaster.pid").read_text().splitlines()[3]
        password = (self._cluster().parent / "password").read_text()
        return f"postgresql://bezpechne:{password}@127.0.0.1:{port}/{database or 'bezpechne'}"

    def _url_of(self, database: str) -> str:
        parts = urlsplit(self.server_url)
        return urlunsplit(parts._replace(path=f"/{database}"))

    def _recreate_database(self) -> None:
        with psycopg.connect(self._url_of("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {self._database} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {self._database}")

    # --- Processes --------------------------------------------------------------------------------

    def _granian(self) -> list[str]:
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
        command += ["--port", str(self.port), "--blocking-threads", "4", "--no-ws"]
        return [*command, "--log-level", "warning", "bezpechne.wsgi:application"]

    def _spawn(self, name: str, *command: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _end(self, name: str, number: int = signal.SIGTERM) -> None:
        process = self._running.pop(name, None)
        if process is None:
            return
        process.send_signal(number)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=10)

    def _answers(self) -> bool:
        assert self._running["web"].poll() is None, f"The web server ended:\n{self.log('web')}"
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2) as response:
                return bool(response.status == 200)
        except OSError:
            return False


class CityAddress:
    """A provisioned city as a browser sees it."""

    def __init__(self, slug: str, url: str, admin: str) -> None:
        self.slug, self.url, self.admin = slug, url, admin

    def at(self, path: str = "/") -> str:
        """Absolute address of a page."""
        return f"{self.url}{path}"
