"""What is suggested from the moments of actions, for any moments."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bezpechne.kernel.activities import Activity
from bezpechne.kernel.clock import KYIV
from community.timesheet.suggestions import Suggestion, suggest

NINE = datetime(2026, 5, 4, 9, tzinfo=KYIV)
DAY = date(2026, 5, 4)
FIRST = datetime(2026, 3, 28, tzinfo=UTC)
ACTS = st.lists(
    st.tuples(
        # Around the short day of March, too.
        st.integers(0, 3 * 24 * 3600).map(lambda n: FIRST + timedelta(seconds=n)),
        st.sampled_from(Activity),
    ),
    max_size=80,
)


def at(*minutes: int, activity: Activity = Activity.MODERATION) -> list[tuple[datetime, Activity]]:
    return [(NINE + timedelta(minutes=number), activity) for number in minutes]


def test_nothing_is_suggested_for_nothing() -> None:
    assert suggest([]) == {}


@pytest.mark.parametrize(
    ("minutes", "wanted"),
    [
        ((0,), 15),
        ((0, 29), 30),
        ((0, 30), 15),
        ((0, 20, 40, 60), 60),
        ((0, 10, 200, 225), 45),
    ],
)
def test_actions_less_than_half_an_hour_apart_are_one_piece_of_work(
    minutes: tuple[int, ...], wanted: int
) -> None:
    assert suggest(at(*minutes)) == {DAY: {Activity.MODERATION: Suggestion(len(minutes), wanted)}}


def test_the_time_before_an_action_is_that_of_its_activity() -> None:
    found = suggest(
        [*at(0), *at(20, activity=Activity.ROUTING), *at(45, activity=Activity.ANSWERS)]
    )
    assert found[DAY] == {
        Activity.MODERATION: Suggestion(1, 15),
        Activity.ROUTING: Suggestion(1, 15),
        Activity.ANSWERS: Suggestion(1, 30),
    }


def test_a_day_is_kyiv_s() -> None:
    late = datetime(2026, 5, 3, 21, 30, tzinfo=UTC)
    assert list(suggest([(late, Activity.ROUTING)])) == [DAY]


def test_a_whole_day_at_the_desk_stays_within_24_hours() -> None:
    """Every four minutes all day of October's long day, all activities in turn."""
    start = datetime(2026, 10, 25, 0, tzinfo=KYIV).astimezone(UTC)
    activities = list(Activity)
    acts = [(start + timedelta(minutes=4 * n), activities[n % 5]) for n in range(375)]
    (day,) = suggest(acts).values()
    assert sum(hint.minutes for hint in day.values()) == 24 * 60


@given(ACTS)
def test_whatever_was_done(acts: list[tuple[datetime, Activity]]) -> None:
    found = suggest(acts)
    hints = [
        (day, activity, hint) for day, of_day in found.items() for activity, hint in of_day.items()
    ]
    # Every action is counted once, on its day and under its activity.
    assert sum(hint.actions for _, _, hint in hints) == len(acts)
    assert {(day, activity) for day, activity, _ in hints} == {
        (moment.astimezone(KYIV).date(), activity) for moment, activity in acts
    }
    for _day, _activity, hint in hints:
        assert hint.minutes >= 15
        assert hint.minutes % 15 == 0
        # Never more than half an hour for an action, rounded.
        assert hint.minutes <= hint.actions * 30 + 15
    for of_day in found.values():
        assert sum(hint.minutes for hint in of_day.values()) <= 24 * 60


@given(ACTS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(
    acts: list[tuple[datetime, Activity]], dice: object
) -> None:
    shuffled = list(acts)
    dice.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis's own Random
    assert suggest(shuffled) == suggest(acts)
