"""Columns of a table of units: what they may be called, and what is wrong in a cell.

The same names head the file that is exported, so that it can be sent back.
"""

from collections.abc import Callable
from functools import cache

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.utils import translation
from django.utils.translation import gettext as _

from bezpechne.kernel.spreadsheets import unguarded
from community.answers.states import UnitKind
from community.questions.forms import clean_text

NAME, KIND, PARENT, ACTIVE = "name_uk", "kind", "parent", "active"
# Column: the English and the Ukrainian heading of the export, then other names that it may have.
HEADINGS: dict[str, tuple[str, ...]] = {
    NAME: ("Name in Ukrainian", "Назва українською", "назва", "підрозділ", "name", "unit"),
    "name_en": ("Name in English", "Назва англійською", "english name", "назва (en)"),
    KIND: ("Kind", "Тип", "вид", "type"),
    PARENT: ("Part of", "У складі", "підпорядкування", "вищий підрозділ", "parent"),
    "email": ("E-mail", "Ел. пошта", "email", "пошта", "електронна пошта", "адреса ел. пошти"),
    "phone": ("Phone", "Телефон", "тел.", "тел"),
    "hours": ("Working hours", "Години роботи", "графік роботи", "графік", "hours"),
    "address": ("Address", "Адреса"),
    "how_to_apply": ("How to apply", "Як звернутися"),
    "web": ("Web page", "Вебсторінка", "сайт", "web", "site", "веб-сторінка"),
    "legal_basis": ("Legal basis", "Правова підстава"),
    ACTIVE: ("Active", "Активний", "діє"),
}
# As long as the columns of the table.
_MOST = {
    NAME: 160,
    "name_en": 160,
    PARENT: 160,
    "email": 254,
    "phone": 40,
    "hours": 120,
    "address": 200,
    "how_to_apply": 1000,
    "web": 200,
    "legal_basis": 300,
}
TEXTS = tuple(column for column in HEADINGS if column not in {KIND, PARENT, ACTIVE})
_YES = {"1", "yes", "y", "true", "так", "т", "+"}
_NO = {"0", "no", "n", "false", "ні", "н", "-"}
_WEB = URLValidator(["http", "https"])


def heading(column: str) -> str:
    """In the language in force."""
    english, ukrainian = HEADINGS[column][:2]
    return english if translation.get_language() == "en" else ukrainian


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("\u00a0", " ").split()).strip(" :*")


@cache
def _by_name() -> dict[str, str]:
    return {_plain(name): column for column, names in HEADINGS.items() for name in (column, *names)}


def column_of(name: str) -> str | None:
    """The column that a heading means."""
    return _by_name().get(_plain(name))


@cache
def _kinds() -> dict[str, str]:
    known = {kind: kind for kind in UnitKind.values}
    for language in ("uk", "en"):
        with translation.override(language):
            known |= {_plain(str(label)): str(value) for value, label in UnitKind.choices}
    return known


def _kind(text: str) -> str:
    kind = _kinds().get(_plain(text))
    if kind is None:
        raise ValueError(_("“%(text)s” is no kind of unit.") % {"text": text[:60]})
    return kind


def _active(text: str) -> str:
    plain = _plain(text)
    if plain not in _YES | _NO:
        raise ValueError(_("“%(text)s” is neither yes nor no.") % {"text": text[:60]})
    return "1" if plain in _YES else "0"


def _email(text: str) -> str:
    address = text.lower()
    try:
        validate_email(address)
    except ValidationError:
        raise ValueError(_("“%(text)s” is no e-mail address.") % {"text": text[:60]}) from None
    return address


def _web(text: str) -> str:
    address = text if "://" in text else f"https://{text}"
    try:
        _WEB(address)
    except ValidationError:
        raise ValueError(_("“%(text)s” is no web address.") % {"text": text[:60]}) from None
    return address


_CHECKS: dict[str, Callable[[str], str]] = {
    KIND: _kind,
    ACTIVE: _active,
    "email": _email,
    "web": _web,
}


def cell(column: str, text: str) -> str:
    """The value of a cell; raises ValueError with a sentence. Blank stays blank."""
    value = unguarded(clean_text(text))
    if not value:
        return ""
    most = _MOST.get(column)
    if most and len(value) > most:
        raise ValueError(_("Longer than %(most)d characters.") % {"most": most})
    check = _CHECKS.get(column)
    return check(value) if check else value
