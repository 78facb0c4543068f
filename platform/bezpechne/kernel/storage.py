"""Files of a city, under the city's own prefix, in a local folder or in S3.

The prefix is computed at each call: one process serves all cities, and a prefix fixed at start
would file one city's photos under another. Nothing here is public: every file is served by a view
that decides who may see it (decisions/0009). A storage that fails raises StorageUnavailable within
half a minute; a file that is not there raises FileNotFoundError.
"""

import mimetypes
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import IO, Any, cast

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.core.files.utils import validate_file_name
from django.db import transaction

from bezpechne.kernel import metering
from bezpechne.kernel.bucket import Bucket, md5_of
from bezpechne.kernel.schema import PUBLIC, current_schema
from bezpechne.kernel.stored import Item, Reason, StorageUnavailable


@cache
def _folder(root: str, schema: str) -> str:
    """Asked several times for each file."""
    return str(Path(root).absolute() / schema)


def _count(change: int) -> None:
    """After the commit, so that no upload waits for another one's transaction.

    What is lost between commit and count is found by the nightly reconciliation. The platform's own
    files are nobody's storage, and are written without a database too.
    """
    schema = current_schema()
    if schema == PUBLIC:
        return
    transaction.on_commit(
        lambda: metering.add(metering.FILE_BYTES, change, schema=schema), robust=True
    )


class CountedStorage(Storage):
    """Keeps the running total of a city's bytes, whoever stores or deletes."""

    def _save(self, name: str, content: "File[Any]") -> str:
        # Before: what is sent may be closed afterwards.
        size = content.size
        stored: str = super()._save(name, content)  # type: ignore[misc] # the backend's own
        _count(size)
        return stored

    def delete(self, name: str) -> None:
        try:
            size = self.size(name)
        except FileNotFoundError:
            # Gone already: nothing was counted for it.
            size = 0
        super().delete(name)
        _count(-size)

    def items(self) -> Iterator[Item]:
        """All files under the city's prefix, by listing them: slow, for the nightly work."""
        raise NotImplementedError

    def look(self) -> None:
        """Raises StorageUnavailable when files cannot be stored now; costs one short call."""
        raise NotImplementedError

    # --- For moving whole cities: whole or not at all, over what is there, counted by nobody ------

    def place(self, name: str, content: IO[bytes]) -> None:
        """Stores `content` under this very name. Raises StorageUnavailable."""
        raise NotImplementedError

    def md5(self, name: str, *, read: bool = False) -> str:
        """In hexadecimal; `read`: of the bytes themselves. Raises FileNotFoundError."""
        with self.open(name) as file:
            return md5_of(cast("IO[bytes]", file)).hexdigest()


@contextmanager
def _disk() -> Iterator[None]:
    """A full disk, a lost mount and a wrong owner are the storage's fault, not the file's."""
    try:
        yield
    except (FileNotFoundError, SuspiciousFileOperation):
        raise
    except OSError as error:
        full = error.errno in {28, 122}  # ENOSPC, EDQUOT
        raise StorageUnavailable(Reason.FULL if full else Reason.DISK) from error


class _Folder(FileSystemStorage):
    def _save(self, name: str, content: "File[Any]") -> str:
        with _disk():
            return super()._save(name, content)  # type: ignore[misc,no-any-return] # no stub has it

    def _open(self, name: str, mode: str = "rb") -> "File[Any]":
        with _disk():
            return super()._open(name, mode)  # type: ignore[misc,no-any-return] # same

    def delete(self, name: str) -> None:
        with _disk():
            super().delete(name)


