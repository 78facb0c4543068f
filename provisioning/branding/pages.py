"""The page of a city's branding, for the operators' host and for the city's own.

Who may open it and which city it is about is the business of the views that call this.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bezpechne.accounts import access
from provisioning.branding import actions, logos
from provisioning.branding.forms import BrandingForm
from provisioning.branding.values import values_of
from provisioning.models import BrandingVersion
from tenants.branding import LOGO, ShownLogo
from tenants.colours import DARK, HEX, LIGHT, measure
from tenants.current import primary_domain
from tenants.models import City
from tenants.wording import said


@dataclass(frozen=True)
class Place:
    """Where the page is: addresses by route name and arguments, and the crumbs above it."""

    url: Callable[..., str]
    crumbs: str


def fresh(city: City) -> City:
    """The row as it is now, without its outline."""
    return City.objects.defer("outline").get(pk=city.pk)


def _taken(data: QueryDict) -> QueryDict:
    """The form with the colour that the person took from the offer."""
    data = data.copy()
    for theme in (LIGHT, DARK):
        if HEX.fullmatch(data.get(f"take_{theme}", "")):
            data[f"accent_{theme}"] = str(data[f"take_{theme}"])
    return data


def edit(request: HttpRequest, city: City, place: Place) -> HttpResponse:
    """Without `publish` the form is only looked at: nothing changes for residents."""
    if request.method != "POST":
        initial = {**BrandingForm.of(city), "seen": actions.latest(city)}
        form = BrandingForm(initial=initial, city=city)
        return _page(request, city, place, form, values_of(city), city.logo)
    data = _taken(request.POST)
    form = BrandingForm(data, request.FILES, city=city)
    form.full_clean()
    logo = _logo_of(request, city, form)
    if form.is_valid() and "publish" in request.POST:
        try:
            names = actions.publish(
                by=access.actor_of(request),
                city=city,
                values=form.values(logo),
                seen=form.cleaned_data["seen"] or 0,
            )
        except actions.BrandingRefused as refusal:
            form.add_error(None, str(refusal))
            data["seen"] = str(actions.latest(city))
        else:
            _tell(request, names)
            return redirect(place.url("branding"))
    values = form.values(logo) if form.is_valid() else values_of(city)
    status = 200 if form.is_valid() else 422
    return _page(request, city, place, form, values, logo, status=status)


def _tell(request: HttpRequest, names: list[str]) -> None:
    if names:
        messages.success(request, _("Published: residents see it now."))
    else:
        messages.info(request, _("Nothing has changed."))


def _logo_of(request: HttpRequest, city: City, form: BrandingForm) -> str:
    """The logo of the draft: sent now, sent before, none, or the published one."""
    if form.fresh is not None:
        return logos.keep(city, form.fresh)
    if request.POST.get("no_logo"):
        return ""
    seal = request.POST.get("kept_logo", "")
    kept = logos.unsealed(city, seal)
    if seal and not kept:
        form.add_error("logo", _("The logo that you tried is gone. Choose it again."))
    return kept or city.logo


def _shown(place: Place, name: str) -> ShownLogo | None:
    """A logo that may not be published yet."""
    found = LOGO.fullmatch(name)
    if found is None:
        return None
    url = place.url("branding_logo", found["stem"])
    return ShownLogo(url, int(found["width"]), int(found["height"]))


def _page(
    request: HttpRequest,
    city: City,
    place: Place,
    form: BrandingForm,
    values: dict[str, Any],
    logo: str,
    status: int = 200,
) -> HttpResponse:
    draft = city if status == 422 else _draft(city, values)
    colours = f"light={draft.accent_light[1:]}&dark={draft.accent_dark[1:]}"
    context = {
        "subject": draft,
        "crumbs": place.crumbs,
        "site_url": primary_domain(city).url,
        "form": form,
        "offers": {theme: form.offer(theme) for theme in (LIGHT, DARK) if form.is_bound},
        "shown_logo": _shown(place, draft.logo),
        "form_logo": _shown(place, logo),
        "kept_logo": logos.sealed(city, logo) if logo and logo != city.logo else "",
        "draft_wording": said(values["wording"], get_language() or "uk"),
        "draft_accent_url": f"{place.url('branding_accent')}?{colours}",
        "contrasts": [
            (LIGHT, draft.accent_light, measure(draft.accent_light, LIGHT)),
            (DARK, draft.accent_dark, measure(draft.accent_dark, DARK)),
        ],
        "frames": [(LIGHT, "phone"), (DARK, "phone"), (LIGHT, "desktop"), (DARK, "desktop")],
        "is_draft": form.is_bound,
        "versions": [
            (version, place.url("restore_branding", version.pk))
            for version in BrandingVersion.objects.filter(city=city).order_by("-id")[: actions.KEPT]
        ],
    }
    return render(request, "provisioning/branding.html", context, status=status)


def _draft(city: City, values: dict[str, Any]) -> City:
    """The city as it would be; never saved."""
    draft = fresh(city)
    for name, value in values.items():
        setattr(draft, name, value)
    return draft


def logo(city: City, stem: str) -> HttpResponse:
    """A published or tried logo, for the preview alone."""
    png = logos.read(city, stem)
    if png is None:
        raise Http404
    return HttpResponse(png, content_type="image/png")


def accent(request: HttpRequest, city: City) -> HttpResponse:
    """Colours that are not published yet, for the frames of the preview."""
    lines = []
    for theme in (LIGHT, DARK):
        asked = f"#{request.GET.get(theme, '')}"
        colour = asked if HEX.fullmatch(asked) else getattr(city, f"accent_{theme}")
        lines.append(f".site-preview__page.theme-{theme}{{--accent:{colour}}}\n")
    return HttpResponse("".join(lines), content_type="text/css")


def restore(request: HttpRequest, city: City, version: int, place: Place) -> HttpResponse:
    """Back to how it was before a change."""
    row = get_object_or_404(BrandingVersion, pk=version, city=city)
    try:
        names = actions.restore(by=access.actor_of(request), city=city, version=row)
    except actions.BrandingRefused as refusal:
        messages.error(request, str(refusal))
    else:
        _tell(request, names)
    return redirect(place.url("branding"))
