"""Writes an archive: to FILE.part, readable by its owner alone, renamed when it is whole."""

import errno
import fcntl
import hashlib
import os
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, BinaryIO

from provisioning.portability.manifest import Member
from provisioning.portability.refusals import ExportRefused

CHUNK = 1024 * 1024
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def _cannot_write(path: Path, error: OSError) -> ExportRefused:
    if error.errno in _FULL:
        return ExportRefused(
            f"The disk is full: {path} could not be written and nothing was left of it."
            " Free some space or choose another disk."
        )
    return ExportRefused(f"Cannot write {path}: {error.strerror or error}.")


class _Guarded:
    """Turns errors of our own disk into refusals; those of the storage pass by."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file, self._path = file, path

    def write(self, data: bytes) -> int:
        try:
            return self._file.write(data)
        except OSError as error:
            raise _cannot_write(self._path, error) from error

    def flush(self) -> None:
        try:
            self._file.flush()
        except OSError as error:
            raise _cannot_write(self._path, error) from error

    def seek(self, offset: int, whence: int = 0) -> int:
        try:
            return self._file.seek(offset, whence)
        except OSError as error:
            raise _cannot_write(self._path, error) from error

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        """The owner of the file closes it."""


class Pen:
    """Appends to one member; afterwards says what was written."""

    def __init__(self, name: str, out: IO[bytes]) -> None:
        self._name, self._out = name, out
        self._size, self._digest = 0, hashlib.sha256()

    def write(self, data: bytes) -> None:
        self._out.write(data)
        self._digest.update(data)
        self._size += len(data)

    @property
    def member(self) -> Member:
        return Member(name=self._name, size=self._size, sha256=self._digest.hexdigest())


class ArchiveWriter:
    """The zip that is being written."""

    def __init__(self, target: _Guarded) -> None:
        self._zip = zipfile.ZipFile(target, "w", allowZip64=True)

    @contextmanager
    def member(self, name: str, *, packed: bool = True, size: int = 0) -> Iterator[Pen]:
        """One member, in pieces of any size; photos are packed already.

        With its `size` a small one is written in the old form, which every unpacker reads.
        """
        info = zipfile.ZipInfo(name, time.gmtime()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        info._compresslevel = 4  # type: ignore[attr-defined] # public in Python 3.13 only
        info.external_attr = 0o600 << 16
        info.file_size = size
        with self._zip.open(info, "w", force_zip64=not size) as out:
            yield Pen(name, out)

    def add(self, name: str, text: str) -> Member:
        """A small member at once."""
        with self.member(name) as pen:
            pen.write(text.encode())
        return pen.member

    def finish(self) -> None:
        """The zip's directory: without it the file is cut short."""
        self._zip.close()

    def abandon(self) -> None:
        """Lets go of the zip; its destructor must not write either."""
        with suppress(OSError, ValueError, ExportRefused):
            self._zip.close()


@contextmanager
def new_archive(path: Path, *, force: bool) -> Iterator[ArchiveWriter]:
    """The archive at `path` exists whole after the block, or there is nothing of it.

    Raises ExportRefused: it exists already, the disk is full, another export writes it.
    """
    if path.exists() and not force:
        raise ExportRefused(f"{path} exists already. Choose another name or add --force.")
    part = path.with_name(f"{path.name}.part")
    try:
        handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _cannot_write(path, error) from error
    file = os.fdopen(handle, "r+b")
    try:
        # Two exports to one name would rename each other's half.
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise ExportRefused(f"Another export is writing {path} right now.") from error
    done = False
    try:
        os.fchmod(handle, 0o600)
        file.truncate(0)
        guarded = _Guarded(file, path)
        writer = ArchiveWriter(guarded)
        try:
            yield writer
            writer.finish()
        except BaseException:
            writer.abandon()
            raise
        guarded.flush()
        _publish(file, part, path, force=force)
        done = True
    finally:
        if not done:
            with suppress(OSError):
                part.unlink()
        with suppress(OSError):
            file.close()


def _publish(file: BinaryIO, part: Path, path: Path, *, force: bool) -> None:
    """On the disk for good before it has its name."""
    try:
        os.fsync(file.fileno())
        if path.exists() and not force:
            raise ExportRefused(f"{path} appeared meanwhile. Choose another name or add --force.")
        part.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise _cannot_write(path, error) from error


def sha256_of(path: Path) -> str:
    """Of a whole file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
