"""A person at a browser, without the browser: cookies, forms, and patience when a page fails."""

import http.client
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit
from uuid import uuid4

Files = dict[str, list[tuple[str, str, bytes]]]
TIMEOUT = 40
# What a person who wants an answer does not give up before.
PATIENCE = 240


class Lost(Exception):
    """The page did not come: no connection, or an answer that says «later»."""


class GaveUp(AssertionError):
    """It did not work for minutes."""


@dataclass
class Form:
    """What would be sent if nobody typed anything."""

    action: str = ""
    multipart: bool = False
    fields: list[tuple[str, str]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)


class _Forms(HTMLParser):
    """Reads the forms of a page; fields outside of theirs name it by its id."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._by_id: dict[str, Form] = {}
        self._open: Form | None = None
        self._area: tuple[Form, str] | None = None
        self._select: tuple[Form, str] | None = None
        self._options: list[tuple[str, bool]] = []
        self._text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(given.get("action", ""), "multipart" in given.get("enctype", ""))
            self.forms.append(self._open)
            self._by_id[given.get("id", "")] = self._open
        elif tag == "option":
            self._options.append((given.get("value", ""), "selected" in given))
        elif tag in {"input", "textarea", "select"}:
            self._field(tag, given)

    def _field(self, tag: str, given: dict[str, str]) -> None:
        form = self._by_id.get(given["form"]) if "form" in given else self._open
        name, kind = given.get("name", ""), given.get("type", "text")
        if form is None or not name or "disabled" in given:
            return
        form.names.add(name)
        if tag == "textarea":
            self._area, self._text = (form, name), ""
        elif tag == "select":
            self._select, self._options = (form, name), []
        elif kind in {"checkbox", "radio"}:
            if "checked" in given:
                form.fields.append((name, given.get("value", "on")))
        elif kind not in {"file", "submit", "button", "reset", "image"}:
            form.fields.append((name, given.get("value", "")))

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "textarea" and self._area:
            (form, name), self._area = self._area, None
            form.fields.append((name, self._text.removeprefix("\n")))
        elif tag == "select" and self._select:
            (form, name), self._select = self._select, None
            chosen = [value for value, is_chosen in self._options if is_chosen]
            form.fields += [(name, value) for value in chosen or [self._options[0][0]]]


@dataclass(frozen=True)
class Page:
    """What came back in the end."""

    url: str
    status: int
    text: str

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    def forms(self) -> list[Form]:
        return _Forms(self.text).forms

    def form_to(self, end: str) -> Form | None:
        """The form whose address ends so."""
        return next((form for form in self.forms() if form.action.endswith(end)), None)

    def form_with(self, name: str) -> Form | None:
        """The form that has such a field."""
        return next((form for form in self.forms() if name in form.names), None)


class Person:
    """Somebody at an address of the network of their own, on one city's site."""

    def __init__(self, city_url: str, network: str, cookies: dict[str, str] | None = None) -> None:
        self._city, self._network = city_url, network
        self.cookies = dict(cookies or {})
        self.failures = 0

    def get(self, address: str) -> Page:
        """The page at an address or path. Raises Lost."""
        return self._request("GET", urljoin(self._city, address))

    def send(
        self, page: Page, form: Form, fields: dict[str, str], files: Files | None = None
    ) -> Page:
        """Presses the button of a form of `page`; returns the page after it. Raises Lost."""
        pairs = [(name, value) for name, value in form.fields if name not in fields]
        pairs += fields.items()
        if form.multipart:
            boundary = uuid4().hex
            body = _multipart(boundary, pairs, files or {})
            kind = f"multipart/form-data; boundary={boundary}"
        else:
            body, kind = urlencode(pairs).encode(), "application/x-www-form-urlencoded"
        return self._request("POST", urljoin(page.url, form.action or page.url), body, kind)

    def keep_trying(self, what: str, attempt: Callable[[], Any]) -> Any:
        """Until `attempt` returns something true; a page that failed is tried again."""
        deadline = time.monotonic() + PATIENCE
        said = "it never was so"
        while time.monotonic() < deadline:
            try:
                if result := attempt():
                    return result
            except Lost as lost:
                self.failures += 1
                said = str(lost)
            time.sleep(0.25)
        raise GaveUp(f"{what}: not in {PATIENCE} s; last: {said}")

    def _request(self, method: str, url: str, body: bytes = b"", kind: str = "") -> Page:
        for _ in range(5):
            status, headers, text = self._call(method, url, body, kind)
            if status in {302, 303}:
                method, url, body, kind = "GET", urljoin(url, headers["Location"]), b"", ""
                continue
            if status >= 500 or status == 429:
                raise Lost(f"{status} of {method} {urlsplit(url).path}")
            return Page(url, status, text)
        raise Lost(f"redirected on and on: {url}")

    def _call(
        self, method: str, url: str, body: bytes, kind: str
    ) -> tuple[int, http.client.HTTPMessage, str]:
        parts = urlsplit(url)
        headers = {
            "Host": parts.netloc,
            "X-Forwarded-For": self._network,
            "X-Forwarded-Proto": "http",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Connection": "close",
        }
        if kind:
            headers["Content-Type"] = kind
        connection = http.client.HTTPConnection("127.0.0.1", parts.port or 80, timeout=TIMEOUT)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        try:
            connection.request(method, path, body=body or None, headers=headers)
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            raise Lost(f"{type(error).__name__} at {method} {parts.path}") from error
        finally:
            connection.close()
        for line in response.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return response.status, response.headers, text


def _multipart(boundary: str, pairs: list[tuple[str, str]], files: Files) -> bytes:
    out = []
    for name, value in pairs:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
        out.append(f"{head}{value}\r\n".encode())
    for name, given in files.items():
        for filename, media_type, content in given:
            head = (
                f'--{boundary}\r\nContent-Disposition: form-data; name="{name}";'
                f' filename="{filename}"\r\nContent-Type: {media_type}\r\n\r\n'
            )
            out.append(head.encode() + content + b"\r\n")
    return b"".join([*out, f"--{boundary}--\r\n".encode()])
