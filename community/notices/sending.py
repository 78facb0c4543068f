"""What the desk does about letters: sends one again, and says that a refused one is dealt with."""

from django.db import transaction

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor
from bezpechne.kernel.audit.models import record
from bezpechne.kernel.mail.outbox import post
from community.notices.models import Notice
from community.notices.receivers import MAIL_JOB
from community.questions.actions.moving import locked
from community.questions.models import Question

# A letter of the moment: by the time the desk looks, its link or its words are others.
NEVER_AGAIN = frozenset({"confirm", "lost_link", "digest", "urgent", "assigned"})


def may_resend(notice: Notice) -> bool:
    """Sent or refused ones; what waits in the queue is on its way as it is."""
    return notice.kind not in NEVER_AGAIN and bool(notice.sent_at or notice.refused_at)


@transaction.atomic
def resend(*, by: Actor, question: Question, notice: Notice) -> bool:
    """The same letter with what it says today, as a new row; False when one was made just now.

    A refused one counts as dealt with: the new row says whether it arrives.
    """
    by.require(Permission.MODERATE)
    question = locked(question)
    if not may_resend(notice):
        return False
    first = notice.key.partition(":again")[0]
    rows = Notice.objects.filter(question_id=question.pk, key__startswith=f"{first}:again")
    waiting = rows.filter(sent_at=None, refused_at=None, dropped_at=None)
    if waiting.exists():
        return False
    again = post(
        Notice,
        MAIL_JOB,
        kind=notice.kind,
        key=f"{first}:again{rows.count() + 1}",
        question_id=question.pk,
        subject_id=notice.subject_id,
        recipient_id=notice.recipient_id,
        version=notice.version,
        language=notice.language,
    )
    Notice.objects.filter(pk=notice.pk, refused_at__isnull=False).update(settled_at=clock.now())
    record(by=by, subject=question, action="letter_resent", new={"kind": notice.kind})
    return again is not None


@transaction.atomic
def settle(*, by: Actor, question: Question) -> None:
    """The desk called or found another way: the refused letters of a question wait no more."""
    by.require(Permission.MODERATE)
    question = locked(question)
    refused = Notice.objects.filter(
        question_id=question.pk, refused_at__isnull=False, settled_at=None
    )
    if refused.update(settled_at=clock.now()):
        record(by=by, subject=question, action="letters_settled")
