"""What the address of a list asks for, read and written."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode


def query(values: Mapping[str, Any], **changes: Any) -> str:
    """`?state=trial&page=2`, without what is blank."""
    chosen = {name: value for name, value in {**values, **changes}.items() if value}
    return f"?{urlencode(chosen)}" if chosen else "?"


def text_of(given: Mapping[str, str], name: str, most: int = 100) -> str:
    """A parameter as text that PostgreSQL can look for."""
    return given.get(name, "").replace("\x00", "").strip()[:most]


def number_of(given: Mapping[str, str], name: str, default: int = 0) -> int:
    """A parameter as a number from 0 to bigint's end; anything else is the default."""
    text = given.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else default


def day_of(given: Mapping[str, str], name: str) -> date | None:
    """A parameter as a day, None when it is none."""
    try:
        return date.fromisoformat(given.get(name, ""))
    except ValueError:
        return None
