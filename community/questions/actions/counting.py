"""Keeps the cells of the map true, in the transaction of the change that moves, shows or hides."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from community.questions.models import Question

logger = logging.getLogger(__name__)

# Published questions with their finest cell: 2^18 cells of 360 (240) degrees, see `cells`.
_PLACED = """
    SELECT id, topic_id, state,
           floor((lon + 180) * 262144 / 360)::int AS x, floor((lat + 90) * 262144 / 240)::int AS y,
           round(lat * 1000000)::bigint AS lat, round(lon * 1000000)::bigint AS lon
    FROM questions_question WHERE state IN ('published', 'answered')
"""
# In the order of the key, so that two changes at once cannot wait for each other.
_ADD = """
    INSERT INTO questions_cell
        (level, x, y, topic_id, state, number, lat_sum, lon_sum, id_sum)
    SELECT level, x >> (18 - level), y >> (18 - level), topic_id, state,
           sum(n), sum(n * lat), sum(n * lon), sum(n * id)
    FROM ({placed}) AS placed, generate_series(9, 18) AS level
    GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0 OR sum(n * lat) <> 0 OR sum(n * lon) <> 0
    ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (level, x, y, topic_id, state) DO UPDATE SET
        number = questions_cell.number + EXCLUDED.number,
        lat_sum = questions_cell.lat_sum + EXCLUDED.lat_sum,
        lon_sum = questions_cell.lon_sum + EXCLUDED.lon_sum,
        id_sum = questions_cell.id_sum + EXCLUDED.id_sum
"""
_ALL = f"SELECT 1 AS n, placed.* FROM ({_PLACED}) AS placed"  # noqa: S608 - constants alone
_CHANGE = """
    SELECT * FROM (VALUES {rows}) AS given (n, id, topic_id, state, x, y, lat, lon)
"""
_VALUES = "(%s, %s::bigint, %s::bigint, %s, %s::int, %s::int, %s::bigint, %s::bigint)"
_DROP_EMPTY = """
    DELETE FROM questions_cell USING generate_series(9, 18) AS one
    WHERE level = one AND x = %s >> (18 - one) AND y = %s >> (18 - one)
      AND topic_id = %s AND state = %s AND number = 0
"""
_DIFFERS = """
    SELECT EXISTS (
        SELECT FROM questions_tally t WHERE t.state IN ('published', 'answered') AND t.number <>
            (SELECT coalesce(sum(c.number), 0) FROM questions_cell c
             WHERE c.level = 9 AND c.state = t.state)
    )
"""
# The same of each topic: how many, which and where. Reads all published questions.
_DIFFERS_CLOSELY = f"""
    SELECT EXISTS (
        SELECT FROM (
            SELECT topic_id, state, number, id_sum, lat_sum, lon_sum
            FROM questions_cell WHERE level = 9
            UNION ALL SELECT topic_id, state, -1, -id, -lat, -lon FROM ({_PLACED}) AS placed
        ) AS each GROUP BY topic_id, state
        HAVING sum(number) <> 0 OR sum(id_sum) <> 0 OR sum(lat_sum) <> 0 OR sum(lon_sum) <> 0
    )
"""  # noqa: S608 - constants alone

_Row = tuple[Any, ...]


def _placed(question: Question) -> list[_Row]:
    """The question as it stands in the database; nothing when it is not on the map."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_PLACED} AND id = %s", [question.pk])
        return list(cursor.fetchall())


@contextmanager
def cells_follow(question: Question) -> Iterator[None]:
    """Around the `save` of a question that is locked: takes it from its old cells to its new."""
    before = _placed(question)
    yield
    changes = [(-1, *row) for row in before] + [(1, *row) for row in _placed(question)]
    if not changes:
        return
    rows = ", ".join([_VALUES] * len(changes))
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD.format(placed=_CHANGE.format(rows=rows)),
            [value for change in changes for value in change],
        )
        for _id, topic, state, x, y, _lat, _lon in before:
            cursor.execute(_DROP_EMPTY, [x, y, topic, state])


@transaction.atomic
def recount_cells() -> None:
    """All cells anew from the questions. Maps go on; changes of questions wait till it is done."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE questions_cell IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("DELETE FROM questions_cell")
        cursor.execute(_ADD.format(placed=_ALL))


def mend_cells(*, closely: bool = False) -> bool:
    """Counts anew when the cells differ from the tally, or `closely` from the questions, as after a
    release whose old processes still worked when the table was there; returns whether they did."""
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERS_CLOSELY if closely else _DIFFERS)
        (differs,) = cursor.fetchone()
    if differs:
        logger.warning("The cells of the map are wrong: they are counted anew.")
        recount_cells()
    return bool(differs)
