"""The values that branding consists of, as one JSON object."""

from typing import Any

from tenants.models import City

FIELDS = (
    "logo",
    "accent_light",
    "accent_dark",
    "contact_email",
    "contact_phone",
    "police_site_url",
    "languages",
    "wording",
)
# Told in the journal as changed, never with the value: an address may be a person's.
UNTOLD = frozenset({"contact_email", "contact_phone", "wording"})


def values_of(city: City) -> dict[str, Any]:
    """What the city has now."""
    return {name: getattr(city, name) for name in FIELDS}


def changed(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Names of the values that differ."""
    return [name for name in FIELDS if old[name] != new[name]]
