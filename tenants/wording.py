"""What a city says in its own words. Plain text; where it says nothing, the platform's text stays."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings


@dataclass(frozen=True)
class Text:
    """`limit` in characters; `lines` is the height of its box in the form."""

    limit: int
    lines: int = 2


# By key, in the order of the form.
TEXTS: dict[str, Text] = {
    # Foot of every page.
    "tagline": Text(140),
    # Above the form that asks.
    "ask_hint": Text(300, 3),
    # On the page «How it works».
    "about": Text(1500, 6),
    "contacts": Text(400, 3),
    # Before the launch.
    "curtain": Text(300, 3),
    # Where questions are not taken.
    "closing_note": Text(400, 3),
}
LANGUAGES = [code for code, _name in settings.LANGUAGES]


def said(wording: Mapping[str, Any], language: str) -> dict[str, str]:
    """Every key with the city's text in one language, or blank."""
    return {key: str(wording.get(key, {}).get(language, "")) for key in TEXTS}
