"""What people typed, made safe to set: nothing here is markup, nothing here breaks a line badly."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from billing.papers.words import NO_BREAK

BREAK_HERE = "\u200b"
# The longest real words have some 30 letters, an IBAN at most 34.
LONGEST = 34
_STEP = 12

# Neither XML nor PDF text can hold controls and halves of characters; marks of direction would let
# a name rearrange the words beside it.
_REFUSED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]"
)
# Not the no-break ones: those hold sums together.
_BLANKS = re.compile(r"[ \t\r\n\f\v\u2028\u2029]+")
# «2026 р.» at the end of a sentence has one stop.
_TWO_STOPS = re.compile(r"(?<=\bр\.)\.(?!\.)")
_LONG = re.compile(rf"\S{{{LONGEST + 1},}}")
# A sign stays with its number, a number with its unit, an abbreviation with its name.
_BOUND = (
    re.compile(r"(?<=№) (?=\S)"),
    re.compile(r"(?<=\d) (?=(?:р\.|грн|%|січ|лют|бер|кві|тра|чер|лип|сер|вер|жов|лис|гру|коп))"),
    re.compile(rf"(?<=\w) (?=\d{{4}}{NO_BREAK}р\.)"),
    re.compile(r"(?<=\bм\.) (?=\S)"),
    re.compile(r"(?<=\b(?:вул\.|КЕКВ)) (?=\S)"),
    re.compile(r"(?<=КПКВК) (?=\S)"),
    re.compile(r"(?<=ЄДРПОУ|РНОКПП) (?=\S)"),
    re.compile(r"(?<=\bкод) (?=ЄДРПОУ)"),
    re.compile(r" (?=–)"),
)


def tidy(text: str) -> str:
    """One line of text with its binding blanks; unreal long words may break anywhere."""
    clean = _BLANKS.sub(" ", _REFUSED.sub("", text)).strip(" ")
    clean = _TWO_STOPS.sub("", clean)
    for gap in _BOUND:
        clean = gap.sub(NO_BREAK, clean)
    return _LONG.sub(lambda found: _breakable(found[0]), clean)


def shortened(text: str, most: int) -> str:
    """At most `most` characters, with «…» where something was cut."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def all_tidy(value: Any) -> Any:
    """The same for every text inside mappings and sequences."""
    if isinstance(value, str):
        return tidy(value)
    if isinstance(value, Mapping):
        return {key: all_tidy(inner) for key, inner in value.items()}
    if isinstance(value, Sequence):
        return [all_tidy(inner) for inner in value]
    return value


def _breakable(word: str) -> str:
    return BREAK_HERE.join(word[at : at + _STEP] for at in range(0, len(word), _STEP))
