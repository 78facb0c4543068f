"""The city's own row, its domains and its journal, which stand outside its schema."""

import json
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from bezpechne.kernel import clock
from provisioning.models import JournalEntry
from provisioning.portability.refusals import RestoreRefused
from tenants.models import City, Domain

# Said anew where the city is restored.
_OWN = {"id", "tenant"}


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def as_data(row: models.Model) -> dict[str, Any]:
    """Values by field, fit for JSON; dates with their microseconds, which Django's encoder drops."""
    values = {
        field.name: field.value_from_object(row)
        for field in row._meta.concrete_fields
        if field.name not in _OWN
    }
    return dict(json.loads(json.dumps(values, default=_text)))


def fill(row: models.Model, data: dict[str, Any]) -> list[str]:
    """Sets what this release knows of `data`; returns the names that it does not know."""
    fields = {field.name: field for field in row._meta.concrete_fields if field.name not in _OWN}
    for name in fields.keys() & data.keys():
        try:
            setattr(row, name, fields[name].to_python(data[name]))
        except (ValidationError, TypeError, ValueError) as error:
            kind = row._meta.model_name
            raise RestoreRefused(f"“{name}” of the {kind} in the archive is no value.") from error
    return sorted(data.keys() - fields.keys() - {"id"})


def journal_of(city: City) -> list[dict[str, Any]]:
    """What the platform did to the city, oldest first."""
    return [as_data(entry) for entry in JournalEntry.objects.filter(city_id=city.pk).order_by("id")]


def same_installation(number: Any, slug: str) -> bool:
    """Whether the journal here knows the city by this number: it lived here before."""
    return type(number) is int and JournalEntry.objects.filter(city_id=number, slug=slug).exists()


def bring_journal(city: City, entries: list[dict[str, Any]], source: str) -> None:
    """Entries of another installation; people's numbers there mean nobody here."""
    for data in entries:
        entry = JournalEntry()
        fill(entry, data)
        entry.actor_id, entry.city_id = None, city.pk
        entry.detail = {**entry.detail, "brought_from": source}
        try:
            entry.clean_fields(exclude=["actor_id", "detail"])
        except ValidationError as error:
            raise RestoreRefused("The journal in the archive is not this product's.") from error
        entry.save()


def here(name: str, base_host: str) -> str:
    """The same subdomain of this installation; a city's own domain stays as it is."""
    end = f".{base_host}"
    return name.removesuffix(end) + f".{settings.BASE_HOST}" if name.endswith(end) else name


def make_domains(city: City, entries: list[dict[str, Any]], base_host: str) -> list[str]:
    """The city's address and those it had; returns sentences about what needs an eye.

    A domain of its own is not served until its owner shows again that it is theirs.
    """
    main = f"{city.slug}.{settings.BASE_HOST}"
    Domain(domain=main, tenant=city, is_primary=True).save()
    said = []
    for data in entries:
        row = Domain()
        fill(row, data)
        row.domain = here(row.domain, base_host)
        if row.domain == main:
            continue
        if Domain.objects.filter(domain=row.domain).exists():
            said.append(f"{row.domain} belongs to another city here and was left out.")
            continue
        row.tenant, row.is_primary = city, False
        if row.domain.endswith(f".{settings.BASE_HOST}"):
            row.verified_at = clock.now()
        else:
            row.verified_at = row.checked_at = None
            row.check_error = ""
            said.append(f"{row.domain} must be verified again before it is served.")
        row.full_clean()
        row.save()
    return said
