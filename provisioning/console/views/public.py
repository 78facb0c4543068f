"""The country's page: which cities take part, and how to join."""

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from bezpechne.accounts import access
from bezpechne.kernel import throttle
from bezpechne.kernel.query_strings import text_of
from provisioning.console.actions import requests
from provisioning.console.forms import JoinForm
from provisioning.console.queries import country
from provisioning.console.queries.fleet import primary_urls
from provisioning.console.views.fleet import ukraine_map

MAP_SECONDS = 60


def _states() -> list[dict[str, str]]:
    """Shapes of the map and their words, in the order of the JSON's numbers."""
    return [
        {"state": "active", "label": _("open")},
        {"state": "suspended", "label": _("reading only")},
        {"state": "trial", "label": _("opens soon")},
    ]


@access.public(before_launch=True)
@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """What the platform is, which cities take part, how to join."""
    words, oblast = text_of(request.GET, "q", 60), text_of(request.GET, "oblast", 50)
    context = {
        "country": country.country(words=words, oblast=oblast),
        "words": words,
        "oblast": oblast,
        "is_filtered": bool(words or oblast),
        "states": _states(),
        "map": ukraine_map(reverse("platform:country_points")),
    }
    return render(request, "console/landing.html", context)


@access.public(before_launch=True)
@require_safe
@cache_control(public=True, max_age=MAP_SECONDS)
def country_points(request: HttpRequest) -> HttpResponse:
    """`{"cities": [[slug, name, lat, lon, state, 0, url], …]}` of cities that take part."""
    key = f"console.country:{get_language()}"
    body = cache.get(key)
    if body is None:
        cities = [city for city in country.taking_part() if city.centre]
        urls = primary_urls(cities)
        order = [state["state"] for state in _states()]
        body = [
            [
                city.slug,
                city.name,
                round(city.centre_lat or 0, 4),
                round(city.centre_lon or 0, 4),
                order.index(country.public_state(city)),
                0,
                urls.get(city.pk, ""),
            ]
            for city in cities
        ]
        cache.set(key, body, MAP_SECONDS)
    compact = {"ensure_ascii": False, "separators": (",", ":")}
    return JsonResponse({"cities": body}, json_dumps_params=compact)


@access.public(before_launch=True)
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """The request to join. A program that fills in the hidden field is thanked and forgotten."""
    form = JoinForm(request.POST or None, initial={"place": text_of(request.GET, "place", 120)})
    if request.method == "POST" and form.is_valid():
        fields = dict(form.cleaned_data)
        fields.pop("consent")
        if fields.pop("website"):
            return redirect("platform:joined")
        try:
            requests.send(
                visitor=throttle.visitor(request), language=get_language() or "uk", fields=fields
            )
        except requests.JoinRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("platform:joined")
    context = {"form": form, "keep_days": settings.JOIN_REQUEST_DAYS}
    return render(request, "console/join.html", context, status=422 if form.is_bound else 200)


@access.public(before_launch=True)
@require_safe
def joined(request: HttpRequest) -> HttpResponse:
    """Thanks, and what happens next."""
    return render(request, "console/joined.html")
