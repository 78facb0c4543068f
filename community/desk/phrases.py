"""Phrases for forms: which placeholders they know, what is wrong with one, how it reads filled in."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from bezpechne.kernel.site import site
from community.answers.models import Answer
from community.desk.models import Phrase, PhraseKind
from community.questions.models import Question
from tenants.current import current_city

USUAL = Path(__file__).parent / "usual_phrases.json"
# Both names of a placeholder: people write in their own language.
NAMES = {
    "місто": "city",
    "номер": "number",
    "тема": "topic",
    "сайт": "site",
    "посилання": "link",
    "підрозділ": "unit",
}
_COMMON = frozenset({"city", "number", "topic", "site"})
ALLOWED: dict[str, frozenset[str]] = {
    PhraseKind.REJECT: _COMMON,
    PhraseKind.ASK_BACK: _COMMON,
    PhraseKind.HIDE: _COMMON,
    PhraseKind.ROUTE_NOTE: _COMMON | {"link"},
    PhraseKind.ANSWER: _COMMON | {"link", "unit"},
}
_MARK = re.compile(r"\{([^{}]*)\}")


@cache
def usual() -> tuple[dict[str, Any], ...]:
    """What a new city starts with; `kind`, `title`, `text_uk`, `text_en`."""
    return tuple(json.loads(USUAL.read_text(encoding="utf-8")))


def usual_rows() -> list[Phrase]:
    """Unsaved rows of a new city."""
    return [Phrase(position=place, **values) for place, values in enumerate(usual())]


def shown_names(kind: str) -> list[str]:
    """Placeholders that a kind may have, as they are written in the language in force."""
    english = translation.get_language() == "en"
    wanted = ALLOWED.get(kind, _COMMON)
    return [f"{{{name if english else word}}}" for word, name in NAMES.items() if name in wanted]


def problems(text: str, kind: str) -> Iterator[str]:
    """Sentences that say what to mend in a text."""
    allowed = ALLOWED.get(kind, _COMMON)
    for name in dict.fromkeys(match.strip() for match in _MARK.findall(text)):
        if NAMES.get(name.lower(), name.lower()) not in allowed:
            yield _("“{%(name)s}” is not known here. Known: %(known)s.") % {
                "name": name[:40],
                "known": ", ".join(shown_names(kind)),
            }
    if "{" in _MARK.sub("", text) or "}" in _MARK.sub("", text):
        yield _("A curly bracket is not closed. Write placeholders so: %(example)s.") % {
            "example": shown_names(kind)[0]
        }


def values_for(question: Question, answer: Answer | None = None) -> dict[str, str]:
    """What placeholders stand for, in the language of the resident.

    A private question has no page to lead to, and its resident's link is for nobody else.
    """
    with translation.override(question.language):
        return {
            "city": current_city().name,
            "number": str(question.pk),
            "topic": question.topic.name,
            "site": site().url,
            "link": site().url
            if question.is_private
            else site().absolute(reverse("portal:question", args=[question.pk])),
            "unit": answer.unit.name if answer else "",
        }


def example(language: str) -> dict[str, str]:
    """What the preview shows."""
    with translation.override(language):
        return {
            "city": current_city().name,
            "number": "123",
            "topic": _("Road traffic"),
            "site": site().url,
            "link": site().absolute(reverse("portal:question", args=[123])),
            "unit": _("Patrol police"),
        }


def filled(text: str, values: dict[str, str]) -> str:
    """The text with its placeholders replaced; one that is unknown stays as it is."""

    def put(match: re.Match[str]) -> str:
        name = match.group(1).strip().lower()
        return values.get(NAMES.get(name, name), match.group(0))

    return _MARK.sub(put, text)
