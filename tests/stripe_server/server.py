"""HTTP around the books: keys that repeat answers, failures on demand, a log of calls."""

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tests.stripe_server.books import Books
from tests.stripe_server.errors import Refused, missing
from tests.stripe_server.forms import parsed

KEYS_LIVE = 24 * 60 * 60
VERBS = {
    "finalize",
    "send",
    "pay",
    "void",
    "mark_uncollectible",
    "cancel",
    "release",
}


class Failure(Enum):
    """`BROKEN`: 500, nothing done, kept under the key. `CUT`: done, no answer. `DOWN`: not even
    reached. `SLOW`: done, answered after the caller gave up. `BUSY`: 429.
    """

    BROKEN, CUT, DOWN, SLOW, BUSY = range(5)


@dataclass
class Kept:
    """The answer under a key."""

    request: str
    status: int
    body: bytes
    at: int


class StripeServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, moment: datetime) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.books = Books(moment)
        self.keys: dict[str, Kept] = {}
        self.seen: list[str] = []
        self.lock = threading.Lock()
        self._failures: list[tuple[str, Failure]] = []
        self.slow_seconds = 0.6

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def fail(self, call: str, failure: Failure, times: int = 1) -> None:
        """The next calls that begin so: «POST /v1/invoices»; «» is every call."""
        self._failures += [(call, failure)] * times

    def mend(self) -> None:
        self._failures.clear()

    def move(self, by: timedelta) -> None:
        """The clock goes on; keys older than a day are forgotten."""
        with self.lock:
            self.books.move(int(by.total_seconds()))
            limit = self.books.now - KEYS_LIVE
            self.keys = {name: kept for name, kept in self.keys.items() if kept.at > limit}

    def failure_of(self, call: str) -> Failure | None:
        for number, (start, failure) in enumerate(self._failures):
            if call == start or (start.endswith("*") and call.startswith(start[:-1])):
                del self._failures[number]
                return failure
        return None

    def made(self, name: str) -> list[dict[str, Any]]:
        """All objects of a kind, but Stripe's own empty invoices of trials."""
        rows = self.books.things(name)
        return [row for row in rows if name != "invoices" or not row["parent"] or row["total"]]

    def answer(self, method: str, url: str, body: str, key: str) -> tuple[int, bytes, bool]:
        """Status, body, and whether it is repeated."""
        request = hashlib.sha256(f"{method} {url} {body}".encode()).hexdigest()
        with self.lock:
            kept = self.keys.get(key) if key else None
            if kept and kept.request != request:
                text = "Keys for idempotent requests can only be used with the same parameters."
                refusal = Refused(text, kind="idempotency_error")
                return 400, json.dumps(refusal.body).encode(), False
            if kept:
                return kept.status, kept.body, True
            path = urlsplit(url)
            status, found = self._run(method, path.path, parsed(body or path.query))
            # Stripe keeps no refusal that came before anything was begun.
            if key and status < 400:
                self.keys[key] = Kept(request, status, found, self.books.now)
            return status, found, False

    def keep_broken(self, method: str, url: str, body: str, key: str) -> bytes:
        """A 500 stays the key's answer."""
        request = hashlib.sha256(f"{method} {url} {body}".encode()).hexdigest()
        found = json.dumps({"error": {"type": "api_error", "message": "Something broke."}}).encode()
        if key:
            self.keys[key] = Kept(request, 500, found, self.books.now)
        return found

    def _run(self, method: str, path: str, params: dict[str, Any]) -> tuple[int, bytes]:
        try:
            found = self._route(method, path.removeprefix("/v1/").split("/"), params)
            return 200, json.dumps(found).encode()
        except Refused as refusal:
            return refusal.status, json.dumps(refusal.body).encode()

    def _route(self, method: str, parts: list[str], params: dict[str, Any]) -> dict[str, Any]:
        name, books = parts[0], self.books
        if name not in books.rows:
            raise missing(name)
        match method, parts[1:]:
            case "GET", []:
                return books.page(name, params)
            case "GET", [key]:
                return books.get(name, key)
            case "POST", []:
                return books.create(name, params)
            case "POST", [key]:
                return books.act(name, key, "update", params)
            case "DELETE", [key]:
                return books.act(name, key, "delete", params)
            case "POST", [key, verb] if verb in VERBS:
                return books.act(name, key, verb, params)
        raise missing("/".join(parts))


class Handler(BaseHTTPRequestHandler):
    server: StripeServer

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        call = f"{self.command} {urlsplit(self.path).path}"
        key = self.headers.get("Idempotency-Key", "")
        self.server.seen.append(call)
        failure = self.server.failure_of(call)
        if failure == Failure.DOWN:
            self.close_connection = True
            return
        if failure == Failure.BUSY:
            self._send(429, b'{"error": {"type": "rate_limit_error", "message": "Slow down."}}')
            return
        if self.headers.get("Authorization", "").endswith("wrong"):
            self._send(401, b'{"error": {"message": "Invalid API Key provided."}}')
            return
        replayed = self.server.keys.get(key) is not None if key else False
        if failure == Failure.BROKEN and not replayed:
            self._send(500, self.server.keep_broken(self.command, self.path, body, key))
            return
        status, found, replayed = self.server.answer(self.command, self.path, body, key)
        if failure == Failure.CUT:
            self.close_connection = True
            return
        if failure == Failure.SLOW:
            time.sleep(self.server.slow_seconds)
        self._send(status, found, replayed)

    def _send(self, status: int, body: bytes, replayed: bool = False) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Request-Id", f"req_{len(self.server.seen)}")
        if replayed:
            self.send_header("Idempotent-Replayed", "true")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_DELETE = _serve  # noqa: N815 - named by the library

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - same
        """Quiet."""


@contextmanager
def stripe_server(moment: datetime) -> Iterator[StripeServer]:
    """Listens on loopback while the block runs."""
    server = StripeServer(moment)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
