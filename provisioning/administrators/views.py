"""The console's page that replaces a city's administrator."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from bezpechne.accounts import access
from bezpechne.accounts.actions import AccountError
from bezpechne.accounts.permissions import Permission
from provisioning.administrators.actions import (
    administration_of,
    replace_administrator,
    reset_factor,
)
from provisioning.administrators.forms import AdministratorForm, FactorForm
from tenants.models import City


@access.staff(Permission.OPERATE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def administrator(request: HttpRequest, slug: str) -> HttpResponse:
    """Who administers the city, and the form that replaces one of them."""
    city = get_object_or_404(City.objects.defer("outline"), slug=slug)
    now = administration_of(city)
    form = AdministratorForm(request.POST or None, administrators=now.administrators)
    if request.method == "POST" and form.is_valid():
        try:
            replace_administrator(by=access.actor_of(request), city=city, **form.cleaned_data)
        except AccountError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The invitation is on its way."))
            return redirect("platform:administrator", slug)
    return _page(request, city, form, FactorForm(administrators=now.with_factor))


def _page(
    request: HttpRequest, city: City, form: AdministratorForm, factor: FactorForm
) -> HttpResponse:
    now = administration_of(city)
    context = {"here": city, "now": now, "form": form, "factor": factor}
    status = 422 if form.is_bound or factor.is_bound else 200
    return render(request, "provisioning/administrator.html", context, status=status)


@access.staff(Permission.OPERATE)
@never_cache
@require_POST
def factor(request: HttpRequest, slug: str) -> HttpResponse:
    """Takes a lost second factor away where no colleague in the city can."""
    city = get_object_or_404(City.objects.defer("outline"), slug=slug)
    now = administration_of(city)
    form = FactorForm(request.POST, administrators=now.with_factor)
    if not form.is_valid():
        return _page(request, city, AdministratorForm(administrators=now.administrators), form)
    try:
        reset_factor(by=access.actor_of(request), city=city, **form.cleaned_data)
    except AccountError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request, _("The second factor is taken away. The next sign-in sets up a new one.")
        )
    return redirect("platform:administrator", slug)
