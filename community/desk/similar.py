"""Questions that may say the same as one: near or of its topic, with words in common."""

from dataclasses import dataclass

from django.db.models import QuerySet

from community.questions.models import Question
from community.questions.states import PUBLIC, QuestionState
from community.questions.words import stems

# About 500 m at this latitude.
NEAR_LAT, NEAR_LON = 0.0045, 0.007
# Of each kind, newest first: the cost is the same in a city of a million questions.
LOOKED_AT = 100
SHOWN = 5
_FIELDS = ("id", "state", "text", "public_text", "lat", "lon", "topic_id", "created_at")


@dataclass(frozen=True)
class Similar:
    """`near`: within some 500 m."""

    question: Question
    near: bool


def similar_to(question: Question) -> list[Similar]:
    """Up to five, most alike first. Three queries of at most 100 rows."""
    rows = Question.objects.only(*_FIELDS).exclude(pk=question.pk).order_by("-pk")
    public = rows.filter(state__in=[str(state) for state in PUBLIC])
    near = public.filter(
        lat__range=(question.lat - NEAR_LAT, question.lat + NEAR_LAT),
        lon__range=(question.lon - NEAR_LON, question.lon + NEAR_LON),
    )
    found: dict[int, Question] = {}
    lists: list[QuerySet[Question]] = [
        near,
        public.filter(topic_id=question.topic_id).order_by("-published_at", "-pk"),
        rows.filter(state=QuestionState.IN_MODERATION, is_private=False),
    ]
    for one in lists:
        found |= {row.pk: row for row in one[:LOOKED_AT]}
    words = stems(question.text)
    scored = [(_score(question, words, row), row) for row in found.values()]
    best = sorted(
        (pair for pair in scored if pair[0] >= 2), key=lambda pair: (-pair[0], -pair[1].pk)
    )
    return [Similar(row, is_near(question, row)) for _score_of, row in best[:SHOWN]]


def is_near(one: Question, other: Question) -> bool:
    return abs(one.lat - other.lat) <= NEAR_LAT and abs(one.lon - other.lon) <= NEAR_LON


def _score(question: Question, words: set[str], other: Question) -> float:
    """Words in common, more for the same place and topic; 0 when nothing is in common."""
    common = len(words & stems(other.public_text or other.text))
    if not common:
        return 0
    return common + 2 * is_near(question, other) + (other.topic_id == question.topic_id) * 0.5
