"""A trial by itself: three reminders, each once, and its end the day after the last."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bezpechne.kernel import clock
from provisioning import life, trials
from provisioning.models import JournalEntry
from provisioning.provisioning import OPERATOR
from provisioning.tasks import walk_lives
from tenants.models import City
from tenants.states import CityState
from tests.factories import Inside, Maker

BEGUN = date(2026, 3, 1)
ENDS = BEGUN + timedelta(days=60)
Walk = Callable[[date], list[str]]


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), clock.KYIV)


def before_end(days: int) -> date:
    return ENDS - timedelta(days=days)


@pytest.fixture
def trial(alpha: City, make: Maker) -> City:
    """Sixty days; an administrator who reads English, and people whom it does not concern."""
    with clock.frozen(noon(BEGUN)):
        life.start_trial(by=OPERATOR, city=alpha, until=ENDS)
    make(alpha).user("administrator", "boss@example.org", language="en")
    make(alpha).user("administrator", "gone@example.org", is_active=False)
    make(alpha).user("moderator", "moderator@example.org")
    make(None).user("operator", "operator@example.org")
    make(None).user("finance", "finance@example.org")
    return alpha


@pytest.fixture
def walk(run_jobs: Any, outbox: list[Any]) -> Walk:
    """The hourly task at noon of a day; who was mailed what."""

    def on(day: date) -> list[str]:
        outbox.clear()
        with clock.frozen(noon(day)):
            walk_lives(0)
            run_jobs()
        return sorted(f"{mail.to[0]}: {mail.subject}" for mail in outbox)

    return on


def who(letters: list[str]) -> list[str]:
    return [letter.split(":")[0] for letter in letters]


BOTH = ["boss@example.org", "operator@example.org"]


def test_each_reminder_goes_once_to_administrators_and_operators(
    trial: City, run_jobs: Any, walk: Walk
) -> None:
    told = {days: who(walk(before_end(days))) for days in range(35, -1, -1)}
    assert {days: people for days, people in told.items() if people} == {
        30: BOTH,
        7: BOTH,
        1: BOTH,
    }


def test_a_walk_repeated_on_the_same_day_says_nothing_new(trial: City, walk: Walk) -> None:
    assert who(walk(before_end(7))) == BOTH
    assert walk(before_end(7)) == []
    with clock.frozen(noon(before_end(7))):
        trials.turn(trial.pk)
    assert walk(before_end(7)) == []


def test_a_missed_reminder_goes_late_unless_a_nearer_one_is_due(trial: City, walk: Walk) -> None:
    assert who(walk(before_end(22))) == BOTH
    assert walk(before_end(21)) == []
    assert who(walk(before_end(1))) == BOTH
    assert walk(ENDS) == []


def test_a_letter_that_waited_for_the_mail_server_gives_way_to_the_nearer_one(
    trial: City, run_jobs: Any, outbox: list[Any], walk: Walk
) -> None:
    with clock.frozen(noon(before_end(30))):
        walk_lives(0)
        trials.turn(trial.pk)
    assert outbox == []
    assert who(walk(before_end(7))) == BOTH


def test_an_extension_counts_anew_and_silences_what_was_on_its_way(
    trial: City, outbox: list[Any], walk: Walk
) -> None:
    assert who(walk(before_end(7))) == BOTH
    later = ENDS + timedelta(days=40)
    with clock.frozen(noon(before_end(1))):
        trials.turn(trial.pk)
        life.extend(by=OPERATOR, city=trial, until=later)
    assert walk(before_end(1)) == []
    assert who(walk(later - timedelta(days=7))) == BOTH


def test_a_short_trial_is_not_reminded_of_what_was_before_it(alpha: City, walk: Walk) -> None:
    with clock.frozen(noon(BEGUN)):
        life.start_trial(by=OPERATOR, city=alpha, until=BEGUN + timedelta(days=5))
    with clock.frozen(noon(BEGUN)):
        assert trials.due() == {}
    with clock.frozen(noon(BEGUN + timedelta(days=4))):
        assert trials.due() == {alpha.pk: 1}


def test_the_letter_speaks_the_language_of_its_reader_and_leads_on(
    trial: City, outbox: list[Any], walk: Walk
) -> None:
    walk(before_end(7))
    boss, operator = sorted(outbox, key=lambda mail: str(mail.to))
    assert boss.subject == "Poltava: 7 days of the trial are left"
    assert "http://poltava.bezpechne.test:8000/en/desk/" in boss.body
    assert "http://bezpechne.test:8000/console/cities/poltava/life/" in operator.body
    html = operator.alternatives[0][0]
    assert "http://bezpechne.test:8000/console/cities/poltava/life/" in html
    assert "Полтава" in operator.subject


def test_the_trial_ends_the_day_after_its_last_by_the_calendar_of_kyiv(
    trial: City, run_jobs: Any, client_of: Any
) -> None:
    midnight = datetime.combine(ENDS + timedelta(days=1), time(0), clock.KYIV)
    states = []
    for moment in (midnight - timedelta(seconds=1), midnight):
        with clock.frozen(moment):
            walk_lives(0)
            run_jobs()
        states.append(City.objects.get(pk=trial.pk).state)
    assert states == [CityState.TRIAL, CityState.SUSPENDED]
    assert life.TRIAL_OVER in client_of(trial).get("/ask/").text


def test_an_end_missed_in_a_downtime_is_made_up_for_once(
    trial: City, inside: Inside, walk: Walk
) -> None:
    assert who(walk(ENDS + timedelta(days=12))) == BOTH
    assert walk(ENDS + timedelta(days=13)) == []
    ended = JournalEntry.objects.filter(city_id=trial.pk, action="trial_ended")
    assert [entry.actor_kind for entry in ended] == ["system"]
    assert City.objects.get(pk=trial.pk).resume_state == CityState.TRIAL


def test_reminders_wait_for_the_morning(trial: City) -> None:
    for hour, queued in ((7, 0), (8, 1)):
        with clock.frozen(datetime.combine(before_end(30), time(hour), clock.KYIV)):
            assert trials.queue_due() == queued


def test_other_states_have_no_trial_to_end(trial: City, walk: Walk) -> None:
    after = ENDS + timedelta(days=5)
    for change in ("suspended", "archived", "active", "draft"):
        City.objects.filter(pk=trial.pk).update(state=change)
        assert walk(after) == []
        assert City.objects.get(pk=trial.pk).state == change


def test_a_walk_costs_the_same_queries_for_any_number_of_cities(trial: City, beta: City) -> None:
    costs = []
    with clock.frozen(noon(before_end(30))):
        for cities in (1, 2):
            with CaptureQueriesContext(connection) as queries:
                assert len(trials.due()) == cities
            costs.append(len([query for query in queries if "FROM" in query["sql"]]))
            with clock.frozen(noon(BEGUN)):
                if cities == 1:
                    life.start_trial(by=OPERATOR, city=beta, until=ENDS)
    assert costs == [2, 2]


def test_a_city_made_on_trial_is_reminded_too(db: None) -> None:
    call_command("provision_city", "Лубни", admin_email="x@example.org", json=True)
    city = City.objects.get(slug="lubny")
    day = clock.today() + timedelta(days=31)
    City.objects.filter(pk=city.pk).update(state="trial", trial_ends_on=day)
    assert trials.due() == {}
    with clock.frozen(noon(day - timedelta(days=30))):
        assert trials.due() == {city.pk: 30}
