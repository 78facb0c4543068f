"""What frames of pages need: the operators' menu, the announcements of cities."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from bezpechne.accounts.access import may
from bezpechne.accounts.permissions import Permission
from provisioning.console import banners
from provisioning.console.links import maybe


def menus(request: HttpRequest) -> dict[str, Any]:
    """Operators' menu on the platform's host; nothing in a city, which has its own."""
    if getattr(request, "city", None) is not None or not may(request, Permission.OPERATE):
        return {}
    here = request.path
    named = [
        (_("Cities"), "platform:console"),
        (_("Requests"), "platform:requests"),
        (_("Announcements"), "platform:announcements"),
        (_("Jobs"), "platform:jobs"),
        (_("Journal"), "platform:journal"),
        (_("Templates"), "platform:templates"),
        (_("API"), "platform:api_tokens"),
    ]
    links = [(label, maybe(name)) for label, name in named]
    deepest = max((url for _label, url in links if url and here.startswith(url)), default="")
    nav = [{"label": label, "url": url, "current": url == deepest} for label, url in links if url]
    return {"nav": nav}


def announcements(request: HttpRequest) -> dict[str, Any]:
    """Banners of a city's pages; no query, see `banners`."""
    city = getattr(request, "city", None)
    if city is None:
        return {}
    staff = may(request, Permission.MODERATE)
    return {"announcements": banners.shown_in(city.slug, staff=staff)}
