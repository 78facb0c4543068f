"""A stand-in of Google's Map Tiles API over HTTP: sessions, tiles, and whose data a view shows."""

import json
import struct
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY = "AIzaSyTestKeyOfTheStandIn0123456789abcd"


def _square() -> bytes:
    """One pale pixel as PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\x00\xe8\xf0\xd8")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


class Google(ThreadingHTTPServer):
    """`trouble`: a status for everything, or `hang`; `sessions` are the living ones."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.sessions: dict[str, dict[str, Any]] = {}
        self.asked: list[dict[str, Any]] = []
        self.came_from: list[str] = []
        self.tiles = 0
        self.views: list[dict[str, list[str]]] = []
        self.lives = 14 * 24 * 3600
        self.trouble: int | str = 0
        self.garbage: bytes = b""
        self.over = Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that does not want a tile any more."""


class _Handler(BaseHTTPRequestHandler):
    server: Google

    def _answer(self, status: int, body: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()
        self.wfile.write(body)

    def _refuse(self, status: int) -> None:
        word = {403: "PERMISSION_DENIED", 429: "RESOURCE_EXHAUSTED"}.get(status, "INVALID_ARGUMENT")
        error = {"code": status, "message": f"The key {KEY} may not.", "status": word}
        self._answer(status, json.dumps({"error": error}).encode())

    def _troubled(self, query: dict[str, list[str]]) -> bool:
        if self.server.trouble == "hang":
            self.server.over.wait(30)
        elif isinstance(self.server.trouble, int) and self.server.trouble:
            self._refuse(self.server.trouble)
        elif query.get("key") != [KEY]:
            self._refuse(403)
        else:
            return False
        return True

    def do_POST(self) -> None:
        parts = urlsplit(self.path)
        wanted = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(wanted)
        self.server.came_from.append(self.headers.get("Referer", ""))
        if self._troubled(parse_qs(parts.query)) or parts.path != "/v1/createSession":
            return
        if self.server.garbage:
            self._answer(200, self.server.garbage)
            return
        session = f"session-{len(self.server.asked)}-{wanted['language']}"
        self.server.sessions[session] = wanted
        told = {
            "session": session,
            "expiry": str(int(time.time()) + self.server.lives),
            "tileWidth": 512,
            "tileHeight": 512,
            "imageFormat": "png",
        }
        self._answer(200, json.dumps(told).encode())

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        if self._troubled(query):
            return
        if query.get("session", [""])[0] not in self.server.sessions:
            self._refuse(400)
        elif parts.path.startswith("/v1/2dtiles/"):
            self.server.tiles += 1
            self._answer(200, _square(), "image/png")
        elif parts.path == "/tile/v1/viewport":
            self.server.views.append(query)
            self._answer(200, json.dumps({"copyright": "Map data ©2026 Stand-in"}).encode())
        else:
            self._refuse(404)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def google(port: int = 0) -> Iterator[Google]:
    server = Google(port)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
