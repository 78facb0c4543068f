"""What concerns all files of a city at once, whatever the storage."""

import re

from django.core.files.storage import default_storage

# A whole city's prefix and never more: no separator, no blank, not `public`.
_CITY = re.compile(r"(?!public$)[a-z][a-z0-9_]*")


def remove_city_files(schema: str) -> None:
    """Removes all files of a city, for good; may be repeated after a crash."""
    if not _CITY.fullmatch(schema):
        raise ValueError(f"{schema!r} is no city's schema.")
    default_storage.remove_city(schema)  # type: ignore[attr-defined] # both of ours have it
