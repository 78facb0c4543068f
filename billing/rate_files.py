"""A file of exchange rates, one a line: «day;rate». All lines are right, or nothing is taken."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from bezpechne.kernel import clock
from billing.wording import day_text

MOST_BYTES = 500_000
# Sentences about single lines that are shown; more help nobody.
MOST_PROBLEMS = 20
# The National Bank tells a rate some days before it is in force.
AHEAD = timedelta(days=7)
EARLIEST = date(1996, 9, 2)

_SEPARATOR = re.compile(r"[;\t]")
_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})|(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_RATE = re.compile(r"\d{1,8}(?:[.,]\d{1,6})?", re.ASCII)
_BLANKS = re.compile(r"[\s\u00a0\u202f]")


@dataclass
class RatesRead:
    """`problems` are sentences, each about a line or about the file; with any, `rates` is no use."""

    rates: dict[date, Decimal] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


class _Unreadable(ValueError):
    """What is wrong with a line, in words."""


def read_rates(content: bytes) -> RatesRead:
    """Rates by day. UTF-8 or windows-1251; `;` or a tab; a decimal comma or point.

    A first line without digits is a heading. A day may be there twice with one rate.
    """
    found = RatesRead()
    if len(content) > MOST_BYTES:
        found.problems.append(_("The file is too large: 500 kB at most."))
        return found
    for number, line in _lines(content):
        try:
            _add(found.rates, *_read(line))
        except _Unreadable as wrong:
            found.problems.append(
                _("Line %(number)d: %(error)s") % {"number": number, "error": wrong}
            )
    if not found.rates and not found.problems:
        found.problems.append(_("The file has no rates. A line is like 05.05.2026;41,4567"))
    return found


def _add(rates: dict[date, Decimal], day: date, rate: Decimal) -> None:
    if rates.setdefault(day, rate) != rate:
        raise _Unreadable(
            _("%(day)s is there twice with different rates.") % {"day": day_text(day)}
        )


def _lines(content: bytes) -> Iterator[tuple[int, str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1251", "replace")
    is_first = True
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip(" ;\t"):
            continue
        if not (is_first and not re.search(r"\d", line)):
            yield number, line
        is_first = False


def _read(line: str) -> tuple[date, Decimal]:
    cells = [_BLANKS.sub("", cell).strip('"') for cell in _SEPARATOR.split(line)]
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) != 2:
        raise _Unreadable(_("a day and a rate with ; between them are needed."))
    day = _day(cells[0])
    if not _RATE.fullmatch(cells[1]):
        raise _Unreadable(_("“%(text)s” is no rate.") % {"text": cells[1][:30]})
    rate = Decimal(cells[1].replace(",", "."))
    if not rate:
        raise _Unreadable(_("the rate is nothing."))
    return day, rate


def _day(text: str) -> date:
    match = _DAY.fullmatch(text)
    parts = [int(part) for part in match.groups() if part] if match else []
    if len(parts) == 3 and "." in text:
        parts.reverse()
    try:
        found = date(*parts)
    except (TypeError, ValueError):
        raise _Unreadable(_("“%(text)s” is no day.") % {"text": text[:30]}) from None
    if not EARLIEST <= found <= clock.today() + AHEAD:
        raise _Unreadable(_("%(day)s is too far away.") % {"day": day_text(found)})
    return found
