"""Tables as text that Ukrainian spreadsheets open: semicolons, decimal commas, UTF-8 with a mark."""

import csv
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from io import StringIO

from bezpechne.kernel.spreadsheets import guarded
from billing.reports.tables import Kind, Table, Value


def text_of(value: Value, kind: Kind) -> str:
    """Numbers without grouping; a month as 05.2026; unknown values are blank."""
    if value is None:
        return ""
    if isinstance(value, date):
        return value.strftime("%m.%Y" if kind == Kind.MONTH else "%d.%m.%Y")
    if isinstance(value, str):
        return guarded(value)
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", ",")
    return str(value)


def separated(head: Iterable[tuple[str, str]], tables: Iterable[Table]) -> bytes:
    """The facts of the head, then each table under its title, a blank line between them."""
    buffer = StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    for label, value in head:
        writer.writerow([text_of(label, Kind.TEXT), text_of(value, Kind.TEXT)])
    for table in tables:
        writer.writerow([])
        writer.writerow([text_of(table.title, Kind.TEXT)])
        writer.writerow([text_of(column.label, Kind.TEXT) for column in table.columns])
        for row in table.rows:
            cells = zip(row.values, table.columns, strict=True)
            writer.writerow([text_of(value, column.kind) for value, column in cells])
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()
