"""Hours of a month as a file that Ukrainian spreadsheets open."""

import csv
from collections.abc import Iterable
from datetime import date
from io import StringIO

from django.http import HttpResponse
from django.utils.translation import gettext as _

from bezpechne.kernel.activities import Activity
from bezpechne.kernel.spreadsheets import guarded
from community.timesheet.models import Timesheet, WorkEntry
from community.timesheet.wording import hours_text


def month_csv(
    month: date, entries: Iterable[WorkEntry], sheets: Iterable[Timesheet]
) -> HttpResponse:
    """A line an entry: semicolons, the language's decimal sign, UTF-8 with a mark."""
    states = {sheet.person_id: sheet.get_state_display() for sheet in sheets}
    buffer = StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow([_("Day"), _("Person"), _("Activity"), _("Hours"), _("Note"), _("State")])
    for entry in entries:
        writer.writerow(
            [
                f"{entry.day:%d.%m.%Y}",
                guarded(entry.person.name),
                Activity(entry.activity).label,
                hours_text(entry.minutes),
                guarded(entry.note),
                states.get(entry.person_id, ""),
            ]
        )
    response = HttpResponse(
        b"\xef\xbb\xbf" + buffer.getvalue().encode(), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="hours-{month:%Y-%m}.csv"'
    return response
