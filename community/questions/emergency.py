"""Words of an emergency in a text. A hint for the panel with 102 and for the desk, never a verdict."""

import json
import re
from functools import lru_cache
from pathlib import Path

_DATA = Path(__file__).parent / "data" / "emergency.json"
_SENTENCE = re.compile(r"[.!?\n]+")
_APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'", "`": "'", "‘": "'"})


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    data = json.loads(_DATA.read_text(encoding="utf-8"))

    def any_of(kind: str) -> re.Pattern[str]:
        words = [word for language in data[kind].values() for word in language]
        longest_first = sorted(words, key=len, reverse=True)
        return re.compile(r"(?<!\w)(" + "|".join(map(re.escape, longest_first)) + r")\w*")

    return any_of("phrases"), any_of("not")


def emergency_words(text: str) -> list[str]:
    """Words found, as written, in order, without repeats; sentences about the past do not count."""
    phrases, negatives = _patterns()
    found: dict[str, None] = {}
    for sentence in _SENTENCE.split(text.lower().translate(_APOSTROPHES)):
        if negatives.search(sentence):
            continue
        found.update(dict.fromkeys(match.group(0) for match in phrases.finditer(sentence)))
    return list(found)
