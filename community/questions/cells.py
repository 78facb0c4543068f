"""Cells of the map: what a busy city shows instead of thousands of pins.

At a level there are 2^level cells around the earth. A cell is two thirds as high as wide, in
degrees, which is nearly a square on a web map at the latitudes of Ukraine; each level halves the
one before. Plain arithmetic, so that Python and PostgreSQL cut at the very same lines.
"""

from dataclasses import dataclass

from tenants.geometry import Bounds

FIRST, FINEST = 9, 18
# A cell of level zoom + 2 is 64 pixels wide, and up to 90 before the next whole zoom.
ZOOM_TO_LEVEL = 2
# From here on a map shows each question by itself.
SINGLE_ZOOM = FINEST - ZOOM_TO_LEVEL + 1
# More cells than the largest screen has are not read, whatever a request says.
MOST_ACROSS = 64
WIDE, HIGH = 360, 240


def column(lon: float, level: int) -> int:
    return int((lon + 180) * 2**level / WIDE)


def row(lat: float, level: int) -> int:
    return int((lat + 90) * 2**level / HIGH)


@dataclass(frozen=True)
class Window:
    """The cells of one level that a box of the map touches, both ends included."""

    level: int
    columns: range
    rows: range

    @classmethod
    def of(cls, bounds: Bounds, zoom: float) -> "Window":
        level = max(FIRST, min(FINEST, int(zoom) + ZOOM_TO_LEVEL))
        while level > FIRST and cls._cut(bounds, level)._across > MOST_ACROSS:
            level -= 1
        return cls._cut(bounds, level)

    @classmethod
    def _cut(cls, bounds: Bounds, level: int) -> "Window":
        return cls(
            level,
            range(column(bounds.west, level), column(bounds.east, level) + 1),
            range(row(bounds.south, level), row(bounds.north, level) + 1),
        )

    @property
    def _across(self) -> int:
        return max(len(self.columns), len(self.rows))


def box_of(level: int, x: int, y: int) -> Bounds:
    """The sides of a cell in degrees."""
    wide, high = WIDE / 2**level, HIGH / 2**level
    return Bounds(x * wide - 180, y * high - 90, (x + 1) * wide - 180, (y + 1) * high - 90)
