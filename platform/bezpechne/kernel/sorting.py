"""Ukrainian alphabetical order that does not depend on the database's collation."""

# ruff: noqa: RUF001 - the module is about letters that look alike.
import unicodedata

_ALPHABET = "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя"
_LATIN = "abcdefghijklmnopqrstuvwxyz"
# U+0027, U+2019, U+02BC, U+2018, U+0060, U+00B4 and the stress mark U+0301.
_IGNORED = "'’ʼ‘`´\u0301"
_SEPARATORS = " -\u00a0\u2010\u2011\u2013"
_UNKNOWN = "99"

_CODES = {
    **dict.fromkeys(_IGNORED, ""),
    **dict.fromkeys(_SEPARATORS, "01"),
    **{digit: f"{10 + place}" for place, digit in enumerate("0123456789")},
    **{letter: f"{20 + place}" for place, letter in enumerate(_ALPHABET)},
    **{letter: f"{60 + place}" for place, letter in enumerate(_LATIN)},
}


def ukrainian_key(text: str) -> str:
    """Return a key whose plain order is the Ukrainian alphabetical order of `text`.

    The rule: the 33 letters in the order of the alphabet (ґ after г, є after е, і and ї after и
    and before й, ь after щ); capitals equal small letters; apostrophes and stress marks do not
    count; a space or a hyphen comes before every letter, so that «Нова Одеса» precedes
    «Новомиколаївка»; digits precede letters, Latin letters follow Ukrainian ones, anything else
    is last.

    Each character becomes two decimal digits, because digits alone sort the same way in Python
    and under every collation of PostgreSQL. The key is at most twice as long as the text.
    """
    lowered = unicodedata.normalize("NFC", text).lower().strip()
    return "".join(_CODES.get(character, _UNKNOWN) for character in lowered)
