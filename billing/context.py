"""The menu of finance people on the platform's host, and the link to costs on a city's site."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from bezpechne.accounts.access import may
from bezpechne.accounts.permissions import Permission
from billing.reports.public import is_shown


def menus(request: HttpRequest) -> dict[str, Any]:
    """Nothing in a city, and for people who have nothing to do with money."""
    if getattr(request, "city", None) is not None or not may(request, Permission.REPORTS):
        return {}
    named = [(_("Reports"), "finance:reports")]
    if may(request, Permission.LEDGER):
        named = [
            (_("Overview"), "finance:home"),
            (_("Cities"), "finance:accounts"),
            (_("Hand-overs"), "handover:list"),
            (_("Payers"), "finance:payers"),
            (_("Documents"), "finance:acts"),
            (_("Bank"), "finance:bank"),
            (_("Reports"), "finance:reports"),
        ]
    links = [(label, reverse(name)) for label, name in named]
    here = request.path
    deepest = max((url for _label, url in links if here.startswith(url)), key=len, default="")
    return {
        "nav": [{"label": label, "url": url, "current": url == deepest} for label, url in links]
    }


def city_costs(request: HttpRequest) -> dict[str, Any]:
    """A link in the footer of an open city that shows its costs; kept for ten minutes."""
    city = getattr(request, "city", None)
    if city is None or city.is_closed or not city.launched or not is_shown(city.pk):
        return {}
    url = reverse("costs:page")
    link = {"label": _("Who pays"), "url": url, "current": request.path == url}
    return {"more_footer_links": [link]}
