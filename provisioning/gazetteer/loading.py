"""Brings the gazetteer and the outlines of hromadas into the database (public schema)."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from django.db import transaction

from bezpechne.kernel.sorting import ukrainian_key
from provisioning.gazetteer.boundaries import BoundaryError, Outline, read_outlines
from provisioning.gazetteer.codifier import HROMADA, LEFT_OUT
from provisioning.gazetteer.places import COLUMNS, Place, read_places
from provisioning.models import Hromada, Trust

_BATCH = 100
_BOUNDS = ("west", "south", "east", "north")

# Called with (rows done, rows in all).
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class BoundaryReport:
    """What `load_boundaries` did.

    `matched` counts hromadas that got their outline, `placed` those among them whose point now
    comes from it. `unmatched` holds the file's keys (9 characters) that the gazetteer does not
    know, without the `left_out` ones of Crimea; `without_outline` the codes that still have none.
    """

    matched: int
    placed: int
    left_out: int
    unmatched: tuple[str, ...]
    without_outline: tuple[str, ...]


def load_gazetteer() -> int:
    """Write the gazetteer's rows to the database and return their number.

    May be repeated: outlines, bounds and the points taken from outlines stay. Rows that the
    gazetteer no longer holds stay too, because a city may have been provisioned from them.
    """
    with transaction.atomic():
        from_outline = {
            row.code: row for row in Hromada.objects.filter(trust=Trust.OUTLINE).only("lat", "lon")
        }
        rows = [_row(place, from_outline.get(place.code)) for place in read_places()]
        # One statement, so that the deferrable uniqueness of slugs sees only the result.
        Hromada.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=[*(column for column in COLUMNS if column != "code"), "name_sort"],
        )
    return len(rows)


def load_boundaries(path: Path, progress: Progress | None = None) -> BoundaryReport:
    """Write the outlines of a COD-AB file (GeoJSON) to the hromadas that it names.

    The whole file is checked before the first row is written. Rows whose centre has no trusted
    point get one inside their outline, with the trust `outline`. Raises BoundaryError when the
    file is not what it should be or names no hromada of the gazetteer.
    """
    outlines = read_outlines(path)
    with transaction.atomic():
        rows = {row.code[:HROMADA]: row for row in Hromada.objects.defer("outline")}
        matched = [(rows[key], outline) for key, outline in outlines.items() if key in rows]
        if not matched:
            raise BoundaryError(
                f"{path.name} names no hromada of the gazetteer. Is it the file of hromadas "
                "(admin level 3), and was the gazetteer loaded before (load_gazetteer)?"
            )
        placed = sum(_take_over(row, outline) for row, outline in matched)
        _save([row for row, _ in matched], progress)
        without = (
            Hromada.objects.filter(outline__isnull=True)
            .order_by("code")
            .values_list("code", flat=True)
        )
    strangers = sorted(key for key in outlines if key not in rows)
    return BoundaryReport(
        matched=len(matched),
        placed=placed,
        left_out=sum(key.startswith(LEFT_OUT) for key in strangers),
        unmatched=tuple(key for key in strangers if not key.startswith(LEFT_OUT)),
        without_outline=tuple(without),
    )


def _row(place: Place, from_outline: Hromada | None) -> Hromada:
    row = Hromada(**asdict(place), name_sort=ukrainian_key(place.name_uk))
    if row.lat is None and from_outline is not None:
        row.lat, row.lon, row.trust = from_outline.lat, from_outline.lon, Trust.OUTLINE
    return row


def _take_over(row: Hromada, outline: Outline) -> bool:
    """Put the outline into the row; say whether the row's point comes from it."""
    row.outline = outline.geometry
    row.west, row.south, row.east, row.north = outline.bounds
    if row.trust not in {Trust.MISSING, Trust.MISPLACED, Trust.OUTLINE}:
        return False
    row.lon, row.lat = outline.inside
    row.trust = Trust.OUTLINE
    return True


def _save(rows: list[Hromada], progress: Progress | None) -> None:
    fields = ["outline", *_BOUNDS, "lat", "lon", "trust"]
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        Hromada.objects.bulk_update(batch, fields)
        if progress is not None:
            progress(start + len(batch), len(rows))
