"""The tables of allowed changes: whole, reachable, without a way back to the beginning."""

from collections.abc import Mapping

import pytest
from django.db import models

from community.answers import states as answers
from community.questions import states as questions
from community.timesheet import states as timesheet
from tenants import states as cities

Table = Mapping[str, frozenset[str]]

TABLES: dict[str, tuple[type[models.TextChoices], Table, str]] = {
    "question": (
        questions.QuestionState,
        questions.ALLOWED,
        questions.QuestionState.UNCONFIRMED,
    ),
    "routing": (answers.RoutingState, answers.ALLOWED_ROUTING, answers.RoutingState.SENT),
    "answer": (answers.AnswerState, answers.ALLOWED_ANSWER, answers.AnswerState.SUBMITTED),
    "timesheet": (timesheet.SheetState, timesheet.ALLOWED, timesheet.SheetState.OPEN),
    "city": (cities.CityState, cities.ALLOWED, cities.CityState.ACTIVE),
}
each_table = pytest.mark.parametrize(
    ("states", "allowed", "first"), TABLES.values(), ids=TABLES.keys()
)


@each_table
def test_table_names_every_state_and_nothing_else(
    states: type[models.TextChoices], allowed: Table, first: str
) -> None:
    assert set(allowed) == set(states)
    assert set().union(*allowed.values()) <= set(states)


@each_table
def test_no_state_leads_to_itself(
    states: type[models.TextChoices], allowed: Table, first: str
) -> None:
    assert [state for state in states if state in allowed[state]] == []


@each_table
def test_every_state_can_be_reached_from_the_first(
    states: type[models.TextChoices], allowed: Table, first: str
) -> None:
    reached, waiting = {first}, [first]
    while waiting:
        new = allowed[waiting.pop()] - reached
        reached |= new
        waiting += new
    assert reached == set(states)


def test_nothing_becomes_unconfirmed_again() -> None:
    assert all(
        questions.QuestionState.UNCONFIRMED not in following
        for following in questions.ALLOWED.values()
    )


def test_only_moderation_leads_to_the_public() -> None:
    """A question that no moderator has read can never be on the map.

    What was hidden or joined to another returns there only if it had been published.
    """
    before = {
        state for state, following in questions.ALLOWED.items() if following & set(questions.PUBLIC)
    }
    assert before == {
        questions.QuestionState.IN_MODERATION,
        questions.QuestionState.CLARIFICATION,
        *questions.PUBLIC,
        questions.QuestionState.HIDDEN,
        questions.QuestionState.DUPLICATE,
    }


def test_exactly_the_public_states_have_a_pin() -> None:
    assert set(questions.PIN) == set(questions.PUBLIC)
    assert len(set(questions.PIN.values())) == len(questions.PIN)


def test_open_routings_are_those_that_a_unit_can_still_end() -> None:
    ends = {answers.RoutingState.DONE, answers.RoutingState.WITHDRAWN}
    assert {
        state for state, following in answers.ALLOWED_ROUTING.items() if ends <= following
    } == set(answers.OPEN)


def test_a_city_is_in_exactly_one_sort_of_state() -> None:
    """Closed to all, open to the public, or a draft behind the curtain."""
    assert set(cities.CityState) == {cities.CityState.DRAFT} | cities.VISIBLE | cities.CLOSED
    assert not cities.VISIBLE & cities.CLOSED
    assert not cities.ASKING & cities.CLOSED


def test_a_city_is_deleted_from_the_archive_alone_and_for_good() -> None:
    ways = {state for state, following in cities.ALLOWED.items() if "deleted" in following}
    assert ways == {cities.CityState.ARCHIVED}
    assert not cities.ALLOWED[cities.CityState.DELETED]
