"""The console's page with the reason, and the city's pages: the link, the end, the list."""

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.acting import ActingAdministrator
from bezpechne.accounts.permissions import Permission
from provisioning.acting import actions, queries
from provisioning.acting.forms import ReasonForm
from tenants.current import current_city
from tenants.models import City

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])
MINUTES = int(actions.TERM.total_seconds()) // 60


@access.staff(Permission.OPERATE)
@never_cache
@GET_OR_POST
def act(request: HttpRequest, slug: str) -> HttpResponse:
    """Why; the answer to the form is the link, which is nowhere else."""
    city = get_object_or_404(City.objects.defer("outline"), slug=slug)
    form = ReasonForm(request.POST or None)
    context = {"here": city, "form": form, "minutes": MINUTES}
    if request.method == "POST" and form.is_valid():
        try:
            link = actions.hand_over(by=access.actor_of(request), city=city, **form.cleaned_data)
        except actions.ActingRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return render(request, "acting/link.html", {**context, "link": link})
    return render(request, "acting/ask.html", context, status=422 if form.is_bound else 200)


@access.by_link()
@never_cache
@GET_OR_POST
def begin(request: HttpRequest, token: str) -> HttpResponse:
    """On the city's host: one more button, because a program that looks at links presses none."""
    city = current_city()
    row = actions.waiting(token, city)
    if row is None:
        return _dead(request, city)
    if request.method == "POST":
        if not actions.begin(request=request, row=row, city=city):
            return _dead(request, city)
        return redirect("desk:queue")
    return render(request, "acting/begin.html", {"row": row, "minutes": MINUTES})


def _dead(request: HttpRequest, city: City) -> HttpResponse:
    return render(request, "acting/link_dead.html", {"base_url": settings.BASE_URL}, status=410)


@access.by_link()
@never_cache
@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """Ends the session of an acting administrator; for anybody else there is nothing to end."""
    if isinstance(request.user, ActingAdministrator):
        actions.end(by=request.user, city=current_city())
        request.session.flush()
        request.user = AnonymousUser()
    return render(request, "acting/ended.html", {"base_url": settings.BASE_URL})


@access.staff(Permission.ADMINISTER)
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """For the city's administrators: who of the platform acted here, and what they did."""
    before = request.GET.get("before", "")
    start = int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None
    visits, older = queries.visits(current_city(), start)
    context = {"visits": visits, "older_url": f"?before={older}" if older else ""}
    return render(request, "acting/log.html", context)
