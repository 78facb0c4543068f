"""Tables of text as Ukrainian programs write them: what they are, their encoding, their rows."""

import codecs
import csv
from collections.abc import Iterator
from io import StringIO

SEPARATORS = (";", "\t", ",")
# Modern and old spreadsheets.
SPREADSHEET = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
PDF = (b"%PDF",)


class NotText(ValueError):
    """Bytes in no encoding that is tried."""


class CellTooLong(ValueError):
    """Most often a quotation mark that nobody closes. `line`: where the row begins."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def decoded(content: bytes) -> str:
    """UTF-8 with a mark or without, UTF-16 with a mark, else windows-1251. Raises NotText."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "windows-1251"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise NotText


def rows_of(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, each with its first line from 1. Raises CellTooLong."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise CellTooLong(line) from None
        if any(cell.strip() for cell in cells):
            yield line, cells
        line = reader.line_num + 1
