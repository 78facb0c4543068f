"""One city on one page, and its limits."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from provisioning.console.actions import basemap, limits
from provisioning.console.forms import BasemapForm, LimitsForm
from provisioning.console.links import maybe
from provisioning.console.queries.city import city_by_slug, page_of
from tenants.basemaps import uses_google
from tenants.models import City, MapSession


def city_or_404(slug: str) -> City:
    city = city_by_slug(slug)
    if city is None:
        raise Http404
    return city


def _links(city: City) -> list[dict[str, str]]:
    """What may be done to a city, as far as this installation can."""
    named = [
        (_("Life of the city"), "platform:life"),
        (_("Readiness"), "platform:readiness"),
        (_("Domains"), "platform:domains"),
        (_("Branding and wording"), "platform:branding"),
        (_("Map under the pins"), "platform:basemap"),
        (_("Replace the administrator"), "platform:administrator"),
        (_("Act as administrator"), "platform:act"),
    ]
    links = [{"label": label, "url": maybe(name, city.slug)} for label, name in named]
    return [link for link in links if link["url"]]


@access.staff(Permission.OPERATE)
@require_safe
def city(request: HttpRequest, slug: str) -> HttpResponse:
    """Figures, dates, domains, schema, people, limits and the last entries of the journal."""
    found = city_or_404(slug)
    page = page_of(found)
    context = {"page": page, "row": page.row, "here": found, "links": _links(found)}
    return render(request, "console/city.html", context)


@access.staff(Permission.OPERATE)
@require_http_methods(["GET", "HEAD", "POST"])
def set_limits(request: HttpRequest, slug: str) -> HttpResponse:
    """How much a city may store and mail; blank is the platform's default."""
    found = city_or_404(slug)
    initial: dict[str, Any] = {
        "storage_limit_mb": found.storage_limit_mb,
        "mails_a_day": found.mails_a_day,
    }
    form = LimitsForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        limits.set_limits(by=access.actor_of(request), city=found, **form.cleaned_data)
        messages.success(request, _("The limits are set."))
        return redirect("platform:city", slug=found.slug)
    context = {"form": form, "here": found}
    return render(request, "console/limits.html", context, status=422 if form.is_bound else 200)


@access.staff(Permission.OPERATE)
@require_http_methods(["GET", "HEAD", "POST"])
def set_basemap(request: HttpRequest, slug: str) -> HttpResponse:
    """OpenStreetMap or Google's map, and how its sessions are."""
    found = city_or_404(slug)
    form = BasemapForm(request.POST or None, initial={"basemap": found.basemap})
    if request.method == "POST" and form.is_valid():
        basemap.set_basemap(by=access.actor_of(request), city=found, **form.cleaned_data)
        messages.success(request, _("The map is chosen. Open pages show it after a reload."))
        return redirect("platform:basemap", slug=found.slug)
    sessions = MapSession.objects.order_by("language") if uses_google(found) else []
    context = {"form": form, "here": found, "sessions": sessions}
    return render(request, "console/basemap.html", context, status=422 if form.is_bound else 200)
