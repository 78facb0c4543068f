"""The run of a month for all cities: what is left, why, and one button for all of it."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from billing.documents.fleet import queue_all, refusals
from billing.documents.run import accounts_to_run, not_run
from billing.models import CityAccount
from billing.pages.months import month_from, month_url
from billing.pages.showing import Action, Empty, Filter, Shown, show
from billing.reports.pages import Pages, page_number
from billing.reports.tables import Column, Row, Table
from billing.spreading import month_of
from billing.wording import day_text

# Months that the filter offers, back from the last one that is over.
SHOWN = 4


@access.staff(Permission.LEDGER)
@require_safe
def fleet_run(request: HttpRequest, text: str) -> HttpResponse:
    """Cities whose month is not run yet, with the reason where a run was refused; six queries."""
    month = month_from(text)
    every, left = len(accounts_to_run(month)), not_run(month)
    rows = CityAccount.objects.filter(pk__in=left).order_by("name_sort", "pk")
    pages = Pages(page_number(request.GET), len(left), "?page=")
    shown = list(rows[pages.offset : pages.offset + pages.size])
    reasons = refusals([account.pk for account in shown], month)
    table = Table(
        "left",
        _("Not run yet"),
        [Column(_("City")), Column(_("Why it was refused"))],
        [
            Row([account.name, reasons.get(account.pk)], month_url(account, month))
            for account in shown
        ],
    )
    may = access.may(request, Permission.FINANCE) and bool(left)
    run = Action(
        _("Run all that are left"),
        reverse("finance:run_all", args=[text]),
        is_main=True,
        is_post=True,
    )
    page = Shown(
        title=_("Run of %(month)s") % {"month": day_text(month, "F Y").lower()},
        crumbs=[(_("Finance"), reverse("finance:home"))],
        lead=_("Done: %(done)d of %(every)d cities that somebody pays for in this month.")
        % {"done": every - len(left), "every": every},
        actions=[run] if may else [],
        filters=_filters(text),
        tables=[table],
        pages=pages,
        empty=None if left else Empty(_("Nothing is left to run")),
    )
    return show(request, page)


@access.staff(Permission.FINANCE)
@require_POST
def run_all(request: HttpRequest, text: str) -> HttpResponse:
    """A job for each city that is left."""
    queued = queue_all(by=access.actor_of(request), month=month_from(text))
    said = ngettext(
        "%(count)d city is in the queue. Reload the page to see how far it is.",
        "%(count)d cities are in the queue. Reload the page to see how far it is.",
        queued,
    )
    messages.success(request, said % {"count": queued})
    return redirect("finance:fleet_run", text)


def _filters(text: str) -> list[Filter]:
    found, month = [], month_of(month_of(clock.today()) - timedelta(days=1))
    for _number in range(SHOWN):
        key = f"{month:%Y-%m}"
        address = reverse("finance:fleet_run", args=[key])
        found.append(Filter(day_text(month, "F Y"), address, key == text))
        month = month_of(month - timedelta(days=1))
    return found
