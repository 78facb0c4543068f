"""What lists of the console share: the address of a list, sorting, pages, CSV."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.utils import timezone
from django.utils.functional import Promise

from bezpechne.kernel import clock

PAGE = 50
# A spreadsheet would run what begins so.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def query(values: Mapping[str, Any], **changes: Any) -> str:
    """`?state=trial&page=2`, without what is blank."""
    chosen = {name: value for name, value in {**values, **changes}.items() if value}
    return f"?{urlencode(chosen)}" if chosen else "?"


def text_of(given: Mapping[str, str], name: str, most: int = 100) -> str:
    """A parameter as text that PostgreSQL can look for."""
    return given.get(name, "").replace("\x00", "").strip()[:most]


def number_of(given: Mapping[str, str], name: str, default: int = 0) -> int:
    """A parameter as a number from 0 to bigint's end; anything else is the default."""
    text = given.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else default


def day_of(given: Mapping[str, str], name: str) -> date | None:
    """A parameter as a day, None when it is none."""
    try:
        return date.fromisoformat(given.get(name, ""))
    except ValueError:
        return None


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
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) and not isinstance(value, int) else text


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
