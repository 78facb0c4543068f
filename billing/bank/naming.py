"""Months, cities and organisations as people name them in Ukrainian sentences."""

import re
from collections.abc import Iterator
from datetime import date
from difflib import SequenceMatcher
from functools import lru_cache

from billing.spreading import month_of

_STEMS = [
    "січ",
    "лют",
    "берез",
    "квіт",
    "трав",
    "черв",
    "лип",
    "серп",
    "верес",
    "жовт",
    "листопад",
    "груд",
]
_FULL = [
    "січень",
    "лютий",
    "березень",
    "квітень",
    "травень",
    "червень",
    "липень",
    "серпень",
    "вересень",
    "жовтень",
    "листопад",
    "грудень",
]
_ENDING = re.compile(r"(?:ень|н[яюіе]\w{0,3}|ий|ого|ому|им|ад(?:[аіу]|ом)?)?")
_ENGLISH = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_ENGLISH_ENDING = re.compile(r"(?:uary|ruary|ch|il|e|y|ust|t|t?ember|ober)?")
_YEAR = re.compile(r"[\s,.]*(?:\(?\s*)?(20\d\d)")
_DIGITS = re.compile(r"(?<![\w./№#-])(?<![№#N] )(0?[1-9]|1[0-2])[./](20\d\d)(?![\d./])")
_QUARTER = re.compile(
    r"\b(iv|i{1,3}|[1-4])(?:-?й)?\s*(?:кв\b|кв\.|квартал\w*)[\s.]*(20\d\d)?", re.I
)
_LATIN = str.maketrans("aceiopxyABCEHIKMOPTXYtk", "асеіорхуАВСЕНІКМОРТХУтк")


def ukrainian(text: str) -> str:
    """Words with Ukrainian letters get them all: «жoвтень» with a Latin o is read."""
    return re.sub(
        r"[^\W\d_]+",
        lambda found: (
            found[0].translate(_LATIN) if re.search(r"[а-яіїєґ]", found[0], re.I) else found[0]
        ),
        text,
    )


def _month_number(word: str) -> int | None:
    """1 to 12 for the name of a month, also a shortened or a mistyped one."""
    low = word.lower()
    for stems, ending in ((_STEMS, _ENDING), (_ENGLISH, _ENGLISH_ENDING)):
        for number, stem in enumerate(stems, start=1):
            if low.startswith(stem) and ending.fullmatch(low[len(stem) :]):
                return number
    if len(low) < 6:
        return None
    best, number = max((_likeness(low, name), i) for i, name in enumerate(_FULL, start=1))
    return number if best >= _ALIKE else None


_ALIKE = 0.82


def _likeness(word: str, name: str) -> float:
    return SequenceMatcher(None, word, name).ratio()


def months_named(text: str, booked_on: date) -> Iterator[date]:
    named: list[tuple[int, int, int]] = []
    for found in re.finditer(r"[^\W\d_]{3,}", text):
        number = _month_number(found[0])
        # «від 05 жовтня 2026» is the day of a paper.
        if number and not re.search(r"\b\d{1,2}[\s.]*$", text[: found.start()]):
            named.append((number, found.start(), found.end()))
    year: int | None = None
    for place in range(len(named) - 1, -1, -1):
        number, _start, end = named[place]
        told = _YEAR.match(text, end)
        if told:
            year = int(told[1])
        elif place + 1 < len(named) and named[place + 1][1] - end > 15:
            year = None
        if year and not told and number > named[place + 1][0]:
            # «грудень 2026 – січень 2027», its first year left out.
            year -= 1
        here = _dated(number, year, booked_on)
        yield here
        if place + 1 < len(named) and re.fullmatch(
            r"[\s.]*-[\s]*", text[end : named[place + 1][1]]
        ):
            yield from _between(here, named[place + 1][0])
    for found in _DIGITS.finditer(text):
        yield date(int(found[2]), int(found[1]), 1)
    for found in _QUARTER.finditer(text):
        word = found[1].lower()
        quarter = int(word) if word.isdigit() else {"i": 1, "ii": 2, "iii": 3, "iv": 4}[word]
        told_year = int(found[2]) if found[2] else None
        for number in range(quarter * 3 - 2, quarter * 3 + 1):
            yield _dated(number, told_year or booked_on.year, booked_on)


def _dated(number: int, year: int | None, booked_on: date) -> date:
    if year is None:
        year = booked_on.year if number <= booked_on.month else booked_on.year - 1
    return date(year, number, 1)


def _between(first: date, last: int) -> Iterator[date]:
    """Months after `first` and before the month of this number, of one year."""
    for number in range(first.month + 1, last):
        yield month_of(date(first.year, number, 1))


# --- Words ----------------------------------------------------------------------------------------

_COMMON = frozenset(
    [
        "товариство",
        "обмеженою",
        "відповідальністю",
        "міська",
        "міський",
        "рада",
        "ради",
        "виконавчий",
        "комітет",
        "управління",
        "благодійний",
        "благодійна",
        "фонд",
        "організація",
        "громадська",
        "комунальне",
        "підприємство",
        "територіальної",
        "громади",
    ]
)


def words_of(text: str) -> set[str]:
    """Words of four letters and more, lower case, without what all organisations are called."""
    found = {word.lower().replace("’", "'") for word in re.findall(r"[^\W\d_]{4,}", text)}
    return found - _COMMON


def is_named(name: str, words: frozenset[str]) -> bool:
    """A city's name in whatever case: its beginning, without the ending, begins one of the words."""
    text = " ".join(words)
    stems = _stems(name)
    return bool(stems) and all(stem.search(text) for stem in stems)


@lru_cache(maxsize=4096)
def _stems(name: str) -> tuple[re.Pattern[str], ...]:
    """«Львів» – «Львова», «Тернопіль» – «Тернополя», «Київ» – «Києва»."""
    parts = [part.lower() for part in re.findall(r"[^\W\d_]{3,}", name)]
    least = 4 if len(parts) == 1 else 3
    stems = [part[: max(len(part) - 2, least)] for part in parts]
    changing = [re.sub(r"[іїо](?=\w?$)", "[іїоє]", stem) for stem in stems]
    return tuple(re.compile(rf"(?<!\w){stem}") for stem in changing)
