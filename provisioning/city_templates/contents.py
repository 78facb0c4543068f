"""What a template holds and what is wrong with it. Nothing of a person: no address, no phone."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from community.answers.states import UnitKind

ORIGINALS = Path(__file__).parent / "originals.json"
OBLAST_CENTRE, TOWN, RURAL = "oblast_centre", "town", "rural_hromada"
MAX_TOPICS, MAX_UNITS = 40, 30
ZOOMS = range(6, 17)
CODE = re.compile(r"^[a-z][a-z0-9_]{0,19}$")
WORD_KEY = re.compile(r"^[a-z][a-z0-9_.]{0,39}$")
# Names on a map and in lists; as long as the columns of a city's tables.
MAX_TOPIC_NAME, MAX_UNIT_NAME, MAX_WORDS = 80, 160, 1000


@dataclass(frozen=True, kw_only=True)
class TopicLine:
    code: str
    name_uk: str
    name_en: str


@dataclass(frozen=True, kw_only=True)
class UnitLine:
    """A unit without contacts; the one of the kind `liaison` is the default addressee."""

    kind: str
    name_uk: str
    name_en: str


@dataclass(frozen=True, kw_only=True)
class Contents:
    """`zoom` None: by the bounds. `wording` as in City.wording; colours blank: the platform's."""

    topics: tuple[TopicLine, ...]
    units: tuple[UnitLine, ...]
    wording: dict[str, dict[str, str]] = field(default_factory=dict)
    zoom: int | None = None
    accent_light: str = ""
    accent_dark: str = ""

    @classmethod
    def read(cls, data: dict[str, Any]) -> "Contents":
        """From the JSON of a row or of the originals."""
        return cls(
            topics=tuple(TopicLine(**line) for line in data["topics"]),
            units=tuple(UnitLine(**line) for line in data["units"]),
            wording=data.get("wording") or {},
            zoom=data.get("zoom"),
        )

    def columns(self) -> dict[str, Any]:
        """For a template's row."""
        return {
            "topics": [asdict(line) for line in self.topics],
            "units": [asdict(line) for line in self.units],
            "wording": self.wording,
            "zoom": self.zoom,
        }


@cache
def originals() -> dict[str, dict[str, Any]]:
    """The built-in templates by code, as they are shipped."""
    rows = json.loads(ORIGINALS.read_text(encoding="utf-8"))
    return {row["code"]: row for row in rows}


def problems(contents: Contents) -> list[str]:
    """Sentences that say what to mend; empty when a city may be made of it."""
    return [
        *_topic_problems(contents.topics),
        *_unit_problems(contents.units),
        *_wording_problems(contents.wording),
    ]


def _topic_problems(topics: tuple[TopicLine, ...]) -> Iterator[str]:
    if not topics:
        yield _("There is no topic: residents have to choose one when they ask.")
    if len(topics) > MAX_TOPICS:
        yield _("At most %(most)d topics: nobody reads a longer list.") % {"most": MAX_TOPICS}
    for code in _repeated(line.code for line in topics):
        yield _("The topic code “%(code)s” is there twice. Each topic needs its own.") % {
            "code": code
        }
    for line in topics:
        if not CODE.match(line.code):
            yield _(
                "“%(code)s” cannot be a topic code: up to 20 small Latin letters, digits and _."
            ) % {"code": line.code}
        yield from _name_problems(line, line.code, MAX_TOPIC_NAME)


def _unit_problems(units: tuple[UnitLine, ...]) -> Iterator[str]:
    liaisons = sum(line.kind == UnitKind.LIAISON for line in units)
    if not liaisons:
        yield _("There is no liaison. One unit of the kind “liaison” gets questions by default.")
    if liaisons > 1:
        yield _("There are %(number)d liaisons. Keep one: it gets questions by default.") % {
            "number": liaisons
        }
    if len(units) > MAX_UNITS:
        yield _("At most %(most)d units.") % {"most": MAX_UNITS}
    for name in _repeated(line.name_uk.casefold() for line in units if line.name_uk):
        yield _("Two units are called “%(name)s”.") % {"name": name}
    for line in units:
        if line.kind not in UnitKind.values:
            yield _("“%(kind)s” is not a kind of unit. Kinds: %(kinds)s.") % {
                "kind": line.kind,
                "kinds": ", ".join(UnitKind.values),
            }
        yield from _name_problems(line, line.name_uk or line.name_en or line.kind, MAX_UNIT_NAME)


def _name_problems(line: TopicLine | UnitLine, told: str, most: int) -> Iterator[str]:
    if not line.name_uk:
        yield _("“%(line)s” has no Ukrainian name.") % {"line": told}
    if not line.name_en:
        yield _("“%(line)s” has no English name: the site is in both languages.") % {"line": told}
    if max(len(line.name_uk), len(line.name_en)) > most:
        yield _("The name of “%(line)s” is longer than %(most)d characters.") % {
            "line": told[:40],
            "most": most,
        }


def _wording_problems(wording: dict[str, dict[str, str]]) -> Iterator[str]:
    for key, texts in wording.items():
        if not WORD_KEY.match(key):
            yield _("“%(key)s” is not a key of a text.") % {"key": key}
        if not (texts.get("uk") and texts.get("en")):
            yield _("The text “%(key)s” is needed in both languages.") % {"key": key}
        if max(map(len, texts.values()), default=0) > MAX_WORDS:
            yield _("The text “%(key)s” is longer than %(most)d characters.") % {
                "key": key,
                "most": MAX_WORDS,
            }


def _repeated(values: Iterator[str]) -> list[str]:
    return [value for value, times in Counter(values).items() if times > 1]
