"""Writes `deploy/environment.md` from settings.py's own calls and their descriptions."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from bezpechne.environment import ABOUT, Variable, about

_HEAD = """# Variables of the environment

Made by `manage.py settings_reference` from
[settings.py](../platform/bezpechne/settings.py) and
[environment.py](../platform/bezpechne/environment.py); do not edit. A switch is `1` or `0`. Blank
counts as absent. *Production*: refuses to start without it. *Secret*: keep it out of files that
others read.
"""


@dataclass(frozen=True)
class Read:
    """One variable as settings.py reads it. `default` is Python source, blank for none."""

    name: str
    default: str = ""
    demanded: bool = False
    switch: bool = False


def _call(node: ast.Call) -> Read | None:
    """The variable that a call reads, if it reads one."""
    asked = ast.unparse(node.func)
    if asked not in {"env", "flag", "required", "os.environ.get"} or not node.args:
        return None
    name = ast.literal_eval(node.args[0])
    default = ast.unparse(node.args[1]) if len(node.args) > 1 and asked != "required" else ""
    return Read(name, default, demanded=asked == "required", switch=asked == "flag")


def variables() -> dict[str, Read]:
    """Every variable that settings.py reads, whatever branch reads it."""
    tree = ast.parse((Path(settings.PACKAGE_DIR) / "settings.py").read_text())
    found: dict[str, Read] = {}
    for node in ast.walk(tree):
        read = _call(node) if isinstance(node, ast.Call) else None
        if read is not None:
            before = found.get(read.name, read)
            found[read.name] = Read(
                read.name,
                read.default or before.default,
                read.demanded or before.demanded,
                read.switch or before.switch,
            )
    return found


def _default(read: Read, described: Variable) -> str:
    if described.default:
        return described.default
    if read.switch:
        return "`1`" if read.default == "True" else "`0`"
    if not read.default:
        return "none"
    # A default that the code computes must be said in words: literal_eval refuses it.
    return f"`{ast.literal_eval(read.default)}`"


def faults() -> list[str]:
    """Variables read and not described, or described and read by nobody."""
    read, described = set(variables()), set(about())
    return [
        *(f"{name}: describe it in bezpechne/environment.py" for name in sorted(read - described)),
        *(f"{name}: settings.py does not read it" for name in sorted(described - read)),
    ]


def _rows(group: dict[str, Variable]) -> Iterator[str]:
    read = variables()
    for name, described in group.items():
        marks = [
            word
            for word, holds in (
                ("production", read[name].demanded),
                ("secret", described.secret),
            )
            if holds
        ]
        default = _default(read[name], described)
        yield f"| `{name}` | {default} | {', '.join(marks)} | {described.what} |"


def text() -> str:
    """The page. Raises KeyError while `faults()` finds some."""
    parts = [_HEAD]
    for title, group in ABOUT.items():
        rows = "\n".join(_rows(group))
        parts.append(f"## {title}\n\n| name | default | | what |\n|---|---|---|---|\n{rows}\n")
    return "\n".join(parts)


def path() -> Path:
    return Path(settings.ROOT_DIR) / "deploy" / "environment.md"
