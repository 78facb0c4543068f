"""What machines ask: `/healthz`, `/readyz`, `/metrics`. No city, no session, any Host header.

`/healthz`: the process answers; no database. A supervisor restarts what fails it.
`/readyz`: this server can do its work; a proxy sends visitors elsewhere while it says 503.
`degraded` in it names what fails on every server alike, and leaves the status alone.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse

from bezpechne.kernel import metrics, readiness


def _alive(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


def _ready(request: HttpRequest) -> HttpResponse:
    missing = readiness.missing()
    response = JsonResponse(
        {"ready": not missing, "not_ready": missing, "degraded": readiness.degraded()},
        status=503 if missing else 200,
    )
    response["Cache-Control"] = "no-store"
    return response


PAGES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/healthz": _alive,
    "/readyz": _ready,
    "/metrics": metrics.respond,
}


class HealthMiddleware:
    """Answers before any other middleware looks at the host, the scheme or the database."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = PAGES.get(request.path_info)
        return answer(request) if answer else self.get_response(request)
