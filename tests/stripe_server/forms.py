"""Bodies as the library sends them: `items[0][price]=price_1`."""

from typing import Any
from urllib.parse import parse_qsl


def parsed(text: str) -> dict[str, Any]:
    """Nested dictionaries; those whose names are 0, 1, 2 … become lists."""
    found: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        first, *rest = name.replace("]", "").split("[")
        place = found
        for part, after in zip([first, *rest], [*rest, None], strict=True):
            if after is None:
                place[part] = value
            else:
                place = place.setdefault(part, {})
    return {name: _listed(value) for name, value in found.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(part) for name, part in value.items()}
    if inner and all(name.isdigit() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner
