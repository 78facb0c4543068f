"""What the platform's people did, and when."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.query_strings import query
from provisioning.console.queries import journal as queries
from provisioning.console.tables import csv_response


@access.staff(Permission.OPERATE)
@require_safe
def journal(request: HttpRequest) -> HttpResponse:
    """Newest first, 50 a page, by key."""
    choice = queries.Choice.of(request.GET)
    people = queries.people()
    page = queries.page_of(choice, people)
    context = {
        "choice": choice,
        "page": page,
        "people": people.items(),
        "actions": queries.actions(),
        "is_filtered": any(choice.values.values()),
        "older_url": query(choice.values, before=page.older) if page.older else "",
        "newer_url": query(choice.values) if choice.before else "",
        "csv_url": reverse("platform:journal_csv") + query(choice.values),
    }
    return render(request, "console/journal.html", context)


@access.staff(Permission.OPERATE)
@require_safe
def journal_csv(request: HttpRequest) -> HttpResponse:
    """The same list, at most 20,000 lines."""
    found = queries.found(queries.Choice.of(request.GET))[: queries.MOST_IN_CSV]
    rows = (
        [
            *[line.entry.at, line.entry.slug, line.label, line.actor, line.entry.reason],
            "; ".join(f"{name}: {value}" for name, value in line.detail),
        ]
        for line in queries.lines_of(found, queries.people())
    )
    header = [_("When"), _("City"), _("What"), _("Who"), _("Reason"), _("Details")]
    return csv_response("journal", header, rows)
