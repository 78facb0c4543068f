"""Figures of a city's months, counted from its rows."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import connection
from django.db.models import Count, Q

from bezpechne.kernel import clock, metering
from bezpechne.kernel.audit.models import Entry
from community.answers.models import Rating
from community.questions.models import Question
from community.questions.states import QuestionState
from community.timesheet import months
from community.timesheet.meters import recount_all

# The public sees these figures: of private questions only that they came, and who asked how often,
# is in them.
# One pass for each table; `arrived` has the askers of the month alone.
_COUNT = """
WITH question AS (
  SELECT
    count(*) FILTER (WHERE confirmed_at >= %(start)s AND confirmed_at < %(end)s) AS received,
    count(*) FILTER (WHERE published_at >= %(start)s AND published_at < %(end)s) AS published,
    count(*) FILTER (WHERE published_at >= %(start)s AND published_at < %(end)s
      AND answered_at IS NOT NULL) AS published_answered,
    count(*) FILTER (WHERE answered_at >= %(start)s AND answered_at < %(end)s
      AND NOT is_private) AS answered,
    percentile_cont(ARRAY[0.5, 0.9])
      WITHIN GROUP (ORDER BY extract(epoch FROM answered_at - confirmed_at) / 3600)
      FILTER (WHERE answered_at >= %(start)s AND answered_at < %(end)s AND NOT is_private) AS waits
  FROM questions_question
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
SELECT received, published, published_answered, answered, asked, returned,
  round(waits[1]), round(waits[2])
FROM question, resident
"""
_COUNTED = (
    "questions.received",
    "questions.published",
    "questions.published_answered",
    "questions.answered",
    "residents.asked",
    "residents.returned",
    "answers.wait_hours_median",
    "answers.wait_hours_p90",
)
REJECTED = "questions.rejected"
RATED, HELPED = "answers.rated", "answers.helped"
NAMES = (*_COUNTED, REJECTED, RATED, HELPED)


def figures_of(month: date) -> dict[str, int | None]:
    """Three statements; None where a month without answers has no median."""
    start, end = months.moments_of(month)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"start": start, "end": end})
        row = cursor.fetchone()
    counted = {
        name: None if value is None else int(value)
        for name, value in zip(_COUNTED, row, strict=True)
    }
    marks = Rating.objects.filter(
        rated_at__gte=start, rated_at__lt=end, answer__question__is_private=False
    ).aggregate(rated=Count("id"), helped=Count("id", filter=Q(helped=True)))
    return {
        **counted,
        REJECTED: _rejected(start, end),
        RATED: marks["rated"],
        HELPED: marks["helped"],
    }


def _rejected(start: datetime, end: datetime) -> int:
    """A question does not keep when it was rejected; the history does."""
    rejected = Question.objects.filter(state=QuestionState.REJECTED, is_private=False)
    entries = Entry.objects.filter(
        subject="question", action="rejected", at__gte=start, at__lt=end, subject_id__in=rejected
    )
    return entries.values("subject_id").distinct().count()


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
