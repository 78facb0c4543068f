"""Puts each request into its city, and the curtain before a city that has not opened."""

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import render
from django.urls import set_urlconf
from django.utils import timezone

from bezpechne.accounts.access import access_of, may
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.faults import page, unavailable
from bezpechne.kernel.languages import UKRAINIAN, language_of, path_in
from tenants import basemaps
from tenants.current import enter_city, leave_city
from tenants.models import City, Domain
from tenants.resolution import Found, find, is_platform
from tenants.versions import is_behind

_READING = frozenset({"GET", "HEAD"})
# A name or a bracketed address, with a port or without; 253 characters is the longest name.
_HOST = re.compile(r"(?P<name>[a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?")

# The menus lead to pages that are closed too, and so is the city's stylesheet.
NO_MENUS: dict[str, Any] = {"nav": [], "footer_links": [], "accent_stylesheet_url": ""}


def host_of(request: HttpRequest) -> str:
    """Host name in lower case without port and final dot; blank when it is missing or no name."""
    found = _HOST.fullmatch(str(request.META.get("HTTP_HOST", "")).strip().lower())
    return found["name"].removesuffix(".") if found else ""


def _to_primary(request: HttpRequest, host: str) -> HttpResponse:
    """301 for reading; anything sent goes along with 307, so that nothing typed is lost.

    Nobody may keep the 301: a city can make its former name primary again, and a browser that
    remembers both ways would go in circles.
    """
    url = Domain(domain=host).url + request.get_full_path()
    response = (
        HttpResponsePermanentRedirect(url)
        if request.method in {"GET", "HEAD"}
        else HttpResponseRedirect(url, preserve_request=True)
    )
    response["Cache-Control"] = "no-store"
    return response


class CityMiddleware:
    """Sets the schema for the whole request; an unknown host gets a page that lists nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.city = None  # type: ignore[attr-defined] # templates and the curtain read it
        host = host_of(request)
        # A thread may have been left in the last request's city.
        leave_city()
        if is_platform(host):
            return self._on_platform(request)
        found = find(host) if host else None
        if found is None:
            return page(request, 404, "errors/unknown_host.html", base_url=settings.BASE_URL)
        if host != found.primary:
            return _to_primary(request, found.primary)
        if is_behind(found.city):
            return unavailable(request)
        response = basemaps.allow(self._in_city(request, found.city), found.city)
        return _with_own_forms(response, found)

    def _on_platform(self, request: HttpRequest) -> HttpResponse:
        request.urlconf = settings.PUBLIC_SCHEMA_URLCONF
        set_urlconf(request.urlconf)
        return self.get_response(request)

    def _in_city(self, request: HttpRequest, city: City) -> HttpResponse:
        if language_of(request.path_info) not in city.languages and request.method in _READING:
            # A city may have switched English off; for a while, hence no permanent redirect.
            return HttpResponseRedirect(path_in(UKRAINIAN, request.get_full_path()))
        request.city = city  # type: ignore[attr-defined] # same
        request.urlconf = settings.ROOT_URLCONF
        set_urlconf(request.urlconf)
        enter_city(city)
        with timezone.override(city.time_zone):
            try:
                return self.get_response(request)
            finally:
                leave_city()


def _with_own_forms(response: HttpResponse, found: Found) -> HttpResponse:
    """Lets forms of open pages follow the redirect when another name becomes primary meanwhile."""
    if len(found.hosts) > 1:
        others = [Domain(domain=host).url for host in found.hosts[1:]]
        update = {**getattr(response, "_csp_update", {}), "form-action": others}
        response._csp_update = update  # type: ignore[attr-defined] # django-csp reads it
    return response


class CurtainMiddleware:
    """What a visitor meets instead of the site, by the city's state (table in the README).

    Archived: one page for every address and for everybody. Before the launch, and in a draft
    whatever its launch date: «скоро запуск» for the public, the site as it will be for staff.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        city: City | None = getattr(request, "city", None)
        if city is not None and city.is_closed:
            return self._archived(request, city)
        return self.get_response(request)

    def _archived(self, request: HttpRequest, city: City) -> HttpResponse:
        """410: search engines forget the pages. Not kept by caches, since the city may return."""
        if "json" in request.path:
            response: HttpResponse = JsonResponse({"detail": "archived"}, status=410)
        else:
            context = {"city": city, "base_url": settings.BASE_URL, **NO_MENUS}
            response = render(request, "tenants/archived.html", context, status=410)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """None lets the view run."""
        city: City | None = getattr(request, "city", None)
        access = access_of(view)
        if city is None or city.launched or access is None:
            return None
        if access.permission is not None or access.before_launch:
            return None
        if may(request, Permission.MODERATE):
            return None
        if "json" in request.path:
            return JsonResponse({"detail": "not launched"}, status=403)
        context = {"city": city, "nav": [], "footer_links": []}
        return render(request, "tenants/curtain.html", context)
