"""Where the city is on the map."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from community.desk.forms import CentreForm
from community.portal.maps import map_data
from tenants.actions import place_centre
from tenants.current import current_city


@access.staff(Permission.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def centre(request: HttpRequest) -> HttpResponse:
    """The administrator puts the pin; needed where the gazetteer has no trusted point."""
    city = current_city()
    form = CentreForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        place_centre(by=access.actor_of(request), city=city, **form.cleaned_data)
        messages.success(request, _("The centre is placed. The map opens there now."))
        return redirect("desk:queue")
    context = {"form": form, "map": map_data(city)}
    return render(request, "desk/centre.html", context, status=422 if form.is_bound else 200)
