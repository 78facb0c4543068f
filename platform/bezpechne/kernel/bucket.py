"""S3 over HTTP: each call has a limit of time, each failure is a StorageUnavailable.

One client for the process: botocore's clients may be shared by threads.
"""

import base64
import hashlib
import re
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import IO, Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    HTTPClientError,
    ReadTimeoutError,
)
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as HTTPTimeoutError

from bezpechne.kernel.stored import Breaker, Item, Reason, StorageUnavailable

CHUNK = 64 * 1024
# Larger ones wait on the disk while somebody reads them.
_IN_MEMORY = 1024 * 1024
_MD5 = re.compile(r"[0-9a-f]{32}")
_FULL = re.compile(r"quota|storage_?full|insufficient", re.IGNORECASE)


class _Late(Exception):
    """A body that is still moving after the time that it may take."""


class _Limited:
    """A body to send that stops giving when its time is over."""

    def __init__(self, body: IO[bytes], seconds: float) -> None:
        self._body, self._until = body, time.monotonic() + seconds

    def read(self, size: int = -1) -> bytes:
        if time.monotonic() > self._until:
            raise _Late
        return self._body.read(size)

    def seek(self, *where: int) -> int:
        return self._body.seek(*where)

    def tell(self) -> int:
        return self._body.tell()


def _reason(error: Exception) -> Reason:
    if isinstance(error, ClientError):
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        code = str(error.response.get("Error", {}).get("Code", ""))
        if status == 507 or _FULL.search(code):
            return Reason.FULL
        if status == 404:
            return Reason.NO_BUCKET
        return Reason.REFUSED if status in {400, 401, 403} else Reason.BUSY
    inner = error.kwargs.get("error") if isinstance(error, HTTPClientError) else None
    slow = (ConnectTimeoutError, ReadTimeoutError, HTTPTimeoutError, _Late)
    return Reason.SLOW if isinstance(error, slow) or isinstance(inner, slow) else Reason.GONE


def _is_missing(error: ClientError) -> bool:
    """No such object. HEAD has no body: there a missing bucket looks the same."""
    return str(error.response.get("Error", {}).get("Code")) in {"NoSuchKey", "404", "NotFound"}


def md5_of(content: IO[bytes]) -> "hashlib._Hash":
    """Of all bytes from the beginning; the file stands at its beginning afterwards."""
    digest = hashlib.md5(usedforsecurity=False)
    content.seek(0)
    while chunk := content.read(CHUNK):
        digest.update(chunk)
    content.seek(0)
    return digest