class CityFileStorage(CountedStorage, _Folder):
    """Local folder `<MEDIA_ROOT>/<schema>/`."""

    def items(self) -> Iterator[Item]:
        folder = Path(self.location)
        for path in folder.rglob("*"):
            try:
                if path.is_symlink() or not path.is_file() or path.suffix == ".part":
                    continue
                about = path.stat()
            except FileNotFoundError:
                # Deleted while we walk.
                continue
            when = datetime.fromtimestamp(about.st_mtime, UTC)
            yield Item(path.relative_to(folder).as_posix(), about.st_size, "", when)

    def look(self) -> None:
        folder = Path(settings.MEDIA_ROOT)
        while not folder.exists():
            folder = folder.parent
        with _disk():
            if shutil.disk_usage(folder).free < 10 * 1024 * 1024:
                raise StorageUnavailable(Reason.FULL)

    def place(self, name: str, content: IO[bytes]) -> None:
        path = Path(self.path(name))
        with _disk():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, part = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
            try:
                with os.fdopen(handle, "wb") as file:
                    shutil.copyfileobj(content, file)
                    file.flush()
                    os.fsync(file.fileno())
                Path(part).replace(path)
            except BaseException:
                Path(part).unlink(missing_ok=True)
                raise

    def remove_city(self, schema: str) -> None:
        """The folder with all that is in it; nothing when there is none."""
        folder = Path(settings.MEDIA_ROOT) / schema
        if folder.exists():
            shutil.rmtree(folder)

    @property
    def base_location(self) -> str:
        return _folder(str(settings.MEDIA_ROOT), current_schema())

    @property
    def location(self) -> str:
        return self.base_location


class _InBucket(Storage):
    """Django's storage over a bucket, keys `<schema>/…`."""

    def __init__(self, bucket_name: str, **options: Any) -> None:
        self.bucket = Bucket(bucket_name, **options)

    def _key(self, name: str) -> str:
        validate_file_name(name, allow_relative_path=True)
        return f"{current_schema()}/{name}"

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        if mode not in {"r", "rb"}:
            raise ValueError("Files in a bucket are written whole, by `save`.")
        return File(self.bucket.get(self._key(name)), name=name)

    def _save(self, name: str, content: "File[Any]") -> str:
        kind = mimetypes.guess_type(name)[0] or ""
        self.bucket.put(self._key(name), cast("IO[bytes]", content), content_type=kind)
        return name

    def exists(self, name: str) -> bool:
        try:
            self.bucket.head(self._key(name))
        except FileNotFoundError:
            return False
        return True

    def size(self, name: str) -> int:
        return self.bucket.head(self._key(name)).size

    def get_modified_time(self, name: str) -> datetime:
        return self.bucket.head(self._key(name)).modified

    def delete(self, name: str) -> None:
        self.bucket.delete(self._key(name))

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        """Names right under `path`; for folders of a few files."""
        start = f"{self._key(path).rstrip('/')}/"
        rest = [item.name.removeprefix(start) for item in self.bucket.items(start)]
        folders = {name.partition("/")[0] for name in rest if "/" in name}
        return sorted(folders), [name for name in rest if "/" not in name]


class CityS3Storage(CountedStorage, _InBucket):
    """Bucket keys `<schema>/…`."""

    def items(self) -> Iterator[Item]:
        prefix = f"{current_schema()}/"
        for item in self.bucket.items(prefix):
            yield Item(item.name.removeprefix(prefix), item.size, item.md5, item.modified)

    def look(self) -> None:
        self.bucket.look()

    def place(self, name: str, content: IO[bytes]) -> None:
        kind = mimetypes.guess_type(name)[0] or ""
        self.bucket.put(self._key(name), content, content_type=kind)

    def md5(self, name: str, *, read: bool = False) -> str:
        """Otherwise what we or the server noted when it was stored."""
        noted = "" if read else self.bucket.head(self._key(name)).md5
        return noted or super().md5(name)

    def remove_city(self, schema: str) -> None:
        """All keys of the prefix, a thousand a request; nothing when there are none."""
        keys = [item.name for item in self.bucket.items(f"{schema}/")]
        failed = [
            key
            for start in range(0, len(keys), 1000)
            for key in self.bucket.delete_many(keys[start : start + 1000])
        ]
        if failed:
            raise OSError(f"The storage kept {len(failed)} files of {schema}.")


def make_bucket() -> bool:
    """Creates the bucket of the settings; False when it was there. Raises StorageUnavailable."""
    return cast(CityS3Storage, storages["default"]).bucket.create()
