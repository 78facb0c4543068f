"""Where the city is: bounds, centre, zoom and outline."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.seen import ChangedMeanwhile, mark
from community.administration.map_forms import BasemapForm, OutlineForm, PlaceForm
from community.desk.comparing import differences
from community.portal.maps import map_data
from community.questions.queries import points
from tenants import actions
from tenants.current import current_city
from tenants.models import City, Geography
from tenants.places import corners, holds_centre, outside, values_of

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])
# Of how many questions is told that they would be outside.
MOST_POINTS = 200_000


def _city() -> City:
    """Fresh: the one of the request may be some seconds old."""
    return City.objects.get(pk=current_city().pk)


@access.staff(Permission.ADMINISTER)
@GET_OR_POST
def place(request: HttpRequest) -> HttpResponse:
    """Bounds, centre and zoom."""
    city = _city()
    values = values_of(city)
    if request.method != "POST":
        form = PlaceForm(city=city, initial={**values, "seen": mark(values)})
        return _page(request, city, form, OutlineForm())
    form = PlaceForm(data := request.POST.copy(), city=city)
    if form.is_valid():
        try:
            changed = actions.place(
                by=access.actor_of(request),
                city=city,
                values=form.values(),
                seen=form.cleaned_data["seen"],
            )
        except ChangedMeanwhile as refusal:
            form.add_error(None, str(refusal))
            data["seen"] = mark(values)
            saved = differences(form, {name: values[name] for name in form.values()})
            return _page(request, city, form, OutlineForm(), saved=saved)
        messages.success(request, _("Saved.") if changed else _("Nothing has changed."))
        return redirect("administration:map")
    return _page(request, city, form, OutlineForm())


@access.staff(Permission.ADMINISTER)
@require_POST
def basemap(request: HttpRequest) -> HttpResponse:
    """OpenStreetMap or, where the platform has a key, Google's map."""
    city, form = _city(), BasemapForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the maps."))
        return redirect("administration:map")
    return _act(
        request,
        _("The map is chosen. Open pages show it after a reload."),
        lambda: actions.choose_basemap(
            by=access.actor_of(request), city=city, basemap=form.cleaned_data["basemap"]
        ),
    )


@access.staff(Permission.ADMINISTER)
@require_POST
def outline(request: HttpRequest) -> HttpResponse:
    """An outline that is checked and shown before anybody else sees it."""
    city, form = _city(), OutlineForm(data := request.POST.copy(), request.FILES)
    if not form.is_valid():
        if form.keeps_text:
            data["outline_text"] = form.text
        values = values_of(city)
        place_form = PlaceForm(city=city, initial={**values, "seen": mark(values)})
        return _page(request, city, place_form, form)
    draft = actions.try_outline(by=access.actor_of(request), city=city, outline=form.own)
    for note in form.own.notes if form.own else ():
        messages.warning(request, note)
    return redirect("administration:outline_preview", pk=draft.pk)


@access.staff(Permission.ADMINISTER)
@require_POST
def no_outline(request: HttpRequest) -> HttpResponse:
    """The city without an outline, to look at first."""
    draft = actions.try_outline(by=access.actor_of(request), city=_city(), outline=None)
    return redirect("administration:outline_preview", pk=draft.pk)


@access.staff(Permission.ADMINISTER)
@GET_OR_POST
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What would be in force, beside what is; POST takes it."""
    city = _city()
    draft = get_object_or_404(Geography, pk=pk, city=city, is_draft=True)
    if request.method == "POST":
        return _act(
            request,
            _("The outline is in force."),
            lambda: actions.take_outline(by=access.actor_of(request), city=city, draft=draft),
        )
    known = points(MOST_POINTS)
    context = {
        "draft": draft,
        "corners": corners(draft.values["outline"]),
        "now_corners": corners(city.outline),
        "map": _map(city, draft.values),
        "editor": {"outline": draft.values["outline"], "former": city.outline},
        "holds_centre": holds_centre(draft.values),
        "moved_centre": [draft.values["centre_lat"], draft.values["centre_lon"]]
        != [city.centre_lat, city.centre_lon],
        "outside": outside(draft.values, known),
        "questions": len(known),
    }
    return render(request, "administration/outline.html", context)


def _map(city: City, values: dict[str, Any]) -> dict[str, Any]:
    """The map draws what the page gives it, not what is published."""
    data = map_data(city) | {"outline_url": ""}
    sides = {side: values[side] for side in ("west", "south", "east", "north") if values[side]}
    centre = {"lat": values["centre_lat"], "lon": values["centre_lon"]}
    return data | sides | (centre if values["centre_lat"] is not None else {})


@access.staff(Permission.ADMINISTER)
@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    city = _city()
    draft = get_object_or_404(Geography, pk=pk, city=city, is_draft=True)
    return _act(
        request,
        _("Nothing has changed."),
        lambda: actions.drop_outline(by=access.actor_of(request), city=city, draft=draft),
    )


@access.staff(Permission.ADMINISTER)
@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    city = _city()
    version = get_object_or_404(Geography, pk=pk, city=city, is_draft=False)
    return _act(
        request,
        _("The map is as it was."),
        lambda: actions.restore_place(by=access.actor_of(request), city=city, version=version),
    )


def _act(request: HttpRequest, done: str, act: Callable[[], object]) -> HttpResponse:
    try:
        act()
    except actions.PlaceRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect("administration:map")


def _page(
    request: HttpRequest,
    city: City,
    form: PlaceForm,
    outline_form: OutlineForm,
    saved: list[tuple[str, str]] | None = None,
) -> HttpResponse:
    context = {
        "form": form,
        "outline_form": outline_form,
        "saved": saved,
        "basemap_form": BasemapForm(initial={"basemap": city.basemap})
        if settings.GOOGLE_MAPS_KEY
        else None,
        "map": _map(city, values_of(city)),
        "editor": {"outline": city.outline, "own": None},
        "corners": corners(city.outline),
        "draft": Geography.objects.filter(city=city, is_draft=True).defer("values").first(),
        "versions": Geography.objects.filter(city=city, is_draft=False)
        .defer("values")
        .order_by("-id")[: actions.KEPT],
    }
    bound = form.is_bound or outline_form.is_bound
    return render(request, "administration/map.html", context, status=422 if bound else 200)