class Bucket:
    """One bucket. Missing objects raise FileNotFoundError, everything else StorageUnavailable."""

    def __init__(
        self,
        name: str,
        *,
        endpoint_url: str | None = None,
        region_name: str | None = None,
        access_key: str | None = None,
        secret_key: str | None = None,
        connect_seconds: float = 3,
        read_seconds: float = 5,
        body_seconds: float = 20,
        attempts: int = 2,
        rest_seconds: float = 5,
    ) -> None:
        self.name = name
        self._seconds = body_seconds
        self._attempts = attempts
        self._lock = threading.Lock()
        self._breaker = Breaker(rest_seconds)
        self._given = {
            "endpoint_url": endpoint_url,
            "region_name": region_name,
            "aws_access_key_id": access_key,
            "aws_secret_access_key": secret_key,
            "config": Config(  # type: ignore[no-untyped-call] # botocore has no types
                connect_timeout=connect_seconds,
                read_timeout=read_seconds,
                retries={"mode": "standard", "total_max_attempts": attempts},
                max_pool_connections=64,
                signature_version="s3v4",
                s3={"addressing_style": "path" if endpoint_url else "auto"},
                # Other makers' servers know MD5, which we send, and not all of Amazon's newer sums.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        }

    @cached_property
    def _made(self) -> Any:
        session: Any = boto3.session
        return session.Session().client("s3", **self._given)

    @property
    def client(self) -> Any:
        """Made at the first use: it takes a tenth of a second."""
        with self._lock:
            return self._made

    @contextmanager
    def _asking(self) -> Iterator[Any]:
        """Gives the client; turns what it raises into our own, and remembers that it failed."""
        self._breaker.ask()
        try:
            yield self.client
        except (BotoCoreError, ClientError, HTTPError, OSError, _Late) as error:
            if isinstance(error, ClientError) and _is_missing(error):
                self._breaker.note(None)
                raise FileNotFoundError("No such object.") from error
            reason = _reason(error)
            self._breaker.note(reason)
            raise StorageUnavailable(reason) from error
        self._breaker.note(None)

    # --- One object -------------------------------------------------------------------------------

    def put(self, key: str, content: IO[bytes], *, content_type: str = "") -> str:
        """Stores all bytes or nothing: the server checks their MD5. Returns that."""
        digest = md5_of(content)
        with self._asking() as client:
            client.put_object(
                Bucket=self.name,
                Key=key,
                Body=_Limited(content, self._seconds),
                ContentMD5=base64.b64encode(digest.digest()).decode(),
                ContentType=content_type or "application/octet-stream",
                # An ETag is the MD5 on some servers and under some settings only.
                Metadata={"md5": digest.hexdigest()},
            )
        return digest.hexdigest()

    def get(self, key: str) -> IO[bytes]:
        """The whole object, here before anybody begins to answer with it."""
        with self._asking() as client:
            for last in [*[False] * (self._attempts - 1), True]:
                try:
                    return self._got(client, key)
                except (BotoCoreError, HTTPError, OSError):
                    # A connection that broke within a body; the first part is of no use.
                    if last:
                        raise
        raise AssertionError

    def _got(self, client: Any, key: str) -> IO[bytes]:
        until = time.monotonic() + self._seconds
        answer = client.get_object(Bucket=self.name, Key=key)
        spool = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the reader closes it
        try:
            _read_whole(answer, spool, until)
        except BaseException:
            spool.close()
            raise
        finally:
            answer["Body"].close()
        spool.seek(0)
        return spool

    def head(self, key: str) -> Item:
        """Size, checksum and time of one object."""
        with self._asking() as client:
            found = client.head_object(Bucket=self.name, Key=key)
        md5 = found.get("Metadata", {}).get("md5", "") or _md5_in(found["ETag"])
        return Item(key, found["ContentLength"], md5, found["LastModified"])

    def delete(self, key: str) -> None:
        """Nothing when it is gone already."""
        with self._asking() as client:
            client.delete_object(Bucket=self.name, Key=key)

    # --- Many -------------------------------------------------------------------------------------

    def items(self, prefix: str) -> Iterator[Item]:
        """All objects under a prefix by name, a thousand a request."""
        start = ""
        while True:
            with self._asking() as client:
                page = client.list_objects_v2(Bucket=self.name, Prefix=prefix, StartAfter=start)
            for entry in page.get("Contents", ()):
                start = entry["Key"]
                yield Item(start, entry["Size"], _md5_in(entry["ETag"]), entry["LastModified"])
            if not page.get("IsTruncated"):
                return

    def delete_many(self, keys: list[str]) -> list[str]:
        """At most a thousand; returns those that the server kept."""
        with self._asking() as client:
            answer = client.delete_objects(
                Bucket=self.name,
                Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True},
            )
        return [error["Key"] for error in answer.get("Errors", ())]

    # --- The bucket itself ------------------------------------------------------------------------

    def look(self) -> None:
        """Raises StorageUnavailable when the bucket does not answer to our key."""
        try:
            with self._asking() as client:
                client.head_bucket(Bucket=self.name)
        except FileNotFoundError as error:
            raise StorageUnavailable(Reason.NO_BUCKET) from error

    def create(self) -> bool:
        """Makes the bucket; False when it was there. Raises StorageUnavailable."""
        try:
            self.look()
        except StorageUnavailable as error:
            if error.reason != Reason.NO_BUCKET:
                raise
            with self._asking() as client:
                client.create_bucket(Bucket=self.name)
            return True
        return False


def _read_whole(answer: dict[str, Any], spool: IO[bytes], until: float) -> None:
    # `read1` returns with what has arrived: `read` would wait for a server that drips.
    raw = answer["Body"]._raw_stream
    while chunk := raw.read1(CHUNK):
        spool.write(chunk)
        if time.monotonic() > until:
            raise _Late
    if spool.tell() != answer["ContentLength"]:
        raise ConnectionError("The body ended early.")


def _md5_in(etag: str) -> str:
    """Of a single part and without a key of Amazon's own an ETag is the MD5; of parts it has a dash."""
    tag = etag.strip('"')
    return tag if _MD5.fullmatch(tag) else ""
