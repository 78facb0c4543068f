"""Puts an acting administrator into `request.user` of a city's pages."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from provisioning.acting.actions import acting_in
from tenants.models import City


class ActingMiddleware:
    """Lazy, like Django's own: a page that asks for nobody reads no session."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        city: City | None = getattr(request, "city", None)
        if city is not None:
            who = SimpleLazyObject(partial(_who, request, city, request.user))
            request.user = who  # type: ignore[assignment] # a user once somebody looks
        return self.get_response(request)


def _who(request: HttpRequest, city: City, user: Any) -> Any:
    return acting_in(request, city) or user
