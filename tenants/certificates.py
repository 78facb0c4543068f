"""`/internal/tls-allowed?domain=`: may the proxy ask for a certificate for this name?

Caddy asks it before each certificate on demand, under any host and without TLS, so it is answered
before anything looks at the host. It tells what a request to that host would tell anyway.
"""

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from tenants.current import leave_city
from tenants.resolution import find

PATH = "/internal/tls-allowed"
_NAME = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")


def is_allowed(name: str) -> bool:
    """The platform's host, its cities' subdomains, their verified domains; one query at most."""
    host = name.lower().removesuffix(".")
    if host == settings.BASE_HOST:
        return True
    return len(host) <= 253 and bool(_NAME.fullmatch(host)) and find(host) is not None


class CertificateMiddleware:
    """200 or 404, never a list."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info != PATH:
            return self.get_response(request)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        # A thread may have been left in the last request's city.
        leave_city()
        allowed = is_allowed(request.GET.get("domain", ""))
        return HttpResponse(
            "yes\n" if allowed else "no\n",
            content_type="text/plain",
            status=200 if allowed else 404,
            headers={"Cache-Control": "no-store"},
        )
