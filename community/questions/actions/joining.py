"""Two questions that say the same: one is joined to the other, whose answer serves both."""

from django.db import transaction
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor
from bezpechne.kernel.audit.models import record
from community.questions import events, links
from community.questions.actions.moving import locked, move
from community.questions.models import Follower, Question
from community.questions.states import QuestionState, StateChangeRefused

S = QuestionState
# Something can still become of these.
LIVING = (S.IN_MODERATION, S.CLARIFICATION, S.PUBLISHED, S.ANSWERED)


def root_of(question: Question) -> Question:
    """The question itself, or the one that it is joined to."""
    return question.duplicate_of or question


def locked_pair(question: Question, other: Question) -> tuple[Question, Question]:
    """Both rows held, the lower number first: two joins at once cannot wait for each other."""
    held = {row.pk: row for row in map(locked, sorted((question, other), key=lambda row: row.pk))}
    return held[question.pk], held[other.pk]


@transaction.atomic
def join(*, by: Actor, question: Question, other: Question) -> Question:
    """Joins `question` to `other`, or to what that one is joined to; returns it.

    Whoever asked or followed `question` follows the other. Raises StateChangeRefused.
    """
    by.require(Permission.MODERATE)
    other = root_of(other)
    if other.pk == question.pk:
        raise StateChangeRefused(_("A question cannot be joined to itself."))
    question, other = locked_pair(question, other)
    if question.is_private or other.is_private:
        raise StateChangeRefused(
            _("A private question is answered by itself: whoever follows would read about it.")
        )
    if other.state not in LIVING:
        raise StateChangeRefused(
            _("Question № %(number)s is closed: nothing can be joined to it.")
            % {"number": other.pk}
        )
    # No chains: what was joined to this one is joined to the other now.
    question.duplicates.update(duplicate_of=other)
    question.followers.update(question=other)
    move(
        question,
        S.DUPLICATE,
        by=by,
        action="joined",
        new={"duplicate_of": other.pk},
        duplicate_of=other,
    )
    follower = Follower(question=other, from_question=question, since=clock.now())
    follower.token_hash = links.follower_hash(question)
    follower.save()
    record(by=by, subject=other, action="other_joined", new={"question": question.pk})
    events.tell("joined", question=question)
    return other


@transaction.atomic
def separate(*, by: Actor, question: Question) -> None:
    """Undoes `join`: the question is what it was, and its asker follows the other no more."""
    by.require(Permission.MODERATE)
    question = locked(question)
    other = question.duplicate_of
    to = S.PUBLISHED if question.published_at else S.IN_MODERATION
    move(question, to, by=by, action="separated", since={S.DUPLICATE}, duplicate_of=None)
    Follower.objects.filter(from_question=question).delete()
    if other is not None:
        record(by=by, subject=other, action="other_separated", new={"question": question.pk})


@transaction.atomic
def stop_following(*, follower: Follower) -> None:
    """No more letters about the other question; twice is the same as once."""
    Follower.objects.filter(pk=follower.pk, left_at=None).update(left_at=clock.now())
