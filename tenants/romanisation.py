"""Ukrainian names in Latin letters, for a city's address and its English name.

The rule is the table of the Cabinet of Ministers' resolution No. 55 of 27 January 2010,
"On regulating the transliteration of the Ukrainian alphabet with the Latin alphabet".
"""

# ruff: noqa: RUF001 - the module is about letters that look alike.
import re
import unicodedata

# The letter inside a word, after the resolution's table.
_LETTERS = {
    "а": "a", "б": "b", "в": "v", "г": "h", "ґ": "g", "д": "d", "е": "e", "є": "ie",
    "ж": "zh", "з": "z", "и": "y", "і": "i", "ї": "i", "й": "i", "к": "k", "л": "l",
    "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u",
    "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ь": "", "ю": "iu",
    "я": "ia",
}  # fmt: skip
# The same letters when a word begins with them.
_INITIAL = {"є": "ye", "ї": "yi", "й": "y", "ю": "yu", "я": "ya"}
# Signs that Ukrainian texts use for the apostrophe: U+0027, U+2019, U+02BC, U+2018, U+0060, U+00B4.
APOSTROPHES = "'’ʼ‘`´"
_STRESS_MARK = "\u0301"
_DROPPED = str.maketrans("", "", APOSTROPHES + _STRESS_MARK)
# Hyphens and spaces end a word, apostrophes do not.
_WORD = re.compile(rf"[^\W\d_](?:[{APOSTROPHES}{_STRESS_MARK}]*[^\W\d_])*")
_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")


def romanise(text: str) -> str:
    """Return `text` with its Ukrainian letters replaced by the rule of resolution No. 55.

    «зг» becomes "zgh"; є, ї, й, ю, я have their own spelling at the beginning of a word (each
    part of a hyphenated name is a word); the soft sign and the apostrophe disappear. Capitals
    follow the original: «Щербухи» Shcherbukhy, «ЩЕРБУХИ» SHCHERBUKHY. Anything that is not a
    Ukrainian letter stays as it is.
    """
    return _WORD.sub(lambda found: _romanise_word(found[0]), unicodedata.normalize("NFC", text))


def slugify_uk(text: str) -> str:
    """Return `text` romanised for a host name: a-z, 0-9 and single inner hyphens.

    The result is empty when nothing of `text` can be written so, and as long as the text asks
    for: whoever needs a DNS label (at most 63 characters) checks the length.
    """
    latin = unicodedata.normalize("NFKD", romanise(text).translate(_DROPPED))
    plain = "".join(sign for sign in latin if not unicodedata.combining(sign))
    return _NOT_IN_A_SLUG.sub("-", plain.lower()).strip("-")


def _romanise_word(word: str) -> str:
    letters = word.translate(_DROPPED)
    shouted = len(letters) > 1 and letters.isupper()
    latin = []
    for place, letter in enumerate(letters):
        small = letter.lower()
        spelled = _INITIAL.get(small) if place == 0 else None
        if spelled is None:
            spelled = _LETTERS.get(small, small)
        if small == "г" and letters[place - 1 : place].lower() == "з":
            spelled = "gh"
        if letter != small:
            spelled = spelled.upper() if shouted else spelled.capitalize()
        latin.append(spelled)
    return "".join(latin)
