"""Tables as a workbook: real numbers and dates, a sheet a table, written row by row."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

from billing.reports.tables import Column, Kind, Row, Table, Value

_FORMATS = {
    Kind.MONEY: "#,##0.00",
    Kind.NUMBER: "#,##0.##",
    Kind.PERCENT: "0.0",
    Kind.DAY: "dd.mm.yyyy",
    Kind.MONTH: "mm.yyyy",
}
_WIDTHS = {Kind.TEXT: 28, Kind.MONEY: 16, Kind.NUMBER: 12, Kind.PERCENT: 9}
_BOLD, _RULE = Font(bold=True), Border(top=Side(style="thin"))
# What a sheet's name may not hold; at most 31 characters.
_FORBIDDEN = re.compile(r"[\\/*?:\[\]]")


def workbook(head: Sequence[tuple[str, str]], title: str, tables: Iterable[Table]) -> bytes:
    """The facts of the head on a first sheet named `title`, then each table on its own."""
    book = Workbook(write_only=True)
    names: set[str] = set()
    first = book.create_sheet(_name(title, names))
    first.column_dimensions["A"].width, first.column_dimensions["B"].width = 34, 60
    for label, value in head:
        first.append([_cell(first, label, Kind.TEXT, bold=True), _cell(first, value, Kind.TEXT)])
    for table in tables:
        _sheet(book.create_sheet(_name(table.title, names)), table)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _name(title: str, taken: set[str]) -> str:
    """Unique whatever the case, as spreadsheets want it."""
    base = _FORBIDDEN.sub(" ", title).strip("' ")[:31] or "1"
    name, number = base, 2
    while name.lower() in taken:
        name, number = f"{base[:28]} {number}", number + 1
    taken.add(name.lower())
    return name


def _sheet(sheet: Any, table: Table) -> None:
    for number, column in enumerate(table.columns, start=1):
        width = 30 if number == 1 else _WIDTHS.get(column.kind, 12)
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, column.label, Kind.TEXT, bold=True) for column in table.columns])
    for row in table.rows:
        sheet.append(_cells(sheet, row, table.columns))
    if table.note:
        sheet.append([])
        sheet.append([_cell(sheet, table.note, Kind.TEXT)])


def _cells(sheet: Any, row: Row, columns: Sequence[Column]) -> list[Any]:
    return [
        _cell(sheet, value, column.kind, bold=row.is_total, ruled=row.is_total)
        for value, column in zip(row.values, columns, strict=True)
    ]


def _cell(sheet: Any, value: Value, kind: Kind, *, bold: bool = False, ruled: bool = False) -> Any:
    if isinstance(value, str):
        value = ILLEGAL_CHARACTERS_RE.sub("", value)
    given: Any = value
    cell = WriteOnlyCell(sheet, value=given)
    if isinstance(value, str):
        # «=1+1» as a name is a name.
        cell.data_type = "s"
    elif value is not None:
        kind = Kind.DAY if isinstance(value, date) and kind not in {Kind.DAY, Kind.MONTH} else kind
        cell.number_format = _FORMATS.get(kind, "General")
        cell.alignment = Alignment(horizontal="right")
    if bold:
        cell.font = _BOLD
    if ruled:
        cell.border = _RULE
    return cell
