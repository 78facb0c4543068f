"""One request as its bytes, and what came back."""

import time
from dataclasses import dataclass, field
from http.cookies import CookieError
from io import BytesIO
from typing import Any, cast
from unittest.mock import patch
from urllib.parse import unquote_to_bytes, urlencode

from django.test import Client

from bezpechne import wsgi

FORM = "application/x-www-form-urlencoded"
BOUNDARY = "qzboundary"


@dataclass(frozen=True)
class File:
    """What a file field sends."""

    name: str
    content: bytes
    media_type: str


# Fields in the order in which a browser sends them; a name may come twice.
Fields = list[tuple[str, str | File]]


@dataclass(frozen=True)
class Wire:
    """`path` with its query, percent-encoded or not; `headers` as WSGI has them (`HTTP_HOST`)."""

    method: str
    path: str
    body: bytes = b""
    media_type: str = FORM
    headers: dict[str, str] = field(default_factory=dict)
    # Refused without the token of a page's form, as a browser would be.
    guarded: bool = False

    def __str__(self) -> str:
        """Enough to send it again by hand; a body of a photo is cut."""
        parts = [self.method, ascii(self.path)[1:-1][:600]]
        parts += [f"{name}={ascii(value)[:200]}" for name, value in self.headers.items()]
        if self.body:
            parts.append(f"({self.media_type}) {self.body[:1200]!r}")
        return " ".join(parts)


@dataclass(frozen=True)
class Reply:
    """A response that nothing is read from twice. `fault`: what the view raised."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    seconds: float
    fault: BaseException | None = None
    # Name of the route, blank where there is none, and its view.
    route: str = ""
    view: Any = None

    def header(self, name: str) -> str:
        return next((text for key, text in self.headers if key.lower() == name.lower()), "")

    @property
    def is_html(self) -> bool:
        return self.header("Content-Type").startswith(("text/html", "application/xhtml"))

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


def send(client: Client, wire: Wire) -> Reply:
    """Through every middleware, in this thread and its transaction."""
    handler: Any = client.handler
    handler.enforce_csrf_checks = wire.guarded
    started = time.perf_counter()
    # A body of its own: the test client's refuses to be read past its end, a socket does not.
    extra: dict[str, Any] = {
        "wsgi.input": BytesIO(wire.body),
        "CONTENT_TYPE": wire.media_type,
        "CONTENT_LENGTH": str(len(wire.body)),
        **wire.headers,
    }
    extra = _as_served(extra)
    path, _, query = wire.path.partition("?")
    extra["QUERY_STRING"] = query.encode("utf-8", "surrogatepass").decode("latin-1")
    try:
        # Its own parser of URLs takes `//host/` for a host: it gets a path that has none.
        response = client.generic(wire.method, "/", **extra, PATH_INFO=_path_info(path))
    except CookieError:
        # The client's own jar refuses what a browser would ignore.
        return Reply(0, [], b"", 0)
    body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined] # streaming ones
    found: Any = response.wsgi_request.resolver_match
    info = getattr(response, "exc_info", None)
    cookies = [("Set-Cookie", morsel.OutputString()) for morsel in response.cookies.values()]
    headers = [*((str(a), str(b)) for a, b in response.items()), *cookies]
    return Reply(
        response.status_code,
        headers,
        body,
        time.perf_counter() - started,
        info[1] if info else None,
        found.view_name if found else "",
        found.func if found else None,
    )


def _as_served(environ: dict[str, Any]) -> dict[str, Any]:
    """What the product's own WSGI entry hands to Django; the test client goes past it."""
    with patch.object(wsgi, "_django", lambda given, start_response: [given]):
        (served,) = wsgi.application(environ, print)
    return cast("dict[str, Any]", served)


def _path_info(path: str) -> str:
    """Unquoted bytes as latin-1, as a WSGI server gives them."""
    return unquote_to_bytes(path.encode("utf-8", "surrogatepass")).decode("latin-1")


def raw(text: str) -> bytes:
    """UTF-8 in which a lone surrogate becomes three invalid bytes."""
    return text.encode("utf-8", "surrogatepass")


def urlencoded(fields: Fields) -> bytes:
    """As a form without files sends them; of a file its name."""
    pairs = [(raw(name), raw(v.name if isinstance(v, File) else v)) for name, v in fields]
    return urlencode(pairs).encode()


def multipart(fields: Fields) -> bytes:
    """As a form with files sends them."""
    parts = []
    for name, value in fields:
        head = f'Content-Disposition: form-data; name="{name}"'
        content = raw(value) if isinstance(value, str) else value.content
        if isinstance(value, File):
            head += f'; filename="{value.name}"\r\nContent-Type: {value.media_type}'
        parts.append(b"--" + BOUNDARY.encode() + b"\r\n" + raw(head) + b"\r\n\r\n" + content)
    return b"\r\n".join([*parts, b"--" + BOUNDARY.encode() + b"--", b""])


def form_wire(method: str, path: str, fields: Fields, **more: Any) -> Wire:
    """A form as a browser would send it: with files in parts."""
    if any(isinstance(value, File) for _, value in fields):
        return Wire(
            method, path, multipart(fields), f"multipart/form-data; boundary={BOUNDARY}", **more
        )
    return Wire(method, path, urlencoded(fields), **more)
