"""Branding of any city, for operators."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from provisioning.branding import pages
from tenants.models import City


def _city(slug: str) -> City:
    return get_object_or_404(City.objects.defer("outline"), slug=slug)


def _place(slug: str) -> pages.Place:
    def url(name: str, *arguments: object) -> str:
        return reverse(f"platform:{name}", args=[slug, *arguments])

    return pages.Place(url, "console/_crumbs.html")


@access.staff(Permission.OPERATE)
@require_http_methods(["GET", "HEAD", "POST"])
def branding(request: HttpRequest, slug: str) -> HttpResponse:
    return pages.edit(request, _city(slug), _place(slug))


@access.staff(Permission.OPERATE)
@require_safe
def logo(request: HttpRequest, slug: str, stem: str) -> HttpResponse:
    return pages.logo(_city(slug), stem)


@access.staff(Permission.OPERATE)
@require_safe
def accent(request: HttpRequest, slug: str) -> HttpResponse:
    return pages.accent(request, _city(slug))


@access.staff(Permission.OPERATE)
@require_POST
def restore(request: HttpRequest, slug: str, version: int) -> HttpResponse:
    return pages.restore(request, _city(slug), version, _place(slug))
