"""Originals of photos stored before photos were written anew: as they were sent, place and all."""

from collections.abc import Iterator
from enum import StrEnum
from io import BytesIO
from secrets import token_hex
from uuid import UUID

from django.core.files.storage import default_storage

from bezpechne.kernel.images import ImageRefused, is_bare, process
from bezpechne.kernel.stored import StorageUnavailable
from community.questions.models import Photo

_PAGE = 500
# A photo that is being looked at: its key in the database, the one in its name, the file.
Row = tuple[int, UUID, str]


class Outcome(StrEnum):
    """What became of one original."""

    REWRITTEN = "rewritten"
    BARE = "without metadata already"
    GONE = "gone meanwhile"
    MISSING = "missing"
    UNREADABLE = "unreadable, kept as it is"
    DIFFERENT = "not stored as written, kept as it is"
    LEFT = "rewritten, the old file could not be removed"


WRONG = frozenset({Outcome.MISSING, Outcome.UNREADABLE, Outcome.DIFFERENT, Outcome.LEFT})


def strip_originals(*, write: bool) -> Iterator[tuple[str, Outcome]]:
    """Name and outcome of every original of the city in force; without `write` nothing changes.

    A killed run is repeated: what was rewritten is bare. Raises StorageUnavailable.
    """
    last = 0
    while rows := _page(last):
        for row in rows:
            yield row[2], _strip(row, write=write)
        last = rows[-1][0]


def _page(after: int) -> list[Row]:
    rows = Photo.objects.filter(pk__gt=after).order_by("pk")
    return list(rows.values_list("pk", "key", "original")[:_PAGE])


def _strip(row: Row, *, write: bool) -> Outcome:
    pk, key, name = row
    try:
        with default_storage.open(name) as stored:
            content = stored.read()
    except FileNotFoundError:
        return (
            Outcome.MISSING if Photo.objects.filter(pk=pk, original=name).exists() else Outcome.GONE
        )
    if is_bare(content):
        return Outcome.BARE
    try:
        kept = process(BytesIO(content), len(content)).kept
    except ImageRefused:
        return Outcome.UNREADABLE
    return _switch(pk, key, name, kept) if write else Outcome.REWRITTEN


def _switch(pk: int, key: UUID, name: str, kept: bytes) -> Outcome:
    """The new file, then the row, then the old one away: a row names a whole file at any moment.

    What a process killed in between leaves has no row and is swept.
    """
    # A name of its own, which the sweeping knows by the key.
    fresh = f"photos/{key.hex[:2]}/{key.hex}-original-{token_hex(4)}.bin"
    # On the disk itself before the old one goes: a power cut leaves a whole file.
    default_storage.place(fresh, BytesIO(kept))  # type: ignore[attr-defined] # both of ours have it
    if not _is_stored(fresh, kept):
        _remove(fresh)
        return Outcome.DIFFERENT
    if not Photo.objects.filter(pk=pk, original=name).update(original=fresh):
        _remove(fresh)
        return Outcome.GONE
    return Outcome.REWRITTEN if _remove(name) else Outcome.LEFT


def _is_stored(name: str, content: bytes) -> bool:
    """Read back from the storage, byte for byte."""
    try:
        with default_storage.open(name) as stored:
            return bool(stored.read() == content)
    except FileNotFoundError:
        return False


def _remove(name: str) -> bool:
    """Whether it is gone. What the storage keeps has no row; the sweeping tries again later."""
    try:
        default_storage.delete(name)
    except StorageUnavailable:
        return False
    return True
