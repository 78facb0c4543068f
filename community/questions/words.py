"""Words of a text that PostgreSQL can look for, the same on every server: no extension, no ICU.

The configuration `simple` keeps words as they are, in lower case. Ukrainian words change their ends,
so a word that is looked for matches by its beginning.
"""

import re
import unicodedata

from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db.models import Func

# Signs inside addresses and dates, which PostgreSQL's parser would take for one word.
_SPACES = "./-_@:+<>&~=?#"
# U+0027, U+2019, U+02BC, U+2018, U+0060 and the stress mark U+0301: «п’ять» is one word.
_DROPPED = "'’ʼ‘`\u0301"
_TEMPLATE = "to_tsvector('simple', translate(%(expressions)s, '{signs}', '{spaces}'))".format(
    signs=(_SPACES + _DROPPED).replace("'", "''"), spaces=" " * len(_SPACES)
)
_JOINER = " || ' ' || "
_CLEAN = str.maketrans(_SPACES, " " * len(_SPACES), _DROPPED)
MOST_WORDS = 8
_NUMBER = re.compile(r"(?:№|#|n[ro°]\.?)?\s*(\d{1,18})", re.IGNORECASE)


def number_in(text: str) -> int | None:
    """The number of a question, when nothing else was typed: «123», «№ 123»."""
    found = _NUMBER.fullmatch(text)
    return int(found.group(1)) if found else None


def words_of(*columns: str) -> Func:
    """Words of columns of text, for an index."""
    # No field of output, and names in the order of a migration: else the index would seem changed.
    return Func(*columns, arg_joiner=_JOINER, template=_TEMPLATE)


def to_match(*columns: str) -> Func:
    """The same for a query, which has to be the expression of the index."""
    return Func(*columns, arg_joiner=_JOINER, template=_TEMPLATE, output_field=SearchVectorField())


def _beginning(word: str) -> str:
    """Without the end that changes: «освітлення» finds «освітленню», «двір» only itself."""
    cut = 0 if len(word) < 5 or word.isdigit() else 1 if len(word) < 7 else 2
    return word[: len(word) - cut]


def looked_for(text: str) -> SearchQuery | None:
    """All words of a typed text, each by its beginning; None when there is no word in it."""
    lowered = unicodedata.normalize("NFC", text).lower().translate(_CLEAN)
    words = re.findall(r"\w+", lowered)[:MOST_WORDS]
    if not words:
        return None
    raw = " & ".join(f"{_beginning(word)}:*" for word in words)
    return SearchQuery(raw, config="simple", search_type="raw")


def stems(text: str) -> set[str]:
    """Beginnings of the words of a text that say something: of four letters and more."""
    lowered = unicodedata.normalize("NFC", text).lower().translate(_CLEAN)
    return {_beginning(word) for word in re.findall(r"\w{4,}", lowered)}
