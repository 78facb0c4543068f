"""What a city does and uses, as numbers: for the console now, for bills later.

Two sources. A *meter* is a function that an app registers; `read` evaluates all of them inside the
city in force. A *counter* is a row in `public` for a schema, a name and a day: whoever causes
something adds to it, so that the sum costs one look-up and no visit to the city.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime

from django.db import connection

from bezpechne.kernel import clock
from bezpechne.kernel.schema import current_schema

# None: not known now. A figure that no meter gives is not measured at all.
Figure = int | datetime | None
Meter = Callable[[], Mapping[str, Figure]]
MAILS, FILE_BYTES = "mails", "file_bytes"
# The day of a counter that runs on for ever.
ALWAYS = date.min
# Before the name of a figure of a whole month.
MONTH = "month."
# What an app knows of months: by first day and name, as `months_of` gives it; None: not known.
Months = Mapping[tuple[date, str], int | None]

_meters: dict[str, Meter] = {}

_ADD = """
INSERT INTO public.kernel_counter AS c (schema, name, day, value)
VALUES (%s, %s, %s, greatest(%s, 0))
ON CONFLICT (schema, name, day) DO UPDATE SET value = greatest(c.value + %s, 0)
"""
_PUT = """
INSERT INTO public.kernel_counter (schema, name, day, value) VALUES (%s, %s, %s, %s)
ON CONFLICT (schema, name, day) DO UPDATE SET value = EXCLUDED.value
"""

# One statement for any number of months; a figure that is not known any more goes.
_PUT_MONTHS = """
WITH given AS (
  SELECT * FROM unnest(%s::date[], %s::text[], %s::bigint[]) AS g (day, name, value)
), gone AS (
  DELETE FROM public.kernel_counter c USING given g
  WHERE c.schema = %s AND c.name = g.name AND c.day = g.day AND g.value IS NULL
)
INSERT INTO public.kernel_counter (schema, name, day, value)
SELECT %s, name, day, value FROM given WHERE value IS NOT NULL ORDER BY day, name
ON CONFLICT (schema, name, day) DO UPDATE SET value = EXCLUDED.value
"""


def meter(group: str) -> Callable[[Meter], Meter]:
    """Registers a function that gives several figures of one subject: `staff` → `staff.moderators`.

    It runs inside a city and must be cheap whatever the city's size: tallies, indexed look-ups.
    """

    def register(function: Meter) -> Meter:
        _meters[group] = function
        return function

    return register


def read() -> dict[str, Figure]:
    """All figures of the city in force, by `group.name`."""
    return {
        f"{group}.{name}": figure
        for group, function in _meters.items()
        for name, figure in function().items()
    }


def add(name: str, amount: int, *, day: date = ALWAYS, schema: str = "") -> None:
    """Changes a counter in the transaction in force; it never falls below zero.

    The row stays locked until that transaction ends: call it last.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [schema or current_schema(), name, day, amount, amount])


def put(name: str, value: int, *, day: date = ALWAYS, schema: str = "") -> None:
    """Sets a counter to what was measured."""
    with connection.cursor() as cursor:
        cursor.execute(_PUT, [schema or current_schema(), name, day, value])


def put_months(figures: Months, *, schema: str = "") -> None:
    """Sets figures of whole months, for `months_of`; what is None is forgotten."""
    keys = sorted(figures)
    schema = schema or current_schema()
    with connection.cursor() as cursor:
        cursor.execute(
            _PUT_MONTHS,
            [
                [month for month, _name in keys],
                [f"{MONTH}{name}" for _month, name in keys],
                [figures[key] for key in keys],
                schema,
                schema,
            ],
        )


def counted(name: str, *, day: date = ALWAYS) -> int:
    """A counter of the schema in force; 0 when nothing was counted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT value FROM public.kernel_counter WHERE schema = %s AND name = %s AND day = %s",
            [current_schema(), name, day],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def months_of(
    schemas: Collection[str], names: Collection[str], first: date, last: date
) -> dict[tuple[str, date, str], int]:
    """Monthly figures of many cities at once: one query.

    A month's figure stands as the counter `month.<name>` on the month's first day. By schema, month
    and name without the prefix; what was not measured is absent.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT schema, day, name, value FROM public.kernel_counter"
            " WHERE schema = ANY(%s) AND name = ANY(%s) AND day BETWEEN %s AND %s",
            [list(schemas), [f"{MONTH}{name}" for name in names], first, last],
        )
        rows = cursor.fetchall()
    return {
        (schema, day, name.removeprefix(MONTH)): int(value) for schema, day, name, value in rows
    }


@meter("usage")
def usage() -> dict[str, Figure]:
    """The kernel's own counters."""
    return {
        "file_bytes": counted(FILE_BYTES),
        "mails_today": counted(MAILS, day=clock.today()),
    }
