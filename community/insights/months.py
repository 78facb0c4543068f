"""Figures of a city's months, counted from its rows."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import connection

from bezpechne.kernel import clock, metering
from community.questions.states import QuestionState
from community.timesheet import months
from community.timesheet.meters import recount_all

# One pass for each table; `arrived` has the askers of the month alone.
_COUNT = """
WITH question AS (
  SELECT
    count(*) FILTER (WHERE confirmed_at >= %(start)s AND confirmed_at < %(end)s) AS received,
    count(*) FILTER (WHERE published_at >= %(start)s AND published_at < %(end)s) AS published,
    count(*) FILTER (WHERE published_at >= %(start)s AND published_at < %(end)s
      AND answered_at IS NOT NULL) AS published_answered,
    count(*) FILTER (WHERE answered_at >= %(start)s AND answered_at < %(end)s) AS answered,
    percentile_cont(ARRAY[0.5, 0.9])
      WITHIN GROUP (ORDER BY extract(epoch FROM answered_at - confirmed_at) / 3600)
      FILTER (WHERE answered_at >= %(start)s AND answered_at < %(end)s) AS waits
  FROM questions_question
), rejection AS (
  SELECT count(DISTINCT q.id) AS rejected
  FROM audit_entry e JOIN questions_question q ON q.id = e.subject_id AND q.state = %(rejected)s
  WHERE e.subject = 'question' AND e.action = 'rejected' AND e.at >= %(start)s AND e.at < %(end)s
), arrived AS (
  SELECT a.email, min(q.confirmed_at) AS first_at
  FROM questions_asker a JOIN questions_question q ON q.id = a.question_id
  WHERE q.confirmed_at >= %(start)s AND q.confirmed_at < %(end)s GROUP BY a.email
), resident AS (
  SELECT count(*) AS asked, count(*) FILTER (WHERE EXISTS (
    SELECT FROM questions_asker a JOIN questions_question q ON q.id = a.question_id
    WHERE a.email = arrived.email AND q.confirmed_at < arrived.first_at)) AS returned
  FROM arrived
)
SELECT received, published, published_answered, answered, rejected, asked, returned,
  round(waits[1]), round(waits[2])
FROM question, rejection, resident
"""
NAMES = (
    "questions.received",
    "questions.published",
    "questions.published_answered",
    "questions.answered",
    "questions.rejected",
    "residents.asked",
    "residents.returned",
    "answers.wait_hours_median",
    "answers.wait_hours_p90",
)


def figures_of(month: date) -> dict[str, int | None]:
    """One statement; None where a month without answers has no median."""
    start, end = months.moments_of(month)
    given: dict[str, datetime | str] = {
        "start": start,
        "end": end,
        "rejected": QuestionState.REJECTED.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, given)
        row = cursor.fetchone()
    return {
        name: None if value is None else int(value) for name, value in zip(NAMES, row, strict=True)
    }


def recount(which: Iterable[date]) -> None:
    """Counts these months anew; as often as one likes."""
    metering.put_months(
        {(month, name): value for month in which for name, value in figures_of(month).items()}
    )


def recount_last() -> None:
    """The current month and the one before, and all approved hours."""
    month = months.first_of(clock.today())
    recount([months.back(month, 1), month])
    recount_all()
