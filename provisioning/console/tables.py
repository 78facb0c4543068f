"""What lists of the console share: headings, pages, CSV."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.utils import timezone
from django.utils.functional import Promise

from bezpechne.kernel import clock
from bezpechne.kernel.spreadsheets import guarded

PAGE = 50


@dataclass(frozen=True)
class Column:
    """One heading; `url` blank: cannot be sorted by. `direction` is aria-sort's word or blank."""

    label: str | Promise
    url: str = ""
    direction: str = ""
    is_number: bool = False


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return timezone.localtime(value, clock.KYIV).strftime("%Y-%m-%d %H:%M")
    return str(value) if isinstance(value, int) else guarded(str(value))


def csv_response(
    name: str, header: Iterable[object], rows: Iterable[Iterable[object]]
) -> HttpResponse:
    """A download that spreadsheets open in the right letters and never as formulas."""
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    writer = csv.writer(response)
    writer.writerow([str(title) for title in header])
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return response
