"""An S3 server as a process of its own, which can be killed and keeps what it said it has.

`python -m tests.bench.drills.bucket PORT FOLDER`: one object, one file. As much of S3 as the
product asks for: PUT, GET, HEAD, DELETE of an object, HEAD, PUT, list and delete of the bucket.
"""

import hashlib
import os
import re
import sys
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import get_ident
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import escape

BUCKET = "files"


def unchunked(body: bytes) -> bytes:
    """The content of a body in chunks of AWS's own form, with its checksum after it."""
    out = b""
    while body:
        head, _, body = body.partition(b"\r\n")
        size = int(head.split(b";")[0], 16)
        if not size:
            break
        out, body = out + body[:size], body[size + 2 :]
    return out


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, folder: Path) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.folder = folder


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

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        _bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True
        elif key:
            self._on_object(self.server.folder / quote(key, safe=""), body)
        else:
            self._on_bucket(parse_qs(parts.query, keep_blank_values=True), body.decode())

    do_GET = do_HEAD = do_PUT = do_DELETE = do_POST = _serve  # noqa: N815 - named by the library

    def _on_object(self, path: Path, body: bytes) -> None:
        if self.command == "PUT":
            if "aws-chunked" in self.headers.get("Content-Encoding", ""):
                body = unchunked(body)
            unfinished = path.with_name(f".{os.getpid()}-{get_ident()}.part")
            unfinished.write_bytes(body)
            unfinished.rename(path)
            self._answer(200, ETag=_etag(body))
        elif self.command == "DELETE":
            path.unlink(missing_ok=True)
            self._answer(204)
        elif not path.exists():
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
        else:
            body = path.read_bytes()
            modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            told = format_datetime(modified, usegmt=True)
            self._answer(200, body, ETag=_etag(body), Last_Modified=told)

    def _on_bucket(self, query: dict[str, list[str]], xml: str) -> None:
        if self.command == "POST":
            for key in re.findall(r"<Key>(.*?)</Key>", xml):
                (self.server.folder / quote(key, safe="")).unlink(missing_ok=True)
            self._answer(200, b"<DeleteResult></DeleteResult>")
        elif self.command == "GET":
            self._list(query.get("prefix", [""])[0], query.get("start-after", [""])[0])
        else:
            self._answer(200)

    def _list(self, prefix: str, start: str) -> None:
        found = sorted(
            (key, path)
            for path in self.server.folder.iterdir()
            if not path.name.startswith(".")
            and (key := unquote(path.name)).startswith(prefix)
            and key > start
        )
        contents = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{path.stat().st_size}</Size>"
            f"<ETag>{_etag(path.read_bytes())}</ETag><LastModified>"
            f"{datetime.fromtimestamp(path.stat().st_mtime, UTC):%Y-%m-%dT%H:%M:%SZ}"
            "</LastModified></Contents>"
            for key, path in found[:1000]
        )
        more = "true" if len(found) > 1000 else "false"
        xml = f"<ListBucketResult><IsTruncated>{more}</IsTruncated>{contents}</ListBucketResult>"
        self._answer(200, xml.encode(), Content_Type="application/xml")

    def log_message(self, *_: object) -> None:
        """Quiet."""


def _etag(body: bytes) -> str:
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'


def objects(folder: Path) -> dict[str, bytes]:
    """All that the server keeps, by key."""
    return {
        unquote(path.name): path.read_bytes()
        for path in folder.iterdir()
        if not path.name.startswith(".")
    }


if __name__ == "__main__":
    Server(int(sys.argv[1]), Path(sys.argv[2])).serve_forever()
