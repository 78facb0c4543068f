"""The Ukrainian catalogue is complete, compiled and typeset; the check finds what is not."""

import gettext
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import django
import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from bezpechne.kernel import messages

ROOT = Path(__file__).resolve().parents[2]
PAGE = """{% load i18n %}
  <p class="lead">{% translate "Ask" context "button" %}</p>
    {% blocktranslate count n=rows trimmed %}
      {{ n }} question
    {% plural %}
      {{ n }} questions
    {% endblocktranslate %}
{% translate "Map" as title %}{# Translators: the city's #}
"""
CODE = 'title = _("Map")\nhello = _("Hello, %(name)s") % {"name": name}\n'


def _translations() -> list[tuple[str, str]]:
    """(msgid, form) pairs of the real catalogue."""
    pairs = []
    for message in messages.translated():
        forms = [message.string] if isinstance(message.string, str) else message.string or []
        pairs += [(str(message.id), form) for form in forms if message.id]
    return pairs


def test_the_catalogue_is_complete_and_compiled() -> None:
    assert messages.faults() == []


def _django_s(package: str) -> gettext.GNUTranslations:
    """Django's own Ukrainian catalogue."""
    locale = Path(django.__file__).parent / package / "locale"
    with (locale / "uk" / "LC_MESSAGES" / "django.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def test_the_plural_formula_is_django_s_own() -> None:
    assert _django_s("conf").info()["plural-forms"] == messages.PLURAL_FORMS


def test_the_words_of_django_that_we_replace_are_still_django_s() -> None:
    known = [_django_s("conf"), _django_s("contrib/auth")]
    ours = {
        str(message.id if isinstance(message.id, str) else message.id[0])
        for message in messages.extracted()
        if any("django_words" in place for place, _ in message.locations)
    }
    assert len(ours) > 10

    def unknown(text: str) -> bool:
        return all(
            django_s.gettext(text) == text == django_s.ngettext(text, text, 1) for django_s in known
        )

    gone = {text for text in ours if unknown(text)}
    assert gone == set()


@pytest.mark.parametrize(
    ("fault", "pattern"),
    [
        ("an exclamation mark", r"!"),
        ("a straight quote or apostrophe", r"[\"'ʼ`]|“|”"),
        ("a straight hyphen for a dash", r" - "),
        ("letters of both alphabets in one word", r"[a-zA-Z](?=[а-яґєіїА-ЯҐЄІЇ])"),
        ("a Latin letter after a Ukrainian one", r"[а-яґєіїА-ЯҐЄІЇ](?=[a-zA-Z])"),
        ("a Russian letter", r"[ыэъёЫЭЪЁ]"),
        ("a capital «Ви» inside a sentence", r"(?<=[а-яґєії,:] )(Ви|Вас|Вам|Ваш\w*)\b"),
        ("two spaces", r"  "),
    ],
)
def test_translations_are_typeset(fault: str, pattern: str) -> None:
    placeholders = re.compile(r"%\(\w+\)s|\{\w+\}")
    wrong = [form for _, form in _translations() if re.search(pattern, placeholders.sub("×", form))]
    assert wrong == [], fault


def test_a_sentence_ends_as_its_original_does() -> None:
    wrong = [
        (msgid, form)
        for msgid, form in _translations()
        if msgid[-1] in ".?:…" and not msgid.endswith("%(date)s.") and form[-1] != msgid[-1]
    ]
    assert wrong == []


def test_the_product_runs_without_babel() -> None:
    sources = [path for source in messages.SOURCES for path in Path(ROOT, source).rglob("*.py")]
    texts = {path.relative_to(ROOT).as_posix(): path.read_text() for path in sources}
    babel = re.compile(r"^\s*(from|import) babel", re.MULTILINE)
    users = re.compile(r"bezpechne\.kernel import .*\bmessages\b|bezpechne\.kernel\.messages")
    here = "platform/bezpechne/kernel/messages.py"
    command = "platform/bezpechne/kernel/management/commands/messages.py"
    assert [path for path, text in texts.items() if babel.search(text)] == [here]
    assert [path for path, text in texts.items() if users.search(text)] == [command]


@pytest.fixture
def project(tmp_path: Path, settings: LazySettings) -> Callable[..., str]:
    """A project of one module and one template; returns what `messages <action>` says."""
    settings.ROOT_DIR, settings.PACKAGE_DIR = tmp_path, tmp_path / "platform" / "bezpechne"
    templates = tmp_path / "community" / "templates"
    templates.mkdir(parents=True)
    (templates / "page.html").write_text(PAGE)
    (tmp_path / "community" / "code.py").write_text(CODE)

    def run(action: str, **edits: str) -> str:
        for old, new in edits.items():
            text = messages.po_path().read_text()
            messages.po_path().write_text(text.replace(old, new))
        out = StringIO()
        try:
            call_command("messages", action, stdout=out)
        except CommandError as error:
            out.write(str(error))
        return out.getvalue()

    return run


def _fill() -> None:
    """Translates the small project."""
    pairs: list[tuple[str, Any]] = [
        ('msgid "Map"\nmsgstr ""', 'msgid "Map"\nmsgstr "Мапа"'),
        ('msgid "Ask"\nmsgstr ""', 'msgid "Ask"\nmsgstr "Запитати"'),
        ('%(name)s"\nmsgstr ""', '%(name)s"\nmsgstr "Вітаємо, %(name)s"'),
        *[(f'msgstr[{form}] ""', f'msgstr[{form}] "%(n)s питання"') for form in range(4)],
    ]
    text = messages.po_path().read_text()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    messages.po_path().write_text(text)


def test_update_collects_code_and_templates_once(project: Callable[..., str]) -> None:
    assert "4 messages." in project("update")
    text = messages.po_path().read_text()
    assert text.count("msgid ") == 5
    assert text.count('msgid "Map"') == 1
    assert '#: community/code.py community/templates/page.html\nmsgid "Map"' in text
    assert 'msgctxt "button"\nmsgid "Ask"' in text
    assert 'msgid "%(n)s question"\nmsgid_plural "%(n)s questions"' in text


def test_update_keeps_translations_and_changes_nothing_twice(project: Callable[..., str]) -> None:
    project("update")
    _fill()
    assert "complete" in project("update")
    before = messages.po_path().read_bytes(), messages.mo_path().read_bytes()
    assert "complete" in project("update")
    assert (messages.po_path().read_bytes(), messages.mo_path().read_bytes()) == before
    assert "Вітаємо" in before[0].decode()


def test_update_drops_what_the_sources_no_longer_say(
    project: Callable[..., str], tmp_path: Path
) -> None:
    project("update")
    _fill()
    (tmp_path / "community" / "code.py").write_text('title = _("Maps")\n')
    said = project("update")
    assert "untranslated: «Maps»" in said
    text = messages.po_path().read_text()
    assert "Вітаємо" not in text
    assert "fuzzy" not in text


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('msgid "Map"', 'msgid "Mop"', "missing: «Map» (community/code.py)"),
        ('msgid "Map"', 'msgid "Mop"', "obsolete: «Mop»"),
        ('msgstr "Мапа"', 'msgstr ""', "untranslated: «Map» (community/code.py)"),
        ('msgstr[3] "%(n)s питання"', 'msgstr[3] ""', "untranslated: «%(n)s question»"),
        ('msgid "Map"', '#, fuzzy\nmsgid "Map"', "fuzzy: «Map»"),
        ("Вітаємо, %(name)s", "Вітаємо, %(names)s", "other placeholders: «Hello, %(name)s»"),
        ('msgstr[0] "%(n)s питання"', 'msgstr[0] "одне"', "other placeholders: «%(n)s question»"),
        ('msgctxt "button"', 'msgctxt "knob"', "missing: button: «Ask»"),
        ('msgstr "Мапа"', 'msgstr "Карта"', "stale: django.mo"),
    ],
)
def test_check_names_the_fault(project: Callable[..., str], old: str, new: str, fault: str) -> None:
    project("update")
    _fill()
    project("update")
    assert "complete" in project("check")
    said = project("check", **{old: new})
    assert fault in said
    assert "Run `manage.py messages update`" in said


def test_check_fails_without_a_compiled_file(project: Callable[..., str]) -> None:
    project("update")
    _fill()
    project("update")
    messages.mo_path().unlink()
    with pytest.raises(CommandError, match="Faults: 1"):
        call_command("messages", "check", stdout=StringIO())
