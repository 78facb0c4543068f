"""How long somebody may have worked, from the moments of what they did: a hint, never an entry.

Actions less than half an hour apart are one piece of work. The time before an action belongs to
its activity; the first of a piece has a few minutes before it, which nobody saw.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bezpechne.kernel.activities import Activity
from bezpechne.kernel.clock import KYIV
from community.timesheet.models import DAY, QUARTER

TOGETHER = timedelta(minutes=30)
# Reading and thinking before the first action of a piece of work.
BEFORE_FIRST = timedelta(minutes=5)

# What staff do, as the history names it.
ACTIVITY_OF: Mapping[str, Activity] = {
    **dict.fromkeys(
        (
            "published",
            "taken_on",
            "made_private",
            "topic_set",
            "edited",
            "rejected",
            "reconsidered",
            "asked_back",
            "hidden",
            "shown_again",
        ),
        Activity.MODERATION,
    ),
    **dict.fromkeys(("routed", "link_renewed", "routing_withdrawn"), Activity.ROUTING),
    **dict.fromkeys(
        (
            "answer_entered",
            "answered",
            "answer_corrected",
            "answer_sent_back",
            "answer_taken_back",
        ),
        Activity.ANSWERS,
    ),
}


@dataclass(frozen=True)
class Suggestion:
    """`minutes`: whole quarters, one at least."""

    actions: int
    minutes: int


Acts = Iterable[tuple[datetime, Activity]]
Days = dict[date, dict[Activity, Suggestion]]


def suggest(acts: Acts) -> Days:
    """By day of Kyiv and activity. `acts` in any order, with aware moments.

    No day gets more than 24 hours; every activity that was seen gets a quarter.
    """
    spent: dict[date, dict[Activity, timedelta]] = defaultdict(lambda: defaultdict(timedelta))
    counts: dict[date, dict[Activity, int]] = defaultdict(lambda: defaultdict(int))
    before: datetime | None = None
    for moment, activity in sorted(acts):
        gap = moment - before if before else TOGETHER
        day = moment.astimezone(KYIV).date()
        spent[day][activity] += gap if gap < TOGETHER else BEFORE_FIRST
        counts[day][activity] += 1
        before = moment
    return {
        day: {
            activity: Suggestion(counts[day][activity], minutes)
            for activity, minutes in _within_a_day(times).items()
        }
        for day, times in spent.items()
    }


def _within_a_day(times: Mapping[Activity, timedelta]) -> dict[Activity, int]:
    minutes = {activity: _quarters(time) for activity, time in times.items()}
    while sum(minutes.values()) > DAY:
        # Rounding up, or the longer day of October.
        minutes[max(minutes, key=lambda activity: minutes[activity])] -= QUARTER
    return minutes


def _quarters(time: timedelta) -> int:
    """To the nearest quarter of an hour, one at least."""
    quarter = timedelta(minutes=QUARTER)
    return max(1, (time + quarter / 2) // quarter) * QUARTER
