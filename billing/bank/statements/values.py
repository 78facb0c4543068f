"""Days, sums, codes and texts as banks write them.

Functions that read raise ValueError with a sentence for the person who brought the file.
"""

import re
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from billing.identifiers import normalised_iban
from billing.spreading import KOPIYKA

MOST_PURPOSE = 2000
_CURRENCY = re.compile(r"(?:грн\.?|uah|₴)$", re.IGNORECASE)
_MINUSES = re.compile("[\N{MINUS SIGN}\N{EN DASH}\N{FIGURE DASH}\N{NON-BREAKING HYPHEN}]")
_MARKED = re.compile(r"[-+]?([^-+()]+)|\(([^-+()]+)\)|([^-+()]+)-")
_SUM = re.compile(r"\d{1,12}(?:\.\d{1,2})?", re.ASCII)
# A spreadsheet's way to keep zeros and long numbers as they are: ="00032106", '00032106.
_LITERAL = re.compile(r'^="?(.*?)"?$')
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DAYS = (
    (re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})", re.ASCII), (3, 2, 1)),
    (re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII), (1, 2, 3)),
    (re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{2})", re.ASCII), (3, 2, 1)),
)
_TIME = re.compile(r"(?:[ T,]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$")


def text_of(raw: str, most: int = MOST_PURPOSE) -> str:
    """One line without control characters and doubled blanks."""
    return " ".join(_CONTROL.sub(" ", raw).split())[:most]


def code_of(raw: str) -> str:
    """A code or a number without what spreadsheets put around it."""
    text = text_of(raw).removeprefix("'")
    return _LITERAL.sub(r"\1", text) if text.startswith("=") else text


def sum_of(raw: str) -> Decimal:
    """«1 234,56», «1,234.56», «-5», «(5,00)», «5.00-», «1 234,50 грн»."""
    text = re.sub(r"[\s'’]", "", _MINUSES.sub("-", code_of(raw)))
    text = _CURRENCY.sub("", text)
    negative = text.startswith(("-", "(")) or text.endswith("-")
    marked = _MARKED.fullmatch(text)
    text = _with_a_point(marked[marked.lastindex or 0]) if marked else ""
    if not _SUM.fullmatch(text):
        raise ValueError(_("“%(text)s” is no sum.") % {"text": raw.strip()[:40]})
    found = Decimal(text).quantize(KOPIYKA)
    return -found if negative else found


def _with_a_point(text: str) -> str:
    """Groups gone, a point before kopiykas. «1,234» stays: nobody can tell what it is."""
    last = max(text.rfind(","), text.rfind("."))
    if last < 0:
        return text
    mark = text[last]
    other = "." if mark == "," else ","
    whole, kopiykas = text[:last], text[last + 1 :]
    grouped = re.fullmatch(rf"\d{{1,3}}(?:{re.escape(other)}\d{{3}})*|\d+", whole, re.ASCII)
    if grouped and len(kopiykas) <= 2:
        return f"{whole.replace(other, '')}.{kopiykas or '0'}"
    if re.fullmatch(rf"\d{{1,3}}(?:{re.escape(mark)}\d{{3}}){{2,}}", text, re.ASCII):
        return text.replace(mark, "")
    return text.replace(other, "") if other in text and grouped else text


def day_of(raw: str) -> date:
    """dd.mm.yyyy, dd/mm/yyyy, dd.mm.yy or ISO; a time behind it is left out."""
    text = code_of(raw)
    for pattern, order in _DAYS:
        if (found := pattern.match(text)) and _TIME.fullmatch(text[found.end() :]):
            year, month, day = (int(found[place]) for place in order)
            try:
                read = date(year + 2000 if year < 100 else year, month, day)
            except ValueError:
                break
            if 2010 <= read.year <= 2100:
                return read
            break
    raise ValueError(_("“%(text)s” is no day.") % {"text": raw.strip()[:40]})


def is_day(raw: str) -> bool:
    try:
        day_of(raw)
    except ValueError:
        return False
    return True


def iban_of(raw: str) -> str:
    """As it stands, without blanks; an account of the old kind stays what it is."""
    return normalised_iban(code_of(raw))[:34]


def edrpou_of(raw: str) -> str:
    """Eight digits of an organisation or ten of a person; zeros that a spreadsheet ate come back."""
    digits = re.sub(r"\D", "", code_of(raw))[:10]
    return digits.zfill(8) if 5 <= len(digits) < 8 else digits


def currency_of(raw: str) -> str:
    """Three letters; «грн», 980 and nothing are UAH. Raises ValueError."""
    text = code_of(raw).strip(". ").upper()
    if text in {"", "ГРН", "ГРИВНЯ", "980", "₴"}:
        return "UAH"
    text = {"840": "USD", "978": "EUR", "985": "PLN", "826": "GBP"}.get(text, text)
    if not re.fullmatch(r"[A-Z]{3}", text):
        raise ValueError(_("“%(text)s” is no currency.") % {"text": raw.strip()[:40]})
    return text


def moment_day(raw: str) -> date:
    """The day of an ISO date or moment, as the bank wrote it. Raises ValueError."""
    try:
        return datetime.fromisoformat(raw.strip()).date()
    except ValueError:
        return day_of(raw)
