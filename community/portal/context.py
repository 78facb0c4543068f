"""Menus of a city's pages, and the frame of its error pages."""

from copy import copy
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.template.context_processors import csrf
from django.urls import reverse
from django.utils.translation import gettext as _

from bezpechne.accounts.access import may
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.languages import language_of
from tenants import context
from tenants.middleware import NO_MENUS, host_of
from tenants.models import Domain


def _administration() -> tuple[str, ...]:
    """Where pages of the administration begin, in the language in force."""
    names = ("city", "overview", "activity")
    own = [reverse(f"administration:{name}") for name in names]
    return (*own, reverse("desk:units"), reverse("desk:staff"))


def menus(request: HttpRequest) -> dict[str, Any]:
    """Nothing outside a city. Staff see their own menu everywhere, so that they can go back."""
    city = getattr(request, "city", None)
    if city is None:
        return {}
    here = request.path

    def link(label: str, name: str, *, prefix: bool = False) -> dict[str, Any]:
        url = reverse(name)
        return {
            "label": label,
            "url": url,
            "current": here.startswith(url) if prefix else here == url,
        }

    nav = [link(_("Map"), "portal:home"), link(_("How it works"), "portal:about")]
    if may(request, Permission.MODERATE):
        nav.append(link(_("Desk"), "desk:queue"))
        nav.append(link(_("Hours"), "hours:now", prefix=True))
    if may(request, Permission.ADMINISTER):
        nav.append(
            {
                "label": _("City"),
                "url": reverse("administration:city"),
                "current": here.startswith(_administration()),
            }
        )
    footer = [
        link(_("How it works"), "portal:about"),
        link(_("Help"), "portal:help"),
        link(_("Accessibility"), "portal:accessibility"),
        link(_("Lost your link?"), "portal:lost_link"),
        link(_("Privacy"), "portal:privacy"),
    ]
    if city.police_site_url:
        footer.append({"label": _("Police site"), "url": city.police_site_url, "current": False})
    if not request.user.is_authenticated:
        footer.append(link(_("For staff"), "accounts:sign_in"))
    return {
        "nav": nav,
        "footer_links": footer,
        "social_card_url": Domain(domain=host_of(request)).url
        + reverse("card", args=[language_of(request.path_info)]),
        "manifest_url": reverse("manifest", args=[language_of(request.path_info)]),
        "accent_stylesheet_url": f"{reverse('accent')}?{city.accent_light[1:]}{city.accent_dark[1:]}",
    }


def error_frame(request: HttpRequest, stranger: bool) -> dict[str, Any]:
    """What a city's error pages show around them; nothing outside a city.

    A `stranger` is who nobody asks the database about; so is whoever was refused before the session
    was looked at.
    """
    city = getattr(request, "city", None)
    if city is None:
        return {}
    seen = copy(request)
    if stranger or not hasattr(request, "user"):
        seen.user = AnonymousUser()
    frame = {**context.city(seen), **menus(seen), **csrf(request), "user": seen.user}
    if city.is_closed:
        frame |= NO_MENUS
    elif not (city.launched or may(seen, Permission.MODERATE)):
        frame |= {"nav": [], "footer_links": []}
    return frame
