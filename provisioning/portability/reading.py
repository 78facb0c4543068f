"""Reads an archive that may be damaged, foreign or made to do harm, and says what is wrong with it."""

import hashlib
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from provisioning.portability import manifest as manifests
from provisioning.portability.manifest import Manifest, Member
from provisioning.portability.refusals import ArchiveRefused
from provisioning.portability.writing import CHUNK, sha256_of

Progress = Callable[[str, int, int], None]
# Text of a table packs 3 to 60 times; deflate's limit is about 1,030.
_BOMB_BYTES, _BOMB_RATIO = 256 * 1024 * 1024, 300


@contextmanager
def _sentences() -> Iterator[None]:
    """What zip and zlib say about a bad file becomes a refusal."""
    try:
        yield
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        struct.error,
        NotImplementedError,
        RuntimeError,
        UnicodeDecodeError,
        OSError,
    ) as error:
        raise ArchiveRefused(
            f"The archive is damaged or cut short ({error}). Take another copy of it."
        ) from error


def safe_name(name: str) -> bool:
    """A path below a folder, as the product itself makes them."""
    path = PurePosixPath(name)
    return bool(
        name
        and len(name) <= 400
        and name.isprintable()
        and not any(sign in name for sign in '\\:*?"<>|')
        and not path.is_absolute()
        and ".." not in path.parts
        and str(path) == name
    )


class Archive:
    """An opened archive; `manifest` is checked for sense, the content only by `verify`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_file():
            raise ArchiveRefused(f"There is no file {path}.")
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, struct.error, NotImplementedError) as error:
            raise ArchiveRefused(
                f"{path} is no archive, or it was cut short on the way. Take another copy of it."
            ) from error
        try:
            self._infos = self._directory()
            self.manifest = self._manifest()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._zip.close()

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _directory(self) -> dict[str, zipfile.ZipInfo]:
        infos = self._zip.infolist()
        found = {info.filename: info for info in infos}
        if len(found) != len(infos):
            raise ArchiveRefused("The archive holds one name twice: it was tampered with.")
        for info in infos:
            if not safe_name(info.filename) or info.is_dir():
                raise ArchiveRefused(
                    f"The archive holds the name {info.filename[:80]!r}, which would lead out of"
                    " its folder: it was tampered with."
                )
            if info.flag_bits & 1 or info.compress_type not in {0, zipfile.ZIP_DEFLATED}:
                raise ArchiveRefused("The archive is encrypted or packed in an unknown way.")
            if info.file_size > max(_BOMB_BYTES, info.compress_size * _BOMB_RATIO):
                raise ArchiveRefused(
                    f"{info.filename} would unpack to {info.file_size} bytes from"
                    f" {info.compress_size}: the archive was made to do harm."
                )
        if sum(info.compress_size for info in infos) > self.path.stat().st_size:
            raise ArchiveRefused("Parts of the archive overlap: it was made to do harm.")
        return found

    def _manifest(self) -> Manifest:
        info = self._infos.get(manifests.MANIFEST)
        if info is None:
            raise ArchiveRefused("This zip is not an archive of a city: it has no manifest.json.")
        if info.file_size > manifests.MAX_MANIFEST_BYTES:
            raise ArchiveRefused("The archive's manifest is too large to be one.")
        with _sentences():
            return manifests.parse(self._zip.read(info))

    def chunks(self, name: str) -> Iterator[bytes]:
        """Bytes of a member, never more than the zip's directory says."""
        if name not in self._infos:
            raise ArchiveRefused(f"The archive lacks {name}: it is damaged or was tampered with.")
        with _sentences(), self._zip.open(self._infos[name]) as source:
            while chunk := source.read(CHUNK):
                yield chunk

    def files(self) -> Iterator[Member]:
        """Each file of the city by its name in the city's storage."""
        rest = b""
        for chunk in self.chunks(manifests.FILES_LIST):
            *lines, rest = (rest + chunk).split(b"\n")
            yield from map(_file_line, lines)
        if rest:
            raise ArchiveRefused("The archive's list of files is cut short.")


def _file_line(line: bytes) -> Member:
    try:
        data: Any = json.loads(line)
        found = Member(name=data["name"], size=data["size"], sha256=data["sha256"])
        right = isinstance(found.name, str) and type(found.size) is int and safe_name(found.name)
    except (ValueError, KeyError, TypeError):
        right = False
    if not right:
        raise ArchiveRefused("The archive's list of files names no proper file.")
    return found


def _check(archive: Archive, member: Member, rows: int | None = None) -> None:
    """Size, checksum and, of a table, the number of rows."""
    digest, size, lines = hashlib.sha256(), 0, 0
    for chunk in archive.chunks(member.name):
        digest.update(chunk)
        size += len(chunk)
        lines += chunk.count(b"\n") if rows is not None else 0
    if (size, digest.hexdigest()) != (member.size, member.sha256):
        raise ArchiveRefused(
            f"{member.name} is not what was exported (its checksum differs): the archive is"
            " damaged or was tampered with. Take another copy of it."
        )
    if rows is not None and lines != rows:
        raise ArchiveRefused(f"{member.name} has {lines} rows, the manifest says {rows}.")


def verify(archive: Archive, tell: Progress, *, sha256: str = "") -> str:
    """Reads all of the archive; returns its sha256. Raises ArchiveRefused.

    Touches no database: a bad archive is known before anything is made.
    """
    whole = sha256_of(archive.path)
    if sha256 and whole != sha256.strip().lower():
        raise ArchiveRefused(
            f"The archive's sha256 is {whole}, not the one that was given: it is another file."
        )
    manifest = archive.manifest
    listed = {manifests.MANIFEST, manifests.FILES_LIST}
    parts = [
        (Member(name=table.member, size=table.size, sha256=table.sha256), table.rows)
        for table in manifest.tables
    ]
    for number, (member, rows) in enumerate(parts, start=1):
        _check(archive, member, rows)
        listed.add(member.name)
        tell("checking tables", number, len(parts))
    for member in manifest.readable:
        _check(archive, member)
        listed.add(member.name)
    listed |= _verify_files(archive, tell)
    extra = sorted(set(archive._infos) - listed)
    if extra:
        raise ArchiveRefused(
            f"The archive holds {extra[0][:80]}, which its manifest does not list:"
            " it was tampered with."
        )
    return whole


def _verify_files(archive: Archive, tell: Progress) -> set[str]:
    entry = archive.manifest.files
    listing = hashlib.sha256()
    for chunk in archive.chunks(manifests.FILES_LIST):
        listing.update(chunk)
    if listing.hexdigest() != entry.sha256:
        raise ArchiveRefused("The archive's list of files was changed. Take another copy of it.")
    seen: set[str] = set()
    size = 0
    for number, file in enumerate(archive.files(), start=1):
        name = manifests.FILES + file.name
        _check(archive, Member(name=name, size=file.size, sha256=file.sha256))
        seen.add(name)
        size += file.size
        tell("checking files", number, entry.count)
    if (len(seen), size) != (entry.count, entry.size):
        raise ArchiveRefused("The number of files is not what the manifest says.")
    return seen
