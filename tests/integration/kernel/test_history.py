"""The history is appended and never changed, whoever tries."""

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bezpechne.kernel.audit.models import Entry, HistoryIsAppendOnly, history_of
from tenants.models import City
from tests.factories import Inside, Maker

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ("platform", "tenants", "community", "billing", "provisioning")
AUDIT = ROOT / "platform" / "bezpechne" / "kernel" / "audit"

WAYS: dict[str, Callable[[Entry], object]] = {
    "save": lambda entry: entry.save(),
    "save a field": lambda entry: entry.save(update_fields=["note"]),
    "delete": lambda entry: entry.delete(),
    "update": lambda entry: Entry.objects.update(note="x"),
    "update some": lambda entry: Entry.objects.filter(pk=entry.pk).update(note="x"),
    "delete all": lambda entry: Entry.objects.all().delete(),
    "delete some": lambda entry: Entry.objects.filter(pk=entry.pk).delete(),
    "bulk_update": lambda entry: Entry.objects.bulk_update([entry], ["note"]),
    "bulk_create": lambda entry: Entry.objects.bulk_create([entry]),
    "update_or_create": lambda entry: Entry.objects.update_or_create(
        pk=entry.pk, defaults={"note": "x"}
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_no_way_of_the_orm_changes_the_history(
    alpha: City, make: Maker, inside: Inside, way: str
) -> None:
    question = make(alpha).question("published")
    with inside(alpha):
        before = list(Entry.objects.order_by("id").values())
        entry = history_of(question).first()
        assert entry is not None
        entry.note = "підроблено"
        with pytest.raises(HistoryIsAppendOnly):
            WAYS[way](entry)
        assert list(Entry.objects.order_by("id").values()) == before


def test_a_deleted_question_keeps_its_history(alpha: City, make: Maker, inside: Inside) -> None:
    question = make(alpha).question("in_moderation")
    with inside(alpha):
        rows = history_of(question).count()
        key = question.pk
        question.delete()
        assert Entry.objects.filter(subject="question", subject_id=key).count() == rows


def sources() -> list[Path]:
    return [
        path
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if AUDIT not in path.parents
    ]


def test_nobody_writes_the_history_but_through_its_one_function() -> None:
    """No other module makes, changes or deletes an Entry, or names its table in SQL.

    `restoring` is the one exception: it gives the city's key anew in an archive that it brings in.
    """
    guilty = []
    for path in sources():
        text = path.read_text(encoding="utf-8")
        if "audit_entry" in text and path.name != "restoring.py":
            guilty.append(path)
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Entry":
                guilty.append(path)
            names = {"update", "delete", "bulk_create", "bulk_update", "create", "_raw_delete"}
            if (
                isinstance(node, ast.Attribute)
                and node.attr in names
                and (
                    "history_of" in ast.unparse(node) or re.search(r"\bEntry\.", ast.unparse(node))
                )
            ):
                guilty.append(path)
    assert len(sources()) > 100
    assert guilty == []
