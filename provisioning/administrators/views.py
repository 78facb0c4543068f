"""The console's page that replaces a city's administrator."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bezpechne.accounts import access
from bezpechne.accounts.actions import AccountError
from bezpechne.accounts.permissions import Permission
from provisioning.administrators.actions import administration_of, replace_administrator
from provisioning.administrators.forms import AdministratorForm
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
    context = {"here": city, "now": now, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "provisioning/administrator.html", context, status=status)
