"""What an upload is: decided by its content alone."""

import codecs

from django.utils.translation import gettext as _

from bezpechne.kernel import delimited
from billing.bank.statements import camt, separated
from billing.bank.statements.columns import Mapping
from billing.bank.statements.movements import Format, Reading
from billing.errors import LedgerRefused

MOST_BYTES = 5 * 1024 * 1024
_XML = (b"<", codecs.BOM_UTF8 + b"<", b"\xff\xfe<\x00", b"\xfe\xff\x00<")


def format_of(content: bytes) -> Format:
    """Raises LedgerRefused for what no bank's statement begins with."""
    if len(content) > MOST_BYTES:
        raise LedgerRefused(_("The file is larger than 5 MB. Take a shorter period."), "file")
    start = content[:200].lstrip()
    if not start:
        raise LedgerRefused(_("The file is empty."), "file")
    if start.startswith(_XML):
        return Format.CAMT
    if start.startswith(delimited.SPREADSHEET):
        raise LedgerRefused(
            _("This is a spreadsheet. Save it as CSV, or download CSV or CAMT.053 from the bank."),
            "file",
        )
    if start.startswith(delimited.PDF):
        raise LedgerRefused(
            _("This is a PDF, for people to read. Download CSV or CAMT.053 from the bank."), "file"
        )
    return Format.CSV


def text_of(content: bytes) -> str:
    """UTF-8 with a mark or without, UTF-16 with a mark, else windows-1251. Raises LedgerRefused."""
    try:
        return delimited.decoded(content)
    except delimited.NotText:
        raise LedgerRefused(
            _("This is no text. Download CSV or CAMT.053 from the bank."), "file"
        ) from None


def read(content: bytes, mapping: Mapping | None = None) -> Reading:
    """All or nothing. A table needs a mapping; CAMT.053 needs none. Raises LedgerRefused."""
    if format_of(content) == Format.CAMT:
        return camt.read(content)
    if mapping is None:
        raise LedgerRefused(_("Say first which column is what."))
    return separated.read(text_of(content), mapping)
