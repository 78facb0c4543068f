"""What people see when something fails: a clear page, their text kept, never a bare 500."""

import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.template.loader import render_to_string

from bezpechne.kernel import throttle
from bezpechne.kernel.problems import is_api, problem
from bezpechne.kernel.stored import StorageUnavailable

_SECRET_FIELDS = ("password", "code")
RETRY_AFTER_SECONDS = 10
# Said while anything may be broken: nobody is asked for, neither the database nor the session.
_ON_ITS_OWN = frozenset({500, 503})

# The header, menu and footer of the city that a request is in; nothing outside one. With
# `stranger` they are a visitor's, for which no database is asked.
FrameHook = Callable[[HttpRequest, bool], dict[str, Any]]


def _no_frame(request: HttpRequest, stranger: bool) -> dict[str, Any]:
    return {}


_frame: FrameHook = _no_frame


def set_frame_hook(hook: FrameHook) -> None:
    """Lets `community` give a city's error pages the city's frame; called once at start."""
    global _frame  # noqa: PLW0603 - one hook for the process
    _frame = hook


def _own_frame(request: HttpRequest) -> dict[str, Any]:
    """A visitor's frame; none when it is the frame that is broken."""
    try:
        return _frame(request, True)
    except Exception:  # noqa: BLE001 - the page that tells of a fault has to come
        return {}


def page(request: HttpRequest, status: int, template: str = "", **context: object) -> HttpResponse:
    """An error page in the frame of its city, or of the platform; programs get a problem instead.

    Those of 500 and 503 need neither database nor session.
    """
    if is_api(request):
        return problem(status)
    frame = _own_frame(request) if status in _ON_ITS_OWN else _frame(request, False)
    body = render_to_string(
        template or f"errors/{status}.html", {**frame, "status": status, **context}
    )
    # It may name who is signed in, and what failed may be right the next time.
    return HttpResponse(body, status=status, headers={"Cache-Control": "private, no-store"})


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    """What the person typed, to be sent again with one button; passwords and codes left out."""
    try:
        pairs = [(name, text) for name, texts in request.POST.lists() for text in texts]
    except (UnreadablePostError, RequestDataTooBig, TooManyFilesSent):
        return []
    return [
        (name, text) for name, text in pairs if not any(part in name for part in _SECRET_FIELDS)
    ]


def unavailable(request: HttpRequest) -> HttpResponse:
    """503 with Retry-After and the typed text kept in a form that sends it again."""
    typed = _typed(request) if request.method == "POST" else []
    response = page(request, 503, typed=typed, path=request.get_full_path())
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def too_many(request: HttpRequest, wait: timedelta, back: str) -> HttpResponse:
    """429 for a page that a limit refuses: says how long to wait, in words and in Retry-After.

    `back` is where the visitor came from.
    """
    response = page(request, 429, wait=throttle.in_words(wait), back=back)
    response["Retry-After"] = throttle.in_seconds(wait)
    return response


class FaultsMiddleware:
    """Refuses oversize bodies before anything reads them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            length = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            return page(request, 400)
        if length > settings.MAX_REQUEST_BYTES:
            return page(request, 413)
        response = self.get_response(request)
        if response.status_code == 405 and not response.content:
            told = page(request, 405)
            # Headers of what was refused stay: none may keep, frame or index it here either.
            response.content = told.content
            response["Content-Length"] = str(len(told.content))
            for name, value in told.items():
                response[name] = value
        return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    too_large = isinstance(exception, RequestDataTooBig | TooManyFilesSent)
    return page(request, 413 if too_large else 400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, 403)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django calls this while the exception is being handled, whatever layer raised it."""
    error = sys.exc_info()[1]
    if isinstance(error, OperationalError | InterfaceError):
        connection.close()
        return unavailable(request)
    if isinstance(error, StorageUnavailable):
        return unavailable(request)
    return page(request, 500)


def signed_out(request: HttpRequest) -> HttpResponse:
    """A form sent after the session ended: its text is shown, to be kept."""
    return page(request, 401, typed=_typed(request))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form left open for days or cookies refused: told so, text kept."""
    return page(request, 403, "errors/403_csrf.html", typed=_typed(request), path=request.path)
