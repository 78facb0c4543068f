"""Writes down the SQL of migrations while Django runs them once, to be replayed in each city."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from django.db import connection
from django.db.migrations import RunPython, SeparateDatabaseAndState
from django.db.migrations.operations.base import Operation
from psycopg import ClientCursor

# Questions to the catalogue and the transaction's own words; `SELECT setval(…)` is no question.
_PASSING = re.compile(
    r"\s*(?:SELECT\b(?!\s+setval\b)|SAVEPOINT|RELEASE|ROLLBACK|SET\s+search_path)", re.IGNORECASE
)


class Recorder:
    """A wrapper for `connection.execute_wrapper`; `statements` are whole, with their values."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def __call__(
        self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any
    ) -> Any:
        result = execute(sql, params, many, context)
        text = sql if isinstance(sql, str) else sql.as_string(connection.connection)
        if not _PASSING.match(text):
            self.statements += [_whole(text, values) for values in (params if many else [params])]
        return result

    @property
    def sql(self) -> str:
        return "".join(f"{statement};\n" for statement in self.statements)


def _whole(text: str, values: Any) -> str:
    """The statement as the server gets it."""
    if values is None:
        return text.rstrip().rstrip(";")
    return str(ClientCursor(connection.connection).mogrify(text, values)).rstrip().rstrip(";")


def recording(recorder: Recorder) -> AbstractContextManager[None]:
    """While it lasts, what this thread's connection writes is kept."""
    return connection.execute_wrapper(recorder)


def holds_python(operations: list[Operation]) -> bool:
    """Whether an operation looks at rows: then each city goes its way by itself."""
    return any(
        (isinstance(operation, RunPython) and operation.code is not RunPython.noop)
        or (
            isinstance(operation, SeparateDatabaseAndState)
            and holds_python(list(operation.database_operations))
        )
        for operation in operations
    )
