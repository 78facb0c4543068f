"""The operator's page of a city's branding, with a preview of what is not published yet."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from provisioning.branding import actions, logos
from provisioning.branding.forms import BrandingForm
from provisioning.branding.values import values_of
from provisioning.models import BrandingVersion
from tenants.branding import LOGO, ShownLogo
from tenants.colours import DARK, HEX, LIGHT, measure
from tenants.current import primary_domain
from tenants.models import City
from tenants.wording import said


def _city(slug: str) -> City:
    return get_object_or_404(City.objects.defer("outline"), slug=slug)


def _taken(data: QueryDict) -> QueryDict:
    """The form with the colour that the person took from the offer."""
    data = data.copy()
    for theme in (LIGHT, DARK):
        if HEX.fullmatch(data.get(f"take_{theme}", "")):
            data[f"accent_{theme}"] = str(data[f"take_{theme}"])
    return data


@access.staff(Permission.OPERATE)
@require_http_methods(["GET", "HEAD", "POST"])
def branding(request: HttpRequest, slug: str) -> HttpResponse:
    """Without `publish` the form is only looked at: nothing changes for residents."""
    city = _city(slug)
    if request.method != "POST":
        initial = {**BrandingForm.of(city), "seen": actions.latest(city)}
        form = BrandingForm(initial=initial, city=city)
        return _page(request, city, form, values_of(city), city.logo)
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
            _tell(request, city, names)
            return redirect("platform:branding", slug=slug)
    values = form.values(logo) if form.is_valid() else values_of(city)
    return _page(request, city, form, values, logo, status=200 if form.is_valid() else 422)


def _tell(request: HttpRequest, city: City, names: list[str]) -> None:
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


def _shown(city: City, name: str) -> ShownLogo | None:
    """A logo of the city on the operators' page, which is another host."""
    found = LOGO.fullmatch(name)
    if found is None:
        return None
    url = reverse("platform:branding_logo", args=[city.slug, found["stem"]])
    return ShownLogo(url, int(found["width"]), int(found["height"]))


def _page(
    request: HttpRequest,
    city: City,
    form: BrandingForm,
    values: dict[str, Any],
    logo: str,
    status: int = 200,
) -> HttpResponse:
    draft = city if status == 422 else _draft(city, values)
    colours = f"light={draft.accent_light[1:]}&dark={draft.accent_dark[1:]}"
    accent_url = reverse("platform:branding_accent", args=[city.slug])
    context = {
        "subject": draft,
        "site_url": primary_domain(city).url,
        "form": form,
        "offers": {theme: form.offer(theme) for theme in (LIGHT, DARK) if form.is_bound},
        "shown_logo": _shown(city, draft.logo),
        "form_logo": _shown(city, logo),
        "kept_logo": logos.sealed(city, logo) if logo and logo != city.logo else "",
        "draft_wording": said(values["wording"], get_language() or "uk"),
        "draft_accent_url": f"{accent_url}?{colours}",
        "contrasts": [
            (LIGHT, draft.accent_light, measure(draft.accent_light, LIGHT)),
            (DARK, draft.accent_dark, measure(draft.accent_dark, DARK)),
        ],
        "frames": [(LIGHT, "phone"), (DARK, "phone"), (LIGHT, "desktop"), (DARK, "desktop")],
        "is_draft": form.is_bound,
        "versions": BrandingVersion.objects.filter(city=city).order_by("-id")[: actions.KEPT],
    }
    return render(request, "provisioning/branding.html", context, status=status)


def _draft(city: City, values: dict[str, Any]) -> City:
    """The city as it would be; never saved."""
    draft = _city(city.slug)
    for name, value in values.items():
        setattr(draft, name, value)
    return draft


@access.staff(Permission.OPERATE)
@require_safe
def logo(request: HttpRequest, slug: str, stem: str) -> HttpResponse:
    """A published or tried logo, for the operators' preview alone."""
    png = logos.read(_city(slug), stem)
    if png is None:
        raise Http404
    return HttpResponse(png, content_type="image/png")


@access.staff(Permission.OPERATE)
@require_safe
def accent(request: HttpRequest, slug: str) -> HttpResponse:
    """Colours that are not published yet, for the frames of the preview."""
    city = _city(slug)
    lines = []
    for theme in (LIGHT, DARK):
        asked = f"#{request.GET.get(theme, '')}"
        colour = asked if HEX.fullmatch(asked) else getattr(city, f"accent_{theme}")
        lines.append(f".site-preview__page.theme-{theme}{{--accent:{colour}}}\n")
    return HttpResponse("".join(lines), content_type="text/css")


@access.staff(Permission.OPERATE)
@require_POST
def restore(request: HttpRequest, slug: str, version: int) -> HttpResponse:
    """Back to how it was before a change."""
    city = _city(slug)
    row = get_object_or_404(BrandingVersion, pk=version, city=city)
    try:
        names = actions.restore(by=access.actor_of(request), city=city, version=row)
    except actions.BrandingRefused as refusal:
        messages.error(request, str(refusal))
    else:
        _tell(request, city, names)
    return redirect("platform:branding", slug=slug)
