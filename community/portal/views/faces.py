"""What browsers, phones and networks show of the city: icon, card under a link, manifest."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from bezpechne.accounts import access
from bezpechne.kernel.languages import path_in
from tenants import pictures
from tenants.current import current_city
from tenants.wording import said

_kept = cache_control(public=True, max_age=3600)


@access.public(before_launch=True)
@require_safe
@_kept
def icon_svg(request: HttpRequest) -> HttpResponse:
    return HttpResponse(pictures.icon_svg(current_city()), content_type="image/svg+xml")


@access.public(before_launch=True)
@require_safe
@_kept
def icon_png(request: HttpRequest, size: str) -> HttpResponse:
    """180 and 512 pixels: a phone's home screen."""
    made = pictures.icon_png(current_city().accent_light, int(size))
    return HttpResponse(made, content_type="image/png")


@access.public(before_launch=True)
@require_safe
@_kept
def card(request: HttpRequest, language: str) -> HttpResponse:
    """The picture that a messenger shows under a link to the city."""
    city = current_city()
    with translation.override(language):
        tagline = said(city.wording, language).get("tagline") or _(
            "Questions to the police that can wait, with answers everyone can read."
        )
        made = pictures.card_png(city, language, tagline)
    return HttpResponse(made, content_type="image/png")


@access.public(before_launch=True)
@require_safe
@_kept
def manifest(request: HttpRequest, language: str) -> JsonResponse:
    """Lets a phone put the site on its home screen."""
    city = current_city()
    with translation.override(language):
        body = {
            "name": city.site_name,
            "short_name": city.name,
            "lang": language,
            "start_url": path_in(language, "/"),
            "display": "browser",
            "background_color": "#F4F6F7",
            "theme_color": city.accent_light,
            "icons": [
                {
                    "src": reverse("icon_png", args=[size]),
                    "sizes": f"{size}x{size}",
                    "type": "image/png",
                    "purpose": "any maskable",
                }
                for size in (180, 512)
            ],
        }
    return JsonResponse(body, content_type="application/manifest+json")
