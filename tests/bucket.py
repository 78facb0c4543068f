"""An S3 server of the tests' own, over real HTTP, that can be down, slow, full or break off.

It checks what Amazon checks of a body: its length and its MD5. `Server.trouble` decides what
happens to the next calls; `seen` lists them.
"""

import base64
import hashlib
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, RLock, Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

BUCKET = "files"


class Server(ThreadingHTTPServer):
    """Objects by key, and their times and metadata."""

    daemon_threads = True
    # A hundred connections at once are no fault of the server.
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = RLock()
        self.objects: dict[str, bytes] = {}
        self.modified: dict[str, datetime] = {}
        self.metadata: dict[str, str] = {}
        self.exists = True
        self.etag_is_md5 = True
        self.seen: list[str] = []
        # Blank, or what goes wrong: see `Handler._troubled`.
        self.trouble = ""
        # The trouble concerns these methods; empty: all.
        self.methods: set[str] = set()
        # So many calls are served before it.
        self.after = 0
        self.kept: set[str] = set()
        self.over = Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def put(self, key: str, body: bytes, *, modified: datetime | None = None) -> None:
        """As if somebody had stored it."""
        with self.lock:
            self.objects[key] = body
            self.modified[key] = modified or datetime.now(UTC)

    def fail(self, trouble: str, *methods: str, after: int = 0) -> None:
        """From the call number `after` on."""
        self.trouble, self.methods, self.after = trouble, set(methods), after

    def mend(self) -> None:
        self.trouble = ""

    def options(self, **more: Any) -> dict[str, Any]:
        """Of the storage: short times, so that a test of slowness is not slow."""
        return {
            "bucket_name": BUCKET,
            "endpoint_url": self.url,
            "region_name": "us-east-1",
            "access_key": "key",
            "secret_key": "hush-hush",
            "connect_seconds": 0.4,
            "read_seconds": 0.4,
            **more,
        }

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what some tests do."""


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _refuse(self, status: int, code: str) -> None:
        xml = f"<Error><Code>{code}</Code><Message>no</Message></Error>"
        self._answer(status, xml.encode(), Content_Type="application/xml")

    def _troubled(self) -> bool:
        """Whether the trouble has dealt with the call."""
        server = self.server
        if not server.trouble or (server.methods and self.command not in server.methods):
            return False
        if server.after:
            server.after -= 1
            return False
        if server.trouble == "reset":
            self.connection.shutdown(socket.SHUT_RDWR)
        elif server.trouble == "hang":
            server.over.wait(30)
            self.close_connection = True
        elif server.trouble in {"short", "drip"}:
            self._begin_a_body()
        else:
            status, code = server.trouble.split()
            self._refuse(int(status), code)
            # The body was not read.
            self.close_connection = True
        return True

    def _begin_a_body(self) -> None:
        """A body that breaks off, or that comes a byte at a time."""
        self.send_response(200)
        self.send_header("Content-Length", "5000")
        self.send_header("Last-Modified", format_datetime(datetime.now(UTC), usegmt=True))
        self.end_headers()
        self.wfile.write(b"x" * 100)
        while self.server.trouble == "drip" and not self.server.over.is_set():
            self.wfile.write(b"x")
            time.sleep(0.02)
        self.close_connection = True

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        _bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
        with self.server.lock:
            self.server.seen.append(f"{self.command} {key}")
        if self._troubled():
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if len(body) < int(self.headers.get("Content-Length") or 0):
            self.close_connection = True
            return
        with self.server.lock:
            if not key:
                self._on_bucket(parse_qs(parts.query, keep_blank_values=True), body)
            elif not self.server.exists:
                self._refuse(404, "NoSuchBucket")
            else:
                self._on_object(key, body)

    do_GET = do_HEAD = do_PUT = do_DELETE = do_POST = _serve  # noqa: N815 - named by the library

    def _on_bucket(self, query: dict[str, list[str]], body: bytes) -> None:
        server = self.server
        if self.command == "PUT":
            server.exists = True
            self._answer(200)
        elif not server.exists:
            self._refuse(404, "NoSuchBucket")
        elif self.command == "POST" and "delete" in query:
            self._delete_many(body.decode())
        elif "list-type" in query:
            self._list(query)
        else:
            self._answer(200)

    def _delete_many(self, xml: str) -> None:
        keys = re.findall(r"<Key>(.*?)</Key>", xml)
        for key in set(keys) - self.server.kept:
            self.server.objects.pop(key, None)
        errors = "".join(
            f"<Error><Key>{key}</Key><Code>AccessDenied</Code></Error>"
            for key in keys
            if key in self.server.kept
        )
        self._answer(200, f"<DeleteResult>{errors}</DeleteResult>".encode())

    def _list(self, query: dict[str, list[str]]) -> None:
        prefix, start = query.get("prefix", [""])[0], query.get("start-after", [""])[0]
        keys = sorted(key for key in self.server.objects if key.startswith(prefix) and key > start)
        page = keys[:1000]
        contents = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(self.server.objects[key])}</Size>"
            f"<ETag>{self._etag(key)}</ETag>"
            f"<LastModified>{self.server.modified[key]:%Y-%m-%dT%H:%M:%SZ}</LastModified></Contents>"
            for key in page
        )
        more = "true" if len(keys) > len(page) else "false"
        xml = f"<ListBucketResult><IsTruncated>{more}</IsTruncated>{contents}</ListBucketResult>"
        self._answer(200, xml.encode(), Content_Type="application/xml")

    def _etag(self, key: str) -> str:
        digest = hashlib.md5(self.server.objects[key], usedforsecurity=False).hexdigest()
        return f'"{digest}"' if self.server.etag_is_md5 else f'"{digest[::-1]}-2"'

    def _on_object(self, key: str, body: bytes) -> None:
        server = self.server
        if self.command == "PUT":
            told = self.headers.get("Content-MD5", "")
            real = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
            if told != real:
                self._refuse(400, "BadDigest")
                return
            server.put(key, body)
            server.metadata[key] = self.headers.get("x-amz-meta-md5", "")
            self._answer(200, ETag=self._etag(key))
        elif self.command == "DELETE":
            server.objects.pop(key, None)
            self._answer(204)
        elif key not in server.objects:
            self._refuse(404, "NoSuchKey")
        else:
            about = {"ETag": self._etag(key)}
            about["Last_Modified"] = format_datetime(server.modified[key], usegmt=True)
            if server.metadata.get(key):
                about["x_amz_meta_md5"] = server.metadata[key]
            self._answer(200, server.objects[key], **about)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def running() -> Iterator[Server]:
    """A server with an empty bucket."""
    server = Server()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def in_force(server: Server, settings: Any, **more: Any) -> None:
    """Files of this test go to the server."""
    settings.S3_BUCKET = BUCKET
    settings.S3_OPTIONS = server.options(**more)
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "bezpechne.kernel.storage.CityS3Storage",
            "OPTIONS": server.options(**more),
        },
    }
