"""The wizard's pages: which hromada, everything about the city, one look, made."""

import math
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from provisioning.city_templates.contents import Contents
from provisioning.city_templates.queries import contents_of, settings_of
from provisioning.gazetteer.war import occupation_of
from provisioning.models import Hromada, ProvisioningRun
from provisioning.provisioning import Area, ProvisioningRefused, Request, provision
from provisioning.wizard import drafts
from provisioning.wizard.forms import CityForm
from provisioning.wizard.searching import Answer, search
from provisioning.wizard.slugs import slug_problem
from tenants.geometry import KM_PER_DEGREE, UKRAINE, Bounds
from tenants.models import City

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])
# A list of names to choose a model city from; the field takes any other name too.
_LIVING = 200


@access.staff(Permission.OPERATE)
@require_safe
def new_city(request: HttpRequest) -> HttpResponse:
    """Step 1: the hromada by name or code. htmx asks for the list alone."""
    occupied = request.GET.get("occupied") == "1"
    answer = search(request.GET.get("q", ""), occupied=occupied)
    htmx = getattr(request, "htmx", False)
    page = "provisioning/wizard/_found.html" if htmx else "provisioning/wizard/search.html"
    return render(request, page, {"answer": answer, "occupied": occupied})


@access.staff(Permission.OPERATE)
@require_safe
def new_city_slug(request: HttpRequest) -> HttpResponse:
    """Whether a name in the address is free, while it is being typed."""
    slug = request.GET.get("slug", "").strip()[:100]
    context = {"slug": slug, "problem": slug_problem(slug), "host": settings.BASE_HOST}
    return render(request, "provisioning/wizard/_slug.html", context)


def _hromada(code: str) -> Hromada:
    hromada = drafts.hromada_of_code(code)
    if hromada is None:
        raise Http404
    return hromada


@access.staff(Permission.OPERATE)
@GET_OR_POST
def new_city_form(request: HttpRequest, code: str) -> HttpResponse:
    """Step 2: everything on one page. A right one waits in the session for the last look."""
    hromada = _hromada(code)
    city = City.objects.filter(katottg=code).only("slug", "name_uk", "name_en").first()
    if city:
        messages.info(request, _("%(city)s is on the platform already.") % {"city": city.name})
        return redirect("platform:readiness", city.slug)
    if request.method == "POST":
        draft = drafts.take(request, code)
        form = draft.form()
        if form.is_valid():
            return redirect("platform:new_city_check", form.cleaned_data["key"])
        return _form_page(request, form, draft, status=422)
    earlier = drafts.get(request, request.GET.get("draft", ""))
    if earlier and earlier.code == code:
        return _form_page(request, earlier.form(), earlier)
    return _form_page(request, CityForm(hromada=hromada), None)


def _form_page(
    request: HttpRequest, form: CityForm, draft: drafts.Draft | None, status: int = 200
) -> HttpResponse:
    living = City.objects.order_by("-id").values_list("slug", "name_uk", "name_en")[:_LIVING]
    if form.is_bound:
        form.is_valid()
    context = {
        "form": form,
        "hromada": form.hromada,
        "draft": draft,
        "living": list(living),
        "host": settings.BASE_HOST,
        "occupation": occupation_of(form.hromada.code),
        "editor": {"outline": form.hromada.outline, "own": _own_geometry(form)},
        "map": _map(),
    }
    return render(request, "provisioning/wizard/form.html", context, status=status)


def _own_geometry(form: CityForm) -> dict[str, Any] | None:
    return form.own.geometry if form.own else None


def _map(area: Area | None = None) -> dict[str, Any]:
    """A map that shows the area, or opens at Ukraine, where the editor moves it to its handles."""
    west, south, east, north = UKRAINE
    lat, lon = area.centre if area else ((south + north) / 2, (west + east) / 2)
    return {
        **(asdict(area.bounds) if area else {}),
        "lat": lat,
        "lon": lon,
        "zoom": 6,
        "tiles": settings.BASEMAP_TILES,
        "attribution": settings.BASEMAP_ATTRIBUTION,
    }


@access.staff(Permission.OPERATE)
@GET_OR_POST
def new_city_check(request: HttpRequest, key: UUID) -> HttpResponse:
    """Step 3: one look at all of it; sending it makes the city, twice sent it makes one."""
    made = _made(key)
    if made:
        return redirect("platform:readiness", made.slug)
    draft = drafts.get(request, str(key))
    if draft is None:
        context = {"answer": Answer(""), "gone": True}
        return render(request, "provisioning/wizard/search.html", context, status=410)
    form = draft.form()
    back = f"{reverse('platform:new_city_form', args=[draft.code])}?draft={key}"
    if not form.is_valid():
        messages.error(request, _("Something changed meanwhile: look at what is marked."))
        return redirect(back)
    if request.method == "POST":
        return _make(request, form.wanted(), back)
    return render(request, "provisioning/wizard/check.html", _look(form, back))


def _made(key: UUID) -> City | None:
    """The city of an earlier sending of the same form."""
    run = ProvisioningRun.objects.filter(request_key=str(key), finished_at__isnull=False, error="")
    return City.objects.filter(katottg__in=run.values("katottg")).first()


def _look(form: CityForm, back: str) -> dict[str, Any]:
    wanted = form.wanted()
    contents: Contents = settings_of(wanted.like) if wanted.like else contents_of(wanted.template)
    area = wanted.area
    return {
        "form": form,
        "wanted": wanted,
        "contents": contents,
        "notes": form.notes,
        "own": form.own,
        "size": _size(area.bounds) if area else None,
        "editor": {"outline": area.outline if area else None, "own": None},
        "map": _map(area),
        "host": settings.BASE_HOST,
        "back": back,
        "template_name": dict(form.fields["template"].choices).get(wanted.template, ""),  # type: ignore[attr-defined]
    }


def _size(bounds: Bounds) -> dict[str, int]:
    """Kilometres."""
    across = math.cos(math.radians((bounds.south + bounds.north) / 2)) * KM_PER_DEGREE
    return {
        "wide": round((bounds.east - bounds.west) * across),
        "high": round((bounds.north - bounds.south) * KM_PER_DEGREE),
    }


def _make(request: HttpRequest, wanted: Request, back: str) -> HttpResponse:
    try:
        result = provision(wanted, by=access.actor_of(request))
    except ProvisioningRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(back)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(back)
    mine = ProvisioningRun.objects.filter(slug=result.city.slug).exclude(way="")
    if result.created:
        messages.success(request, _("%(city)s is made.") % {"city": result.city.name})
    elif not mine.filter(request_key=wanted.key).exists():
        messages.warning(
            request,
            _("Somebody made this city a moment ago. What you typed was not applied to it."),
        )
    return redirect("platform:readiness", result.city.slug)
