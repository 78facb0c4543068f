"""The page of a city that was just made: how it was made, what it lacks."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.validators import URLValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.actions import AccountError
from bezpechne.accounts.permissions import Permission
from community.questions.forms import TextField
from provisioning import readiness
from tenants.current import primary_domain
from tenants.models import City
from tenants.versions import is_behind


class LinkForm(forms.Form):
    url = forms.URLField(
        label=gettext_lazy("Page of the police"),
        assume_scheme="https",
        validators=[URLValidator(["http", "https"])],
    )


class AdministratorForm(forms.Form):
    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254)
    name = TextField(label=gettext_lazy("Name"), max_length=120, required=False)


def _city(slug: str) -> City:
    return get_object_or_404(City, slug=slug)


@access.staff(Permission.OPERATE)
@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """The readiness list of one city, looked up now."""
    return _page(request, _city(slug))


def _page(
    request: HttpRequest,
    city: City,
    *,
    link: LinkForm | None = None,
    administrator: AdministratorForm | None = None,
) -> HttpResponse:
    # The tables of a city that waits for its update may not be the ones that we ask for.
    items = [] if is_behind(city) else readiness.readiness_of(city)
    run = readiness.steps_of(city)
    bound = bool((link and link.is_bound) or (administrator and administrator.is_bound))
    context: dict[str, Any] = {
        "made": city,
        "url": primary_domain(city).url,
        "items": items,
        "done": sum(item.done for item in items),
        "run": run,
        "total": round(sum(float(took) for _name, took in run.steps), 1) if run else 0,
        "link": link or LinkForm(initial={"url": city.police_site_url}),
        "administrator": administrator or AdministratorForm(),
    }
    return render(request, "provisioning/readiness.html", context, status=422 if bound else 200)


@access.staff(Permission.OPERATE)
@require_POST
def tick_bounds(request: HttpRequest, slug: str) -> HttpResponse:
    readiness.tick_bounds(by=access.actor_of(request), city=_city(slug))
    messages.success(request, _("Written down: the bounds are checked."))
    return redirect("platform:readiness", slug)


@access.staff(Permission.OPERATE)
@require_POST
def tick_link(request: HttpRequest, slug: str) -> HttpResponse:
    """`seen` 1: the link is there; else it is gone."""
    city = _city(slug)
    form = LinkForm(request.POST)
    if not form.is_valid():
        return _page(request, city, link=form)
    seen = request.POST.get("seen") == "1"
    readiness.tick_link(
        by=access.actor_of(request), city=city, seen=seen, url=form.cleaned_data["url"]
    )
    messages.success(request, _("Written down with today's date."))
    return redirect("platform:readiness", slug)


@access.staff(Permission.OPERATE)
@require_POST
def invite(request: HttpRequest, slug: str) -> HttpResponse:
    """The city's first administrator."""
    city = _city(slug)
    form = AdministratorForm(request.POST)
    if not form.is_valid():
        return _page(request, city, administrator=form)
    try:
        readiness.invite_administrator(by=access.actor_of(request), city=city, **form.cleaned_data)
    except AccountError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The invitation is on its way."))
    return redirect("platform:readiness", slug)
