"""Files of a city, under the city's own prefix, in a local folder or in S3.

The prefix is computed at each call: one process serves all cities, and a prefix fixed at start
would file one city's photos under another. Nothing here is public: every file is served by a view
that decides who may see it.
"""

import shutil
from functools import cache
from pathlib import Path
from typing import Any, cast

from botocore.exceptions import ClientError
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.db import transaction
from storages.backends.s3 import S3Storage

from bezpechne.kernel import metering
from bezpechne.kernel.schema import PUBLIC, current_schema


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
        # Before: S3 closes what it has sent.
        size = content.size
        stored: str = super()._save(name, content)  # type: ignore[misc] # the backend's own
        _count(size)
        return stored

    def delete(self, name: str) -> None:
        try:
            size = self.size(name)
        except OSError:
            # Gone already: nothing was counted for it.
            size = 0
        super().delete(name)
        _count(-size)

    def measured(self) -> int:
        """All bytes under the city's prefix, by listing them: slow, for the reconciliation."""
        raise NotImplementedError


class CityFileStorage(CountedStorage, FileSystemStorage):
    """Local folder `<MEDIA_ROOT>/<schema>/`."""

    def measured(self) -> int:
        folder = Path(self.location)
        return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())

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


class CityS3Storage(CountedStorage, S3Storage):
    """Bucket keys `<schema>/…`."""

    def remove_city(self, schema: str) -> None:
        """All keys of the prefix, a thousand a request; nothing when there are none."""
        failed = [
            error["Key"]
            for answer in self.bucket.objects.filter(Prefix=f"{schema}/").delete()
            for error in answer.get("Errors", [])
        ]
        if failed:
            raise OSError(f"The storage kept {len(failed)} files of {schema}.")

    def measured(self) -> int:
        prefix = f"{current_schema()}/"
        return sum(item.size for item in self.bucket.objects.filter(Prefix=prefix))

    @property
    def location(self) -> str:
        return current_schema()

    @location.setter
    def location(self, value: str) -> None:
        """S3Storage assigns its setting here; the city's schema is the only prefix."""


def make_bucket() -> bool:
    """Creates the bucket of the settings; False when it was there.

    Raises botocore's ClientError when the key may neither look nor create.
    """
    client = cast(Any, storages["default"]).connection.meta.client
    try:
        client.head_bucket(Bucket=settings.S3_BUCKET)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        client.create_bucket(Bucket=settings.S3_BUCKET)
        return True
    return False
