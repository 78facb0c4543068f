"""Files that no row names: left by a storage that failed in the middle, or by a killed process.

A file is stored before its row, so that a row always names a whole file; what is left over is
removed here a day later. Each app says which of the names under its folder are in use; what lies in
a folder of nobody is never touched.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta

from django.core.files.storage import default_storage

from bezpechne.kernel import clock
from bezpechne.kernel.schema import current_schema
from bezpechne.kernel.stored import Item

logger = logging.getLogger(__name__)

# Of the names given, those that a row of the schema in force has.
Used = Callable[[list[str]], set[str]]
# An upload, a restored city: rows follow their files within it.
KEPT = timedelta(hours=24)
BATCH = 500
# More at once, and more than a tenth of all, is a wrong bucket or a wrong database, not litter.
FEW = 100

_folders: dict[str, Used] = {"doctor/": lambda names: set()}


def folder(prefix: str) -> Callable[[Used], Used]:
    """Registers what says which files under `prefix` are in use."""

    def register(function: Used) -> Used:
        _folders[prefix] = function
        return function

    return register


def tidy() -> int:
    """Deletes forgotten files of the schema in force; returns the bytes that are stored after it.

    Lists everything: for nightly work. Raises StorageUnavailable.
    """
    total = count = 0
    old: list[Item] = []
    before = clock.now() - KEPT
    for item in default_storage.items():  # type: ignore[attr-defined] # both of ours have it
        total, count = total + item.size, count + 1
        if item.modified < before:
            old.append(item)
    lost = list(_unused(old))
    if len(lost) > max(FEW, count // 10):
        logger.error(
            "%s of %s files in %s have no row. None is deleted: is this the right bucket?",
            *[len(lost), count, current_schema()],
        )
        return total
    for item in lost:
        default_storage.delete(item.name)
    if lost:
        logger.info("%s files without a row were deleted.", len(lost))
    return total - sum(item.size for item in lost)


def _unused(items: list[Item]) -> Iterator[Item]:
    for prefix, used in _folders.items():
        mine = [item for item in items if item.name.startswith(prefix)]
        for start in range(0, len(mine), BATCH):
            some = mine[start : start + BATCH]
            kept = used([item.name for item in some])
            yield from (item for item in some if item.name not in kept)
