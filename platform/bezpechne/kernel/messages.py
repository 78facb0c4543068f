"""The Ukrainian catalogue: collected from the sources, merged, compiled, checked.

For developers' commands and tests alone: it needs Babel, which the product does not install.
Msgids are English, so English has no catalogue.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

SOURCES = ("platform/bezpechne", "tenants", "community", "billing", "provisioning")
TEMPLATE_SUFFIXES = {".html", ".txt", ".xml"}
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# Word for word as in Django's own Ukrainian catalogue: gettext keeps catalogues with other
# formulas apart. No dates and no tool's version: the file changes when a message does.
PLURAL_FORMS = (
    "nplurals=4; plural=(n % 1 == 0 && n % 10 == 1 && n % 100 != 11 ? 0 : n % 1 == 0 &&"
    " n % 10 >= 2 && n % 10 <= 4 && (n % 100 < 12 || n % 100 > 14) ? 1 : n % 1 == 0 &&"
    " (n % 10 ==0 || (n % 10 >=5 && n % 10 <=9) || (n % 100 >=11 && n % 100 <=14 )) ? 2: 3);"
)
HEADER = (
    "Language: uk\n"
    "MIME-Version: 1.0\n"
    "Content-Type: text/plain; charset=UTF-8\n"
    "Content-Transfer-Encoding: 8bit\n"
    f"Plural-Forms: {PLURAL_FORMS}\n"
)
COMMENT = "# Ukrainian. Written by `manage.py messages update`; only the msgstr lines are edited."
# %(name)s of Python and templates, {name} of the scripts' labels.
_PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w+\}")


class _Catalog(Catalog):
    """Keeps the order in which messages were added, under our own header."""

    def __init__(self) -> None:
        super().__init__(header_comment=COMMENT)
        self.mime_headers = [("Plural-Forms", PLURAL_FORMS)]

    def __iter__(self) -> Iterator[Message]:
        _, *messages = super().__iter__()
        return iter([Message("", HEADER), *messages])


def po_path() -> Path:
    return Path(settings.PACKAGE_DIR, "locale", "uk", "LC_MESSAGES", "django.po")


def mo_path() -> Path:
    return po_path().with_suffix(".mo")


def _templates(
    file: IO[bytes], keywords: Any, tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[Any]:
    """Babel's extractor for templates: Django turns them into calls of gettext first."""
    calls = templatize(file.read().decode())
    # What surrounds the calls is blanked out, its indentation means nothing to Python.
    lines = "\n".join(line.lstrip() for line in calls.split("\n"))
    return extract_python(BytesIO(lines.encode()), keywords, tags, {})


def _files() -> Iterator[tuple[Path, Any]]:
    """Source files in stable order, each with its extractor."""
    for source in SOURCES:
        for path in sorted(Path(settings.ROOT_DIR, source).rglob("*")):
            if path.suffix == ".py" and "migrations" not in path.parts:
                yield path, "python"
            elif path.suffix in TEMPLATE_SUFFIXES and "templates" in path.parts:
                yield path, _templates


def extracted() -> Catalog:
    """What the sources say, in order of appearance; locations are file names alone."""
    catalog = _Catalog()
    for path, method in _files():
        place = path.relative_to(settings.ROOT_DIR).as_posix()
        with path.open("rb") as file:
            for _line, msgid, notes, context in extract(method, file, KEYWORDS, ("Translators:",)):
                catalog.add(msgid, locations=[(place, 0)], auto_comments=notes, context=context)
    return catalog


def translated() -> Catalog:
    """What the .po file says; empty when there is none."""
    if not po_path().exists():
        return _Catalog()
    with po_path().open("rb") as file:
        return read_po(file, abort_invalid=True)


def merged(sources: Catalog, translations: Catalog) -> Catalog:
    """The sources' messages with their translations; nothing is guessed, nothing obsolete kept."""
    catalog = _Catalog()
    for message in _messages(sources):
        done = _find(translations, message)
        if done is None or done.pluralizable != message.pluralizable:
            done = Message(message.id)
        catalog.add(
            message.id,
            done.string,
            locations=message.locations,
            flags=message.flags | (done.flags & {"fuzzy"}),
            auto_comments=message.auto_comments,
            user_comments=done.user_comments,
            context=message.context,
        )
    return catalog


def compiled(catalog: Catalog) -> bytes:
    """The .mo file, without what is unfinished; the same messages give the same bytes."""
    ours = _Catalog()
    for message in sorted(_messages(catalog)):
        if all(_texts(message.string)) and not message.fuzzy:
            ours.add(message.id, message.string, context=message.context)
    buffer = BytesIO()
    write_mo(buffer, ours)
    return buffer.getvalue()


def update() -> int:
    """Writes both files; returns how many messages there are."""
    catalog = merged(extracted(), translated())
    buffer = BytesIO()
    write_po(buffer, catalog, width=0, ignore_obsolete=True, include_lineno=False)
    po_path().parent.mkdir(parents=True, exist_ok=True)
    po_path().write_bytes(buffer.getvalue().rstrip(b"\n") + b"\n")
    mo_path().write_bytes(compiled(catalog))
    return len(catalog)


def faults() -> list[str]:
    """What is wrong with the catalogue, a line each; empty when all is well."""
    sources, translations = extracted(), translated()
    found = []
    for message in _messages(sources):
        done = _find(translations, message)
        place = message.locations[0][0]
        if done is None or done.pluralizable != message.pluralizable:
            found.append(f"missing: {_name(message)} ({place})")
        else:
            found += [f"{fault}: {_name(message)} ({place})" for fault in _faults_of(message, done)]
    found += [
        f"obsolete: {_name(message)}"
        for message in [*_messages(translations), *translations.obsolete.values()]
        if _find(sources, message) is None
    ]
    if not mo_path().exists() or mo_path().read_bytes() != compiled(translations):
        found.append(f"stale: {mo_path().name} is not what {po_path().name} compiles to")
    return found


def _faults_of(message: Message, done: Message) -> Iterator[str]:
    forms = _texts(done.string)
    if not all(forms):
        yield "untranslated"
        return
    if done.fuzzy:
        yield "fuzzy"
    # The plural's: «one question» may lack the number in English, but «21 питання» needs it.
    wanted = set(_PLACEHOLDER.findall(_texts(message.id)[-1]))
    if any(set(_PLACEHOLDER.findall(form)) != wanted for form in forms):
        yield "other placeholders"


def _messages(catalog: Catalog) -> Iterator[Message]:
    """All but the header."""
    return (message for message in catalog if message.id)


def _find(catalog: Catalog, message: Message) -> Message | None:
    return catalog.get(_texts(message.id)[0], message.context)


def _texts(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _name(message: Message) -> str:
    context = f"{message.context}: " if message.context else ""
    return f"{context}«{_texts(message.id)[0]}»"
