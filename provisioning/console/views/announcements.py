"""Announcements and maintenance notices."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from provisioning.console.actions import announcements as actions
from provisioning.console.forms import AnnouncementForm
from provisioning.console.models import Announcement

SHOWN = 50


@access.staff(Permission.OPERATE)
@require_http_methods(["GET", "HEAD", "POST"])
def announcements(request: HttpRequest) -> HttpResponse:
    """The newest 50, and the form; `preview` shows the banner without publishing it."""
    form = AnnouncementForm(request.POST or None)
    preview: list[Announcement] = []
    if request.method == "POST" and form.is_valid():
        if "preview" in request.POST:
            preview = [Announcement(**form.cleaned_data)]
        else:
            actions.publish(by=access.actor_of(request), **form.cleaned_data)
            messages.success(
                request, _("The announcement is published. Cities show it within seconds.")
            )
            return redirect("platform:announcements")
    rows = Announcement.objects.order_by("-pk")[:SHOWN]
    context = {"form": form, "rows": rows, "preview": preview}
    failed = form.is_bound and not preview
    return render(request, "console/announcements.html", context, status=422 if failed else 200)


@access.staff(Permission.OPERATE)
@require_POST
def end_announcement(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes it away now."""
    row = get_object_or_404(Announcement, pk=pk)
    if actions.end(by=access.actor_of(request), announcement=row):
        messages.success(request, _("The announcement is taken away."))
    else:
        messages.info(request, _("It was over already."))
    return redirect("platform:announcements")
