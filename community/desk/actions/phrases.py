"""Phrases: written, changed, deleted by the desk."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.actors import Actor
from bezpechne.kernel.audit.models import record
from bezpechne.kernel.seen import ChangedMeanwhile
from community.desk.models import Phrase
from community.desk.phrases import usual_rows

FIELDS = ("kind", "topic_id", "title", "text_uk", "text_en")
MOST = 100


@transaction.atomic
def save_phrase(*, by: Actor, phrase: Phrase, values: dict[str, Any], seen: int = 0) -> Phrase:
    """Creates or changes one; `seen` is the version that the form showed."""
    by.require(Permission.MODERATE)
    created = phrase.pk is None
    if not created:
        phrase = Phrase.objects.select_for_update().get(pk=phrase.pk)
        if seen and seen != phrase.version:
            raise ChangedMeanwhile(
                _("Somebody changed this phrase while you were writing. Compare and save again.")
            )
        phrase.version += 1
    old = {} if created else {field: getattr(phrase, field) for field in FIELDS}
    topic = values.get("topic")
    given = {**values, "topic_id": topic.pk if topic else None}
    for field in FIELDS:
        setattr(phrase, field, given.get(field, ""))
    if created:
        phrase.position = Phrase.objects.count()
    phrase.save()
    new = {field: getattr(phrase, field) for field in FIELDS}
    changed = [field for field in FIELDS if old.get(field) != new[field]]
    record(
        by=by,
        subject=phrase,
        action="phrase_created" if created else "phrase_changed",
        old={field: old[field] for field in changed if field in old},
        new={field: new[field] for field in changed},
    )
    return phrase


@transaction.atomic
def delete_phrase(*, by: Actor, phrase: Phrase) -> None:
    """The history keeps its words; forms that were sent with them stay as they are."""
    by.require(Permission.MODERATE)
    record(
        by=by,
        subject=phrase,
        action="phrase_deleted",
        old={field: getattr(phrase, field) for field in FIELDS},
    )
    phrase.delete()


@transaction.atomic
def add_usual(*, by: Actor) -> int:
    """The phrases that a new city starts with, but those whose title is there; returns how many."""
    by.require(Permission.MODERATE)
    known = set(Phrase.objects.select_for_update().values_list("kind", "title"))
    rows = [row for row in usual_rows() if (row.kind, row.title) not in known]
    made = Phrase.objects.bulk_create(rows, ignore_conflicts=True)
    return len(made)
