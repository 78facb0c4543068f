"""What the purpose of a payment says: numbers of documents, months, words.

People type, programs recode and scanners mistake letters, so both sides are compared folded:
look-alikes of both alphabets and of digits are one, marks between parts of a number are none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from billing.bank.naming import months_named, ukrainian, words_of

# One character for all that look alike, as capitals; digits win, for numbers are mostly digits.
_FOLDED = str.maketrans(
    {
        **dict(zip("АЕКМНРСТУХ", "AEKMHPCTYX", strict=True)),
        **dict.fromkeys("ІЇIL|", "1"),
        "О": "0",
        "O": "0",
        "З": "3",
        "S": "5",
        "Б": "6",
        "В": "8",
        "B": "8",
        "Z": "2",
    }
)
_DASHES = re.compile("[\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}\N{NON-BREAKING HYPHEN}\N{HYPHEN}]")
_NUMBER_SIGN = r"(?:№+|N[O0]?\.?|#|NR\.?|НОМЕР\w*|Ном\.?)?"


def folded(text: str) -> str:
    """Capitals, look-alikes as one; the length stays."""
    return _DASHES.sub("-", text).upper().translate(_FOLDED)


def squeezed(number: str) -> str:
    """A number of a document for comparing: «Д-45 / 26» and «Д45/26» are one."""
    return re.sub(r"[\W_]", "", folded(number))


@dataclass(frozen=True)
class Named:
    """«12/2026» or «12» (year None)."""

    number: int
    year: int | None = None


@dataclass(frozen=True)
class Purpose:
    """`chunks`: squeezed stretches of the text that a contract's number may equal."""

    invoices: frozenset[Named] = frozenset()
    acts: frozenset[Named] = frozenset()
    months: frozenset[date] = frozenset()
    chunks: frozenset[str] = frozenset()
    # After «договір», «угода»: short numbers count only here.
    contracts: frozenset[str] = frozenset()
    words: frozenset[str] = field(default_factory=frozenset)
    is_return: bool = False


def read(text: str, booked_on: date) -> Purpose:
    """A month without a year is the last such one before the day of the bank."""
    text = _DASHES.sub("-", text)
    clean = ukrainian(text)
    invoices, acts = list(_named(text, _INVOICE)), list(_named(text, _ACT))
    return Purpose(
        invoices=frozenset(_as_named(found) for found in invoices),
        acts=frozenset(_as_named(found) for found in acts),
        months=frozenset(months_named(_without(clean, [*invoices, *acts]), booked_on)),
        chunks=frozenset(_chunks(text)),
        contracts=frozenset(
            chunk
            for found in _CONTRACT.finditer(text)
            for chunk in _chunks(text[found.end() :][:40])
        ),
        words=frozenset(words_of(clean)),
        is_return=bool(_RETURN.search(clean)),
    )


# --- Numbers --------------------------------------------------------------------------------------

_INVOICE = re.compile(
    r"(?<![^\W_])(?:р[аa]х(?:[уy]н[оo]?к\w*|\.|-|ф\w*|\b)|рф\b|р-к\w*|inv(?:oice|\.)?s?\b|bill\b)",
    re.I,
)
_ACT = re.compile(
    r"(?<![^\W_])(?:[аa]кт(?:[уіаиiya]|ом|ів|ах|ами)?\b|[аa]ct\b|наданих послуг)", re.I
)
_CONTRACT = re.compile(
    r"(?<![^\W_])(?:д[оo]г(?:[оo]в\w*|\.|\b)|уг[оo]д\w*|контракт\w*|к-т\b|contract|agreement)", re.I
)
_RETURN = re.compile(r"поверн|помилков|надлишк|надмірно|возврат|refund|return", re.I)
# What may stand between the word and its number: «-фактура на оплату № », «наданих послуг N ».
_BETWEEN = re.compile(
    rf"[\s.:,-]*(?:(?:ф[аa]кт\w*|на [оo]плату|н[аa]д[аa]них|п[оo]слуг\w*|вик[оo]н[аa]них|р[оo]б[іi]т|"
    rf"прийм\w*(?:-?перед\w*)?|г[оo]т[оo]вн[оo]ст[іi])[\s.:,-]*)*{_NUMBER_SIGN}\s*[:.]?\s*",
    re.I,
)
_DIGIT = "0-9ОOоoІIіilЗз|SsБб"
_NUMBER = re.compile(
    rf"([{_DIGIT}]{{1,6}})(?:\s?[-/\\.]\s?((?:[2Zz][0ОOоo])?[{_DIGIT}]{{2}})(?![{_DIGIT}.,]*[.]?[{_DIGIT}]))?"
)
_MORE = re.compile(rf"\s*(?:,|;|\bта\b|\bі\b|\bй\b|\band\b|&|\+)\s*{_NUMBER_SIGN}\s*", re.I)
_AS_DIGITS = str.maketrans("ОOоoІIіil|ЗзSsБбZz", "000011111133556622")


def _named(text: str, word: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Numbers that follow the word, one or several."""
    for found in word.finditer(text):
        between = _BETWEEN.match(text, found.end())
        place = between.end() if between else found.end()
        while one := _NUMBER.match(text, place):
            if _goes_on(text, one.end()) or not re.search(r"\d", one[0]):
                break
            yield one
            more = _MORE.match(text, one.end())
            if more is None:
                break
            place = more.end()


def _goes_on(text: str, place: int) -> bool:
    """The digits are the beginning of a word, of a date or of a sum."""
    return bool(
        re.match(r"[^\W_]|\.\d|(?:,\d\d)?\s*(?:%|грн|uah)", text[place : place + 12], re.IGNORECASE)
    )


def _without(text: str, numbers: list[re.Match[str]]) -> str:
    """«рах. 4/2026» is no April."""
    for found in numbers:
        text = text[: found.start()] + " " * len(found[0]) + text[found.end() :]
    return text


def _as_named(found: re.Match[str]) -> Named:
    number = int(found[1].translate(_AS_DIGITS))
    if not found[2]:
        return Named(number)
    year = int(found[2].translate(_AS_DIGITS))
    return Named(number, year if year > 2000 else 2000 + year)


_MOST_PARTS = 6


def _chunks(text: str) -> Iterator[str]:
    """Every stretch of up to six neighbours parted by blanks and marks of numbers, squeezed."""
    text = folded(text)
    parts = list(re.finditer(r"[^\W_]+", text))
    for first in range(len(parts)):
        made = ""
        for last in range(first, min(first + _MOST_PARTS, len(parts))):
            if last > first:
                gap = text[parts[last - 1].end() : parts[last].start()]
                if not re.fullmatch(r"[\s/\\.-]*(?:№\s*)?", gap):
                    break
            made += parts[last][0]
            if len(made) > 60:
                break
            if re.search(r"\d", made):
                yield made
