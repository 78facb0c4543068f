"""What concerns all files of a city at once, whatever the storage."""

import logging
import re

from django.core.files.storage import default_storage
from django.db.models.fields.files import FieldFile

from bezpechne.kernel.stored import StorageUnavailable

logger = logging.getLogger(__name__)

# A whole city's prefix and never more: no separator, no blank, not `public`.
_CITY = re.compile(r"(?!public$)[a-z][a-z0-9_]*")


def remove_city_files(schema: str) -> None:
    """Removes all files of a city, for good; may be repeated after a crash."""
    if not _CITY.fullmatch(schema):
        raise ValueError(f"{schema!r} is no city's schema.")
    default_storage.remove_city(schema)  # type: ignore[attr-defined] # both of ours have it


def remove_quietly(*files: FieldFile) -> None:
    """Deletes files whose row is gone; what a storage that fails keeps is swept within days."""
    try:
        for file in files:
            file.delete(save=False)
    except StorageUnavailable as error:
        logger.warning("Files without a row stay until the next sweep: %s", error.reason)
