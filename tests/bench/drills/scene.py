"""The five things that can die, and how each is killed and brought back."""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString

import psycopg

from tests.bench.drills.bucket import BUCKET
from tests.bench.drills.post_office import Letters
from tests.e2e.installation import ROOT, Installation, free_port, wait_until

KINDS = ("web", "worker", "database", "smtp", "s3")
# Pauses of the hand that kills, in seconds: before the next one, and while a thing is dead.
BETWEEN, DEAD = (0.1, 1.5), (0.05, 1.5)


class Helper:
    """One server of ours in a process of its own, on one port for all its lives."""

    def __init__(self, module: str, folder: Path) -> None:
        self.port, self.folder, self._module = free_port(), folder, module
        self.folder.mkdir()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it listens."""
        command = [sys.executable, "-m", self._module, str(self.port), str(self.folder)]
        path = os.pathsep.join([str(ROOT / "platform"), str(ROOT)])
        self._process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": path})
        wait_until(self._listens, f"{self._module} listens", 60)

    def kill(self) -> None:
        """SIGKILL; connections break, and the port refuses."""
        if self._process:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(timeout=20)

    def _listens(self) -> bool:
        assert self._process, "It was started."
        assert self._process.poll() is None, f"{self._module} ended by itself."
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@dataclass(frozen=True)
class Kill:
    """`at` and `back` in seconds since the epoch: dead between them."""

    kind: str
    at: float
    back: float


class Scene:
    """An installation with S3 and a mail server, and the list of what was killed when."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="bezpechne-drills-"))
        self.smtp = Helper("tests.bench.drills.post_office", self.folder / "mail")
        self.s3 = Helper("tests.bench.drills.bucket", self.folder / "bucket")
        self.letters = Letters(self.smtp.folder)
        self.installation = Installation(
            self.smtp.port,
            "bezpechne_drills",
            # What is committed outlives the kill of the database.
            VOLATILE="",
            # Each person comes from an address of their own: the limits are not what is drilled.
            BEHIND_PROXY="1",
            S3_BUCKET=BUCKET,
            S3_ENDPOINT_URL=f"http://127.0.0.1:{self.s3.port}",
            S3_REGION="us-east-1",
            S3_ACCESS_KEY_ID="key",
            S3_SECRET_ACCESS_KEY="hush-hush",
        )
        self.kills: list[Kill] = []

    def start(self) -> None:
        self.smtp.start()
        self.s3.start()
        self.installation.start()

    def stop(self) -> None:
        self.installation.stop()
        self.smtp.kill()
        self.s3.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def schema_of(self, slug: str) -> str:
        """Where the rows of a city are."""
        with self.installation.database() as connection:
            found = connection.execute(
                "SELECT schema_name FROM public.tenants_city WHERE slug = %s", [slug]
            ).fetchone()
        assert found, slug
        return str(found[0])

    # --- Killing ----------------------------------------------------------------------------------

    def kill(self, kind: str, pause: float) -> None:
        """Kills one of the five, waits, brings it back, and returns when it works again."""
        at = time.time()
        getattr(self, f"_{kind}_dies")(pause)
        self.kills.append(Kill(kind, at, time.time()))

    def _web_dies(self, pause: float) -> None:
        self.installation.kill_web()
        time.sleep(pause)
        self.installation.start_web()

    def _worker_dies(self, pause: float) -> None:
        self.installation.kill_worker()
        # Nobody who works is left: the dead need not be waited for until they miss a heartbeat.
        self._forget_heartbeats("now()")
        time.sleep(pause)
        self.installation.start_worker()

    def _database_dies(self, pause: float) -> None:
        # The product starts the embedded server again when it needs it, which is at once.
        self.installation.restart_database(immediately=True)
        wait_until(self._database_answers, "the database is back", 90)
        self._forget_heartbeats("pg_postmaster_start_time()")
        time.sleep(pause)

    def _smtp_dies(self, pause: float) -> None:
        self.smtp.kill()
        time.sleep(pause)
        self.smtp.start()

    def _s3_dies(self, pause: float) -> None:
        self.s3.kill()
        time.sleep(pause)
        self.s3.start()

    def _database_answers(self) -> bool:
        try:
            with self.installation.database() as connection:
                return connection.execute("SELECT 1").fetchone() == (1,)
        except (psycopg.OperationalError, OSError, IndexError, ValueError):
            return False

    def _forget_heartbeats(self, before: LiteralString) -> None:
        """Workers that gave a sign before that moment, and none since, are dead for long."""
        with self.installation.database() as connection:
            connection.execute(
                "UPDATE public.procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"  # noqa: S608 - a literal
                " WHERE last_heartbeat <= " + before
            )

    # --- The end of a batch -----------------------------------------------------------------------

    def settle(self, seconds: float = 240) -> list[str]:
        """Time passes until no job waits or works; says what still does after so many seconds.

        What was put off is due at once, and jobs of dead workers are found at once; both would
        happen anyhow, within hours and within a minute and a half.
        """
        deadline = time.monotonic() + seconds
        looked = 0.0
        while time.monotonic() < deadline:
            with self.installation.database() as connection:
                connection.execute(
                    "UPDATE public.procrastinate_jobs SET scheduled_at = now()"
                    " WHERE status = 'todo' AND scheduled_at > now()"
                )
                left = connection.execute(
                    "SELECT status, task_name, attempts FROM public.procrastinate_jobs"
                    " WHERE status IN ('todo', 'doing') ORDER BY id"
                ).fetchall()
            if not left:
                return []
            if any(status == "doing" for status, *_ in left) and time.monotonic() > looked + 5:
                self._recover()
                looked = time.monotonic()
            time.sleep(0.5)
        return [f"after {seconds:g} s a job is left: {job}" for job in left[:20]]

    def _recover(self) -> None:
        code = "from bezpechne.kernel.queue import recover_stalled as r; r()"
        self.installation.manage("shell", "-v0", "-c", code)

    def told(self) -> str:
        """«12 kills: 3 web, …»."""
        number = Counter(kill.kind for kill in self.kills)
        return f"{len(self.kills)} kills ({', '.join(f'{number[kind]} {kind}' for kind in KINDS)})"


class Killer(threading.Thread):
    """Kills so many times, each of the five in turn of a shuffled list, then sets `done`.

    `halt` ends it early, before the next kill.
    """

    def __init__(self, scene: Scene, number: int, chance: random.Random) -> None:
        super().__init__(name="killer", daemon=True)
        self._scene, self._chance = scene, chance
        self._plan = [KINDS[at % len(KINDS)] for at in range(number)]
        chance.shuffle(self._plan)
        self.done, self.halt = threading.Event(), threading.Event()
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            for kind in self._plan:
                if self.halt.wait(self._chance.uniform(*BETWEEN)):
                    return
                self._scene.kill(kind, self._chance.uniform(*DEAD))
        except Exception as error:  # noqa: BLE001 - raised anew by whoever waits
            self.error = error
        finally:
            self.done.set()
