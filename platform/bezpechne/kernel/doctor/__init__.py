"""Examines an installation: each finding says what is wrong and how to mend it.

The command is `provisioning`'s (`manage.py doctor`), because it also examines cities.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.db import DatabaseError, ProgrammingError, connection

from bezpechne.kernel.logs import mask


class Level(StrEnum):
    """ERROR: something does not work, or will lose data. WARNING: it will, some day."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Finding:
    """`fix` is a sentence that says what to do; blank when nothing is wrong."""

    level: Level
    text: str
    fix: str = ""
    check: str = ""


def ok(text: str) -> Finding:
    return Finding(Level.OK, text)


def warning(text: str, fix: str) -> Finding:
    return Finding(Level.WARNING, text, fix)


def error(text: str, fix: str) -> Finding:
    return Finding(Level.ERROR, text, fix)


@dataclass(frozen=True)
class Check:
    """One thing to look at, under the name that its findings carry."""

    name: str
    look: Callable[[], Iterable[Finding]]
    needs_database: bool = True


def database_answers() -> bool:
    try:
        connection.ensure_connection()
    except DatabaseError:
        return False
    return True


def examine(checks: Iterable[Check]) -> Iterator[Finding]:
    """Findings of all checks in order; one that breaks is a finding and stops no other."""
    answers: bool | None = None
    for check in checks:
        if check.needs_database:
            answers = database_answers() if answers is None else answers
            if not answers:
                continue
        try:
            for found in check.look():
                yield Finding(found.level, found.text, found.fix, check.name)
        except ProgrammingError:
            text, fix = "The tables to look at are missing.", "See the check `migrations`."
            yield Finding(Level.ERROR, text, fix, check.name)
        except Exception as failure:  # noqa: BLE001 - whatever it is, the other checks go on
            text = f"This check broke: {type(failure).__name__}: {mask(str(failure))[:300]}"
            fix = "Mend what the other findings name and try again."
            yield Finding(Level.ERROR, text, fix, check.name)
