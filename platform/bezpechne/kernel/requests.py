"""Around each request: its id, its time, one log line and two figures; never its path."""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from bezpechne.kernel import metrics, reports, trace
from bezpechne.kernel.schema import PUBLIC

logger = logging.getLogger(__name__)
# A visitor may make up methods; a label may not grow with them.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def route_of(request: HttpRequest) -> str:
    """Name of the route, so that figures and logs hold no path; `static`, or `none` for no route."""
    match = request.resolver_match
    if match is not None:
        return match.view_name
    return "static" if request.path_info.startswith(settings.STATIC_URL) else "none"


class RequestMiddleware:
    """Outside all others but health: what they refuse is counted too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        given = trace.id_for(request)
        request.request_id = given  # type: ignore[attr-defined] # kernel.logs reads it
        with trace.traced(given):
            response = self.get_response(request)
            _note(request, response.status_code, time.perf_counter() - started)
            reports.note_place(_schema_of(request), given)
        response["X-Request-ID"] = given
        if response.cookies:
            # A cache that kept it would hand one person's cookie to the next, a photo's or a card's too.
            response["Cache-Control"] = "private, no-store"
        return response


def _schema_of(request: HttpRequest) -> str:
    return getattr(getattr(request, "city", None), "schema_name", PUBLIC)


def _note(request: HttpRequest, status: int, seconds: float) -> None:
    """The city is left by now; the request still names it."""
    city = getattr(request, "city", None)
    route = route_of(request)
    method = request.method if request.method in _METHODS else "other"
    metrics.count_request("city" if city else "platform", route, method, status, seconds)
    logger.info(
        "%s %s %s",
        method,
        route,
        status,
        extra={
            "schema": _schema_of(request),
            "route": route,
            "method": method,
            "status": status,
            "ms": round(seconds * 1000, 1),
        },
    )
