"""Runs the reports' SQL: their own tables, constant text, and the condition of a lens."""

import re
from collections.abc import Mapping
from typing import Any

from django.db import connection

from billing.reports.lens import Lens
from billing.reports.period import Period

Row = tuple[Any, ...]
_LENS = re.compile(r"LENS\(([\w.:]+), ([\w.:]+)\)")


def rows(sql: str, lens: Lens, period: Period, more: Mapping[str, Any] | None = None) -> list[Row]:
    """All rows of one statement.

    `LENS(payer, account)` in it names two columns and becomes the condition of the lens. Raises
    ValueError for a statement without one: it would show everybody's money.
    """
    sql, seen = _LENS.subn(lambda found: lens.where(found[1], found[2]), sql)
    if not seen:
        raise ValueError("A statement of a report does not ask who reads it.")
    with connection.cursor() as cursor:
        cursor.execute(sql, {**lens.values, **period.values, **(more or {})})
        found: list[Row] = cursor.fetchall()
    return found
