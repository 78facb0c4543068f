"""Takes what Sentry's library sends: envelopes over HTTP, as the service would."""

import gzip
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any


class Receiver(ThreadingHTTPServer):
    """`raw` are the unpacked bodies with their headers, `events` the events within them."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.raw: list[str] = []
        self.events: list[dict[str, Any]] = []
        self.hangs = False
        self.over = Event()

    @property
    def dsn(self) -> str:
        return f"http://publickey@127.0.0.1:{self.server_address[1]}/1"

    def take(self, text: str) -> None:
        self.raw.append(text)
        lines = text.splitlines()[1:]
        while lines:
            kind = json.loads(lines.pop(0)).get("type")
            content = lines.pop(0)
            if kind in {"event", "transaction"}:
                self.events.append(json.loads(content))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed while it waited."""


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        packed = self.headers.get("Content-Encoding")
        body = gzip.decompress(body) if packed == "gzip" else body
        body = zlib.decompress(body) if packed == "deflate" else body
        if self.server.hangs:
            self.server.over.wait(30)
            return
        self.server.take(body.decode())
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    server = Receiver()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
