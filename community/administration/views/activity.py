"""What has happened in the city."""

import csv
from collections.abc import Iterator
from io import StringIO

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.audit.models import Entry
from bezpechne.kernel.spreadsheets import guarded
from community.administration import activity as log
from community.administration.activity_forms import ActivityForm


@access.staff(Permission.ADMINISTER)
@require_safe
def activity(request: HttpRequest) -> HttpResponse:
    """One page of the log; filters that make no sense are told and left out."""
    form = ActivityForm(request.GET)
    form.is_valid()
    page = log.page(form.wanted())
    asked = request.GET.copy()
    asked.pop("before", None)
    query = asked.urlencode()
    context = {
        "form": form,
        "lines": page.lines,
        "newer_url": f"?{query}" if request.GET.get("before") else "",
        "older_url": f"?{query}&before={page.older}" if page.older else "",
        "query": query,
        "filtered": any(asked.values()),
        "most": log.MOST_LINES,
    }
    return render(request, "administration/activity.html", context)


@access.staff(Permission.ADMINISTER)
@require_safe
def activity_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same filters as a file: the newest 20,000 lines, without notes and texts."""
    form = ActivityForm(request.GET)
    form.is_valid()
    # Read at once: the request's city is left before the server asks for the first line.
    rows = list(log.entries(form.wanted())[: log.MOST_LINES])
    lines = _rows(rows)
    response = StreamingHttpResponse(_written(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="activity.csv"'
    return response


def _rows(entries: list[Entry]) -> list[list[str]]:
    head = [_("When"), _("Who"), _("What was done"), _("What about")]
    return [
        head,
        *(
            [
                f"{localtime(line.entry.at):%d.%m.%Y %H:%M}",
                guarded(line.who),
                line.did,
                guarded(line.subject),
            ]
            for line in log.lines_of(entries)
        ),
    ]


def _written(rows: list[list[str]]) -> Iterator[bytes]:
    """In pieces of a thousand lines."""
    yield b"\xef\xbb\xbf"
    for start in range(0, len(rows), 1000):
        buffer = StringIO(newline="")
        csv.writer(buffer, delimiter=";", lineterminator="\r\n").writerows(
            rows[start : start + 1000]
        )
        yield buffer.getvalue().encode()
