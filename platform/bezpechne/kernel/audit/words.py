"""What actions are called in a log; each app that records its own says it once, at start."""

from collections.abc import Mapping
from typing import Any

_words: dict[str, Any] = {}


def register(words: Mapping[str, Any]) -> None:
    """Lazily translated words by action; words that are there already stay."""
    for action, word in words.items():
        _words.setdefault(action, word)


def words_of(action: str) -> str | None:
    """In the language in force; None for an action that nobody has named."""
    word = _words.get(action)
    return str(word) if word is not None else None
