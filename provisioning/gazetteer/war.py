"""What the gazetteer can tell about occupation: Crimea, and oblasts that are occupied in part."""

import json
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "war.json"
OCCUPIED, PARTLY = "occupied", "partly"


@cache
def _prefixes() -> dict[str, tuple[str, ...]]:
    data = json.loads(_FILE.read_text(encoding="utf-8"))
    return {kind: tuple(data[kind]) for kind in (OCCUPIED, PARTLY)}


def occupation_of(code: str) -> str:
    """`occupied`, `partly` (the hromada may be; an operator has to know) or nothing."""
    return next((kind for kind, codes in _prefixes().items() if code.startswith(codes)), "")
