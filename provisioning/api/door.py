"""Who may enter `/api/v1/`: `accounts.access` asks here before a view runs."""

import re
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from bezpechne.kernel import throttle
from bezpechne.kernel.problems import problem
from provisioning.api import tokens
from provisioning.models import ApiToken

_BEARER = re.compile(r"bearer +(?P<token>[\x21-\x7e]{1,200}) *", re.IGNORECASE)
_MINUTE = timedelta(minutes=1)


def check(request: HttpRequest, scope: str) -> HttpResponse | None:
    """None lets the view run, with `request.api_token` set. Cookies are not looked at."""
    given = _BEARER.fullmatch(request.headers.get("Authorization", ""))
    if given is None:
        return _refused(request, "no-token", "Send a token: `Authorization: Bearer bzp_…`.")
    token = tokens.found(given["token"])
    if token is None:
        return _refused(request, "invalid-token", "No such token. Was it copied whole?")
    if token.revoked_at is not None:
        return _refused(request, "invalid-token", "This token was revoked. Ask for a new one.")
    if token.is_expired:
        day = token.expires_at.date().isoformat()
        return _refused(request, "invalid-token", f"This token expired on {day}.")
    refusal = _counted(token) or _scoped(token, scope)
    if refusal is None:
        tokens.note_use(token)
        request.api_token = token  # type: ignore[attr-defined] # api.base reads it
    return refusal


def _refused(request: HttpRequest, kind: str, detail: str) -> HttpResponse:
    if not throttle.allow(
        "api_refused",
        throttle.visitor(request),
        limit=settings.API_CALLS_A_MINUTE,
        window=_MINUTE,
        everywhere=True,
    ):
        return _too_many("Too many calls without a valid token from your network.")
    response = problem(401, kind, detail)
    error = "" if kind == "no-token" else ', error="invalid_token"'
    response["WWW-Authenticate"] = f'Bearer realm="bezpechne"{error}'
    return response


def _counted(token: ApiToken) -> HttpResponse | None:
    limit = settings.API_CALLS_A_MINUTE
    if throttle.allow("api", str(token.pk), limit=limit, window=_MINUTE):
        return None
    return _too_many(f"A token has {limit} calls a minute. Wait a minute, then go on.")


def _too_many(detail: str) -> HttpResponse:
    response = problem(429, "", detail)
    response["Retry-After"] = "60"
    return response


def _scoped(token: ApiToken, scope: str) -> HttpResponse | None:
    if scope in token.scopes:
        return None
    has = ", ".join(token.scopes)
    response = problem(
        403, "insufficient-scope", f"This call needs the scope {scope}; the token has {has}."
    )
    response["WWW-Authenticate"] = f'Bearer error="insufficient_scope", scope="{scope}"'
    return response
