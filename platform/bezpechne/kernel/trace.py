"""The id that ties together what one request caused: its log lines, its jobs, their log lines.

It is random, says nothing about the visitor, and is returned as `X-Request-ID`, so that a person
who reports a fault can name it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest

_current: ContextVar[str] = ContextVar("request_id", default="")
# What a proxy may hand over: an id, and no text that would forge a log line.
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


def request_id() -> str:
    """Id of the request or job of this thread; blank outside of both."""
    return _current.get()


@contextmanager
def traced(given: str) -> Iterator[None]:
    """Puts this thread under an id and takes it off again."""
    token = _current.set(given if _ID.fullmatch(given) else "")
    try:
        yield
    finally:
        _current.reset(token)


def id_for(request: HttpRequest) -> str:
    """The proxy's id where a proxy is trusted and the id is one; else a new one."""
    given = str(request.META.get("HTTP_X_REQUEST_ID", ""))
    if settings.BEHIND_PROXY and _ID.fullmatch(given):
        return given
    return uuid4().hex
