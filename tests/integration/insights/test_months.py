"""Figures of months: what is counted in which, and that counting again changes nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bezpechne.kernel import clock, metering
from bezpechne.kernel.activities import Activity
from billing.reports.usage import HOURS, QUESTIONS
from community.answers.actions import answering
from community.answers.models import Answer
from community.insights import months, tasks
from community.questions.actions import moderating
from provisioning import life
from provisioning.provisioning import OPERATOR
from tenants.models import City
from tests.factories import Inside, Make, Maker, RunJobs

APRIL, MAY, JUNE = (date(2026, month, 1) for month in (4, 5, 6))


@contextmanager
def on(month: int, day: int, hour: int = 9) -> Iterator[None]:
    """A moment of 2026 in UTC."""
    with clock.frozen(datetime(2026, month, day, hour, tzinfo=UTC)):
        yield


@pytest.fixture
def made(alpha: City, make: Maker, inside: Inside) -> Any:
    """Poltava, in force for the test."""
    with inside(alpha):
        yield make(alpha)


def stored(city: City, *which: date) -> dict[date, dict[str, int]]:
    """What the platform reads."""
    found = metering.months_of([city.schema_name], months.NAMES, min(which), max(which))
    return {
        month: {name: value for (_, day, name), value in found.items() if day == month and value}
        for month in which
    }


def test_each_thing_is_counted_in_the_month_in_which_it_happened(made: Make, alpha: City) -> None:
    with on(4, 30, 20):
        # Still April in Kyiv; an hour later it is May.
        april = made.question("published", email="a@example.org")
    with on(4, 30, 21):
        made.question("rejected", email="b@example.org")
    with on(5, 2, 20):
        made.answer(april, publish=True)
        made.question("answered", email="a@example.org")
        made.question("unconfirmed", email="c@example.org")
    with on(6, 1):
        made.question("hidden", email="a@example.org")
        made.question("in_moderation", email="d@example.org")
        made.question("in_moderation", email="d@example.org")
    months.recount([APRIL, MAY, JUNE])
    assert stored(alpha, APRIL, MAY, JUNE) == {
        APRIL: {
            "questions.received": 1,
            "questions.published": 1,
            "questions.published_answered": 1,
            "residents.asked": 1,
        },
        MAY: {
            "questions.received": 2,
            "questions.published": 1,
            "questions.published_answered": 1,
            "questions.answered": 2,
            "questions.rejected": 1,
            "residents.asked": 2,
            "residents.returned": 1,
            # 48 hours and none at all.
            "answers.wait_hours_median": 24,
            "answers.wait_hours_p90": 43,
        },
        JUNE: {
            "questions.received": 3,
            "questions.published": 1,
            "residents.asked": 2,
            "residents.returned": 1,
        },
    }


def test_what_is_undone_leaves_the_figures(made: Make, alpha: City) -> None:
    with on(5, 2):
        answered, rejected = made.question("answered"), made.question("rejected")
    months.recount([MAY])
    assert stored(alpha, MAY)[MAY]["questions.answered"] == 1
    answer = Answer.objects.get(question=answered)
    answering.take_back(by=made.moderator.actor, answer=answer, reason="Не те місце")
    moderating.reconsider(by=made.moderator.actor, question=rejected)
    months.recount([MAY])
    assert stored(alpha, MAY)[MAY] == {
        "questions.received": 2,
        "questions.published": 1,
        "residents.asked": 2,
    }


def test_a_month_without_answers_has_no_median(made: Make, alpha: City) -> None:
    metering.put_months({(MAY, "answers.wait_hours_median"): 7, (MAY, "questions.received"): 9})
    months.recount([MAY])
    names = [*months.NAMES]
    found = metering.months_of([alpha.schema_name], names, MAY, MAY)
    assert (alpha.schema_name, MAY, "answers.wait_hours_median") not in found
    # Counted and none, which is not the same as never counted.
    assert found[alpha.schema_name, MAY, "questions.received"] == 0


def test_the_night_counts_two_months_of_every_city(
    alpha: City, beta: City, make: Maker, run_jobs: RunJobs
) -> None:
    for moment in ((3, 5), (4, 5), (5, 5)):
        with on(*moment):
            make(alpha).question("published")
    make(beta)
    with on(5, 31):
        run_jobs()
        tasks.count_everywhere(0)
        assert run_jobs() == 2
    assert [bool(one) for one in stored(alpha, date(2026, 3, 1), APRIL, MAY).values()] == [
        False,
        True,
        True,
    ]
    assert not any(stored(beta, APRIL, MAY).values())


def test_closed_cities_are_left_alone(alpha: City, beta: City, run_jobs: RunJobs) -> None:
    life.archive(by=OPERATOR, city=beta)
    run_jobs()
    tasks.count_everywhere(0)
    assert run_jobs() == 1


def test_counting_costs_the_same_whatever_there_is(made: Make) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            months.recount_last()
        return len(queries)

    for number in (1, 3):
        for _ in range(number):
            made.question("answered")
        made.hours(made.user("moderator"), date(2026, number, 1), "approved")
        if number == 1:
            few = cost()
    assert cost() == few


def test_everything_that_the_reports_read_is_counted() -> None:
    assert set(QUESTIONS) <= set(months.NAMES)
    assert set(HOURS) == {f"hours.{activity}" for activity in Activity.values}
    assert all(len(metering.MONTH + name) <= 40 for name in (*months.NAMES, *HOURS))
