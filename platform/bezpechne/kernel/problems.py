"""Errors for programs: RFC 9457 problem details with a sentence that says what to do."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

CONTENT_TYPE = "application/problem+json"
# Kind and sentence of a status that nobody said more about.
PLAIN: dict[int, tuple[str, str]] = {
    400: ("bad-request", "The server cannot read this request. Send JSON in UTF-8."),
    401: ("no-token", "Send a token: `Authorization: Bearer …`."),
    403: ("forbidden", "This is not open to you."),
    404: ("not-found", "Nothing lives at this address. See /api/ for what does."),
    405: ("method-not-allowed", "This address does not take this method; see the header Allow."),
    406: ("not-acceptable", "Answers are JSON. Send `Accept: application/json`."),
    410: ("gone", "What was here is gone."),
    413: ("too-large", "The request is too large. Send less in one call."),
    415: ("not-json", "Send the body as JSON with `Content-Type: application/json`."),
    429: ("too-many-requests", "Too many requests. Wait as long as Retry-After says."),
    500: ("server-error", "Something failed here, and nothing was changed. Try again later."),
    503: ("unavailable", "Not available right now. Wait as long as Retry-After says, then repeat."),
}


def is_api(request: HttpRequest) -> bool:
    """Whether a program asks: it gets no HTML, whatever fails."""
    return request.path_info.startswith("/api/")


def type_of(kind: str) -> str:
    """Stable address of a kind of problem; the page there explains it."""
    return f"{settings.BASE_URL}/api/#{kind}"


def body_of(status: int, kind: str = "", detail: str = "", **more: Any) -> dict[str, Any]:
    """The members of a problem; `more` are members of its own kind."""
    plain_kind, plain_detail = PLAIN.get(status, ("error", "The request failed."))
    kind = kind or plain_kind
    return {
        "type": type_of(kind),
        "title": kind.replace("-", " ").capitalize(),
        "status": status,
        "detail": detail or plain_detail,
        **more,
    }


def problem(status: int, kind: str = "", detail: str = "", **more: Any) -> HttpResponse:
    """The same as a response."""
    return JsonResponse(
        body_of(status, kind, detail, **more), status=status, content_type=CONTENT_TYPE
    )
