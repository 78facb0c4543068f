"""Whether an answer helped, and the request to answer anew: by whoever asked, settled by the desk."""

from django.db import transaction
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor
from bezpechne.kernel.audit.models import record
from community.answers.models import Answer, Rating
from community.answers.states import AnswerState
from community.questions import events
from community.questions.actions.asking import resident
from community.questions.actions.moving import locked
from community.questions.models import Question
from community.questions.states import StateChangeRefused


def _published(question: Question) -> Answer:
    answer = Answer.objects.filter(question=question, state=AnswerState.PUBLISHED).first()
    if answer is None:
        raise StateChangeRefused(_("There is no answer to mark now. The page was out of date."))
    return answer


@transaction.atomic
def rate(*, question: Question, helped: bool) -> Rating:
    """May be changed as often as one likes. Raises StateChangeRefused."""
    question = locked(question)
    answer = _published(question)
    known = Rating.objects.filter(answer=answer).first()
    row = known or Rating(answer=answer)
    changed = known is None or row.helped != helped
    row.helped = helped
    row.rated_at = clock.now()
    row.save()
    if changed:
        record(by=resident(question), subject=question, action="rated", new={"helped": helped})
    return row


@transaction.atomic
def comment(*, question: Question, text: str) -> None:
    """Beside the mark; for the desk and the unit. Raises StateChangeRefused."""
    question = locked(question)
    rating = Rating.objects.filter(answer=_published(question)).first()
    if rating is None:
        raise StateChangeRefused(_("First say whether the answer helped."))
    rating.comment = text
    rating.save(update_fields=["comment"])


def may_reopen(question: Question) -> bool:
    """Once a question, whatever the number of its answers."""
    return not Rating.objects.filter(
        answer__question=question, reopen_asked_at__isnull=False
    ).exists()


@transaction.atomic
def ask_reopening(*, question: Question, reason: str) -> None:
    """The answer did not help, and why; the desk decides. Raises StateChangeRefused."""
    question = locked(question)
    rating = Rating.objects.filter(answer=_published(question)).first()
    if rating is None or rating.helped:
        raise StateChangeRefused(_("First say that the answer did not help."))
    if not may_reopen(question):
        raise StateChangeRefused(_("You asked for it once already."))
    rating.reopen_reason, rating.reopen_asked_at = reason, clock.now()
    rating.save()
    record(by=resident(question), subject=question, action="reopen_asked", note=reason)
    events.tell("reopen_asked", question=question)


@transaction.atomic
def keep_answer(*, by: Actor, question: Question, reason: str) -> None:
    """The desk read the request and the answer stays; the resident is told why."""
    by.require(Permission.MODERATE)
    question = locked(question)
    if not settle_reopening(_published(question)):
        raise StateChangeRefused(_("Nobody waits for this now. The page was out of date."))
    record(by=by, subject=question, action="reopen_declined", note=reason)
    events.tell("reopen_declined", question=question)


def settle_reopening(answer: Answer) -> bool:
    """Whether a request waited; in the transaction in force."""
    waiting = Rating.objects.filter(
        answer=answer, reopen_asked_at__isnull=False, reopen_settled_at__isnull=True
    )
    return bool(waiting.update(reopen_settled_at=clock.now()))
