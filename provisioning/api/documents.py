"""The OpenAPI document, and a page for people made from it."""

import json
import re
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.utils import translation
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from bezpechne.accounts import access
from bezpechne.accounts.access import access_of
from bezpechne.kernel.problems import CONTENT_TYPE

# Kinds of problems of this API's own; bezpechne.kernel.problems has the plain ones.
KINDS = [
    ("no-token", 401, "No token was sent. Cookies open nothing here."),
    ("invalid-token", 401, "The token is unknown, revoked or expired."),
    ("insufficient-scope", 403, "The token is good, but not for this call."),
    ("too-many-requests", 429, "Wait as long as Retry-After says."),
    ("invalid-fields", 422, "errors names each field and what is wrong with it."),
    ("ambiguous-place", 422, "Several hromadas have the name: candidates lists them all."),
    ("unknown-place", 422, "No hromada has the name: candidates lists the nearest."),
    ("no-key", 400, "Making a city needs the header Idempotency-Key."),
    ("bad-key", 400, "Idempotency-Key has 8 to 64 visible ASCII characters."),
    ("key-reused", 422, "The key came with another body before."),
    ("city-exists", 409, "The hromada has a city, made by another call; city is its slug."),
    ("city-gone", 409, "The city of this key was deleted since."),
    ("refused", 409, "The city cannot be made like this; detail says why."),
    ("state-forbids", 409, "The city's state does not allow this change."),
    ("no-such-city", 404, "No city has this slug."),
    ("no-such-hromada", 404, "No hromada has this code."),
    ("no-run", 404, "The city came to this installation without a provisioning run."),
]
# Each status that any call may end with, for those who write a client.
_ALWAYS = {401: "No valid token", 403: "The token lacks the scope", 429: "Too many calls"}


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """OpenAPI 3.0, made once in a process, in English."""
    from provisioning.api.urls import CALLS  # noqa: PLC0415 - the routes name this module

    calls = [path(f"api/v1/{call.pattern}", call.callback, name=call.name) for call in CALLS]
    with translation.override("en"):
        generator: Any = SchemaGenerator(patterns=calls)  # type: ignore[no-untyped-call] # no types
        made: dict[str, Any] = generator.get_schema(public=True)
    scopes = {
        "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(call.pattern)): declared.scopes
        for call in calls
        if (declared := access_of(call.callback)) and declared.scopes
    }
    made["servers"] = [{"url": settings.BASE_URL}]
    made["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    for address, methods in made["paths"].items():
        read, write = scopes[address]
        for method, call in methods.items():
            _complete(call, read if method == "get" else write)
    return made


def _complete(call: dict[str, Any], scope: str) -> None:
    """What the generator cannot know: the scope, and problems as they are sent."""
    call["security"] = [{"token": []}]
    call["x-scope"] = scope
    call["description"] = f"{call.get('description', '')}\n\nScope: `{scope}`.".strip()
    problem = {"schema": {"$ref": "#/components/schemas/ProblemOut"}}
    for status, text in _ALWAYS.items():
        call["responses"].setdefault(str(status), {"description": text})
    for status, response in call["responses"].items():
        if int(status) >= 400:
            response["content"] = {CONTENT_TYPE: problem}
    call.pop("tags", None)


@access.public(before_launch=True)
@require_safe
@cache_control(public=True, max_age=300)
def openapi(request: HttpRequest) -> HttpResponse:
    """The document; it holds nothing that the source does not."""
    return JsonResponse(document(), json_dumps_params={"ensure_ascii": False, "indent": 1})


def _example(schema: dict[str, Any]) -> dict[str, Any]:
    """A body with the fields of a schema that people send most."""
    samples = {
        "hromada": "UA53080370000025447",
        "admin_email": "mayor@example.org",
        "launch_on": "2027-01-15",
        "on": "2027-01-15",
        "reason": "Планові роботи",
    }
    return {name: samples[name] for name in schema.get("properties", {}) if name in samples}


def _told(given: dict[str, Any]) -> str:
    """What a parameter takes, in one line."""
    choices = ", ".join(filter(None, given["schema"].get("enum", [])))
    return f"One of: {choices}" if choices else _plain(given.get("description", ""))


def _plain(text: str) -> str:
    """A description without its marks of code."""
    return text.partition("\n\nScope:")[0].replace("`", "")


def _curl(address: str, method: str, call: dict[str, Any], schemas: dict[str, Any]) -> str:
    url = settings.BASE_URL + address.replace("{slug}", "poltava").replace(
        "{code}", "UA53080370000025447"
    )
    lines = ["curl"] if method == "get" else ["curl -X POST"]
    lines.append('  -H "Authorization: Bearer $TOKEN"')
    if any(given["name"] == "Idempotency-Key" for given in call.get("parameters", [])):
        lines.append('  -H "Idempotency-Key: $(uuidgen)"')
    if method == "post":
        content = call.get("requestBody", {}).get("content", {}).get("application/json", {})
        name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
        body = json.dumps(_example(schemas.get(name, {})), ensure_ascii=False)
        lines += ['  -H "Content-Type: application/json"', f"  -d '{body}'"]
    return " \\\n".join([*lines, f'  "{url}"'])


@access.public(before_launch=True)
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Every call with an example, for people."""
    made = document()
    schemas = made["components"]["schemas"]
    calls = [
        {
            "method": method.upper(),
            "address": address,
            "name": call["operationId"],
            "scope": call["x-scope"],
            "text": _plain(call["description"]),
            "fields": [
                {**given, "text": _told(given)}
                for given in call.get("parameters", [])
                if given["in"] != "path"
            ],
            "curl": _curl(address, method, call, schemas),
        }
        for address, methods in made["paths"].items()
        for method, call in methods.items()
    ]
    context = {
        "calls": calls,
        "limit": settings.API_CALLS_A_MINUTE,
        "kinds": [{"name": name, "status": status, "text": text} for name, status, text in KINDS],
    }
    return render(request, "provisioning/api.html", context)
