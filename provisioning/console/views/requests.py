"""Requests to join, for operators."""

from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.query_strings import number_of, query
from provisioning.console.actions import requests as actions
from provisioning.console.forms import RequestForm
from provisioning.console.links import maybe
from provisioning.console.models import JoinRequest, RequestState
from provisioning.console.tables import PAGE


@access.staff(Permission.OPERATE)
@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """One state, newest first, 50 a page."""
    state = request.GET.get("state", "")
    state = state if state in RequestState.values else RequestState.NEW
    numbers = dict(JoinRequest.objects.values_list("state").annotate(Count("pk")).order_by())
    rows = JoinRequest.objects.filter(state=state).order_by("-pk")
    before = number_of(request.GET, "before")
    shown = list((rows.filter(pk__lt=before) if before else rows)[: PAGE + 1])
    more = len(shown) > PAGE
    context = {
        "tabs": [
            {"key": key, "label": label, "count": numbers.get(key, 0), "current": key == state}
            for key, label in RequestState.choices
        ],
        "rows": shown[:PAGE],
        "older_url": query({"state": state, "before": shown[PAGE - 1].pk}) if more else "",
        "newer_url": query({"state": state}) if before else "",
    }
    return render(request, "console/requests.html", context)


@access.staff(Permission.OPERATE)
@require_http_methods(["GET", "HEAD", "POST"])
def one_request(request: HttpRequest, pk: int) -> HttpResponse:
    """What was written, the state and the note."""
    row = get_object_or_404(JoinRequest, pk=pk)
    form = RequestForm(request.POST or None, initial={"state": row.state, "note": row.note})
    if request.method == "POST" and form.is_valid():
        actions.move(
            by=access.actor_of(request),
            request=row,
            state=form.cleaned_data["state"],
            remark=form.cleaned_data["note"],
        )
        messages.success(request, _("Saved."))
        return redirect("platform:request", pk=row.pk)
    wizard = maybe("platform:new_city")
    context = {
        "row": row,
        "form": form,
        "make_url": f"{wizard}?{urlencode({'q': row.place})}" if wizard else "",
    }
    return render(request, "console/request.html", context, status=422 if form.is_bound else 200)
