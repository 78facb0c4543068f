"""Rules of the house that no linter knows."""

import platform
import re
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("platform", "tenants", "community", "billing", "provisioning")


def sources(pattern: str) -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob(pattern))


def test_platform_is_a_source_root_and_shadows_nothing() -> None:
    held = {path.name for path in (ROOT / "platform").iterdir() if path.name != "__pycache__"}
    assert held == {"bezpechne", "README.md"}
    assert Path(platform.__file__).is_relative_to(sysconfig.get_path("stdlib"))


def test_nobody_enters_a_city_with_the_unsafe_statement() -> None:
    """`with tenant:` keeps one stack for all threads and restores the wrong city."""
    unsafe = re.compile(
        r"^\s*with (city|tenant|self\.city|self\.tenant|connection\.tenant)\b", re.M
    )
    assert [path for path in sources("*.py") if unsafe.search(path.read_text())] == []


def test_every_dependency_says_why_it_is_there() -> None:
    lines = (ROOT / "pyproject.toml").read_text().split("[dependency-groups]")[0].splitlines()
    start = lines.index("dependencies = [")
    block = lines[start + 1 : lines.index("]", start)]
    for above, line in zip(["", *block], block, strict=False):
        if line.strip().startswith('"'):
            assert above.strip().startswith("#"), f"{line.strip()} has no reason above it"


@pytest.mark.parametrize("word", [r"\sstyle=", r"\son[a-z]+=", "hx-on", "javascript:"])
def test_pages_need_no_inline_style_or_script(word: str) -> None:
    """The policy would refuse them; letters are the exception, mail programs have no stylesheet."""
    pages = [path for path in sources("*.html") if "mail" not in path.parts]
    assert pages
    assert [path for path in pages if re.search(word, path.read_text())] == []


def test_no_foreign_key_joins_a_city_and_the_shared_tables() -> None:
    """A city's schema must be movable and droppable by itself."""
    both = {"contenttypes", "auth", "sessions", "accounts"}
    shared = {apps.get_app_config(label).label for label in both}
    tenant_names = set(settings.TENANT_APPS)
    cities = {config.label for config in apps.get_app_configs() if config.name in tenant_names}
    platforms = {
        config.label for config in apps.get_app_configs() if config.name in settings.SHARED_APPS
    }
    only_city, only_platform = cities - shared - platforms, platforms - cities
    assert only_city
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if not isinstance(field, models.ForeignKey | models.OneToOneField):
                continue
            target = field.related_model
            assert isinstance(target, type)
            pair = {model._meta.app_label, target._meta.app_label}
            assert not (pair & only_city and pair & only_platform), field


def test_keys_of_city_tables_are_wide() -> None:
    """bigint, UUID, a text code, or what the row is about: a city must not run out of numbers."""
    kinds = (
        models.BigAutoField,
        models.UUIDField,
        models.CharField,
        models.CompositePrimaryKey,
    )
    for config in apps.get_app_configs():
        if config.name.startswith(("community.", "bezpechne.")):
            for model in config.get_models():
                key = model._meta.pk
                assert isinstance(key, kinds), model


def test_migrations_run_inside_one_transaction() -> None:
    """Provisioning migrates a new schema in the transaction that makes the city."""
    migrations = [path for path in sources("*.py") if path.parent.name == "migrations"]
    assert migrations
    assert [path for path in migrations if "atomic = False" in path.read_text()] == []
