"""Writes down what the platform's people do, in `public` and, where a city is concerned, there too."""

from typing import Any

from django_tenants.utils import tenant_context

from bezpechne.kernel.actors import Actor
from bezpechne.kernel.audit.models import record
from bezpechne.kernel.schema import PUBLIC, in_schema
from provisioning.journal_words import WORDS
from provisioning.models import JournalEntry
from tenants.models import City


def note(
    *, by: Actor, action: str, city: City | None = None, reason: str = "", **detail: Any
) -> None:
    """Call it inside the transaction of the action. A city's people see what was done to it.

    Raises LookupError for an action without words.
    """
    if action not in WORDS:
        raise LookupError(action)
    with in_schema(PUBLIC):
        JournalEntry.objects.create(
            actor_kind=by.kind,
            actor_id=by.id,
            slug=city.slug if city else "",
            city_id=city.pk if city else None,
            action=action,
            reason=reason,
            detail=detail,
        )
    if city is not None:
        with tenant_context(city):
            record(by=by, subject=city, action=action, new=detail, note=reason)
