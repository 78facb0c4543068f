"""Reads a table of units: every wrong line with its number and a sentence."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import islice

from django.utils.translation import gettext as _

from bezpechne.kernel.delimited import (
    PDF,
    SEPARATORS,
    SPREADSHEET,
    CellTooLong,
    NotText,
    decoded,
    rows_of,
)
from bezpechne.kernel.sorting import ukrainian_key
from community.answers.unit_columns import NAME, cell, column_of, heading

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 50_000
# Titles may stand above the headings.
_HEADER_WITHIN = 20


class FileRefused(ValueError):
    """The whole file; the text is shown."""


@dataclass(frozen=True)
class Fault:
    """What is wrong in a line; `column` is a heading or blank."""

    line: int
    text: str
    column: str = ""


@dataclass(frozen=True)
class Row:
    """`values` by column, only of columns that the file has; blank where a cell is."""

    line: int
    values: dict[str, str]

    @property
    def name(self) -> str:
        return self.values[NAME]

    @cached_property
    def key(self) -> str:
        return name_key(self.name)


@lru_cache(maxsize=4096)
def name_key(name: str) -> str:
    """Equal for names that differ in capitals, apostrophes and spaces alone."""
    return ukrainian_key(" ".join(name.split()))[:200]


@dataclass
class Sheet:
    """`ignored`: headings that mean nothing here."""

    columns: list[str]
    ignored: list[str]
    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def text_of(content: bytes) -> str:
    """The file as text. Raises FileRefused."""
    start = content[:200].lstrip()
    if len(content) > MAX_BYTES:
        raise FileRefused(_("The file is larger than 20 MB."))
    if not start:
        raise FileRefused(_("The file is empty."))
    if start.startswith((*SPREADSHEET, *PDF)):
        raise FileRefused(_("This is a spreadsheet or a PDF. Save the table as CSV and send that."))
    try:
        return decoded(content)
    except NotText:
        raise FileRefused(_("This is no text. Save the table as CSV and send that.")) from None


def read(text: str) -> Sheet:
    """All rows, right and wrong. Raises FileRefused when there is no table of units."""
    line, columns, ignored, rows = _best(text)
    sheet = Sheet([name for name in columns if name], ignored)
    if NAME not in sheet.columns:
        raise FileRefused(
            _("No column is called “%(name)s”, so it is not clear which units these are.")
            % {"name": heading(NAME)}
        )
    for number, cells in rows:
        if number <= line:
            continue
        if len(sheet.rows) + len(sheet.faults) >= MAX_ROWS:
            raise FileRefused(_("There are more than 50,000 lines. Send them in parts."))
        _take(sheet, number, cells, columns)
    if not sheet.rows and not sheet.faults:
        raise FileRefused(_("There are headings and no line below them."))
    _find_repeated(sheet)
    return sheet


Rows = list[tuple[int, list[str]]]


def _best(text: str) -> tuple[int, list[str | None], list[str], Rows]:
    """Line of the headings, what each means, those that mean nothing, all rows."""
    found: tuple[int, int, list[str | None], list[str], str] | None = None
    for separator in SEPARATORS:
        for line, cells in _rows(text, separator, _HEADER_WITHIN):
            columns = _columns(cells)
            known = sum(column is not None for column in columns)
            if known and (found is None or known > found[0]):
                ignored = [
                    name.strip()[:60]
                    for name, column in zip(cells, columns, strict=True)
                    if column is None and name.strip()
                ]
                found = (known, line, columns, ignored, separator)
    if found is None:
        raise FileRefused(
            _("This is no table of units: no line has headings such as “%(name)s”.")
            % {"name": heading(NAME)}
        )
    _known, line, columns, ignored, separator = found
    return line, columns, ignored, _rows(text, separator)


def _rows(text: str, separator: str, most: int | None = None) -> Rows:
    """The first ones, or all of them. Raises FileRefused."""
    try:
        return list(islice(rows_of(text, separator), most))
    except CellTooLong as error:
        raise FileRefused(
            _("Line %(line)d: a cell is too long. Is a quotation mark open?") % {"line": error.line}
        ) from None


def _columns(cells: Iterable[str]) -> list[str | None]:
    """The first of two headings that mean the same counts."""
    seen: set[str] = set()
    found: list[str | None] = []
    for name in cells:
        column = column_of(name)
        found.append(column if column not in seen else None)
        if column:
            seen.add(column)
    return found


def _take(sheet: Sheet, line: int, cells: list[str], columns: list[str | None]) -> None:
    if any(extra.strip() for extra in cells[len(columns) :]):
        sheet.faults.append(
            Fault(
                line, _("There are more cells than headings: a text holds the separator, unquoted.")
            )
        )
        return
    values = dict.fromkeys(sheet.columns, "")
    for column, text in zip(columns, cells, strict=False):
        if column is None:
            continue
        try:
            values[column] = cell(column, text)
        except ValueError as error:
            sheet.faults.append(Fault(line, str(error), heading(column)))
            return
    if not values[NAME]:
        sheet.faults.append(Fault(line, _("There is no name."), heading(NAME)))
        return
    sheet.rows.append(Row(line, values))


def _find_repeated(sheet: Sheet) -> None:
    """Of two lines about one unit the second is wrong."""
    first: dict[str, int] = {}
    kept = []
    for row in sheet.rows:
        if (line := first.setdefault(row.key, row.line)) != row.line:
            sheet.faults.append(
                Fault(
                    row.line,
                    _("The same unit as in line %(line)d.") % {"line": line},
                    heading(NAME),
                )
            )
        else:
            kept.append(row)
    sheet.rows[:] = kept
