"""Branding of the city whose host this is, for its administrator."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from provisioning.branding import pages
from tenants.current import current_city
from tenants.models import City


def _city() -> City:
    return pages.fresh(current_city())


def _url(name: str, *arguments: object) -> str:
    return reverse(f"look:{name}", args=arguments)


_PLACE = pages.Place(_url, "provisioning/_city_crumbs.html")


@access.staff(Permission.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def branding(request: HttpRequest) -> HttpResponse:
    return pages.edit(request, _city(), _PLACE)


@access.staff(Permission.ADMINISTER)
@require_safe
def logo(request: HttpRequest, stem: str) -> HttpResponse:
    return pages.logo(_city(), stem)


@access.staff(Permission.ADMINISTER)
@require_safe
def accent(request: HttpRequest) -> HttpResponse:
    return pages.accent(request, _city())


@access.staff(Permission.ADMINISTER)
@require_POST
def restore(request: HttpRequest, version: int) -> HttpResponse:
    return pages.restore(request, _city(), version, _PLACE)
