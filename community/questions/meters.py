"""What is measured about questions."""

from datetime import timedelta

from bezpechne.kernel import clock
from bezpechne.kernel.metering import Figure, meter
from community.questions.models import Question
from community.questions.queries import tallies
from community.questions.states import QuestionState

# No city has more in a week; the newest rows are found by key, not by reading the whole table.
NEWEST = 2000


@meter("questions")
def questions() -> dict[str, Figure]:
    """Two queries. `week`: confirmed within seven days. Overdue waits for the clocks of answers."""
    numbers = tallies()
    newest = Question.objects.order_by("-pk").values("pk")[:NEWEST]
    week = Question.objects.filter(
        pk__in=newest, confirmed_at__gt=clock.now() - timedelta(days=7)
    ).count()
    answered = numbers.get(QuestionState.ANSWERED, 0)
    waiting = numbers.get(QuestionState.PUBLISHED, 0)
    return {
        "week": week,
        "moderation": numbers.get(QuestionState.IN_MODERATION, 0),
        "waiting": waiting,
        "answered": answered,
        "published": answered + waiting,
    }
