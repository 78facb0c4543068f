"""Notes, who has a question, who looks at it."""

from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bezpechne.accounts.models import User
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor, ActorKind
from bezpechne.kernel.audit.models import record
from bezpechne.kernel.mail.outbox import post
from community.desk.models import Assignment, Note, Presence
from community.notices.models import Notice
from community.notices.receivers import MAIL_JOB
from community.questions.actions.moving import locked
from community.questions.models import Question
from community.questions.states import StateChangeRefused

# A page asks every 15 s; one that has missed two turns is closed.
PRESENT = timedelta(seconds=40)


def staff_id(by: Actor) -> int | None:
    """Key of the account; None for an operator in the administrator's place."""
    return by.id if by.kind == ActorKind.STAFF else None


def write_note(*, by: Actor, question: Question, text: str, submit_key: UUID) -> None:
    """For colleagues alone. The same form twice writes one note."""
    by.require(Permission.MODERATE)
    try:
        with transaction.atomic():
            Note.objects.create(
                question=question,
                author_id=staff_id(by),
                text=text,
                at=clock.now(),
                submit_key=submit_key,
            )
    except IntegrityError:
        if not Note.objects.filter(submit_key=submit_key).exists():
            raise


@transaction.atomic
def assign(*, by: Actor, question: Question, person: User | None) -> bool:
    """Gives the question to somebody of the desk, who is told, or to nobody; False: so it was."""
    by.require(Permission.MODERATE)
    question = locked(question)
    if person is not None and Permission.MODERATE not in person.permissions:
        raise StateChangeRefused(_("This person does not work at the desk any more."))
    current = Assignment.objects.filter(question=question).first()
    if (current.person_id if current else None) == (person.pk if person else None):
        return False
    old = {"person": current.person_id} if current else {}
    if person is None:
        Assignment.objects.filter(question=question).delete()
        record(by=by, subject=question, action="assignment_ended", old=old)
        return True
    Assignment.objects.update_or_create(
        question=question, defaults={"person": person, "at": clock.now()}
    )
    entry = record(by=by, subject=question, action="assigned", old=old, new={"person": person.pk})
    if person.pk != staff_id(by):
        post(
            Notice,
            MAIL_JOB,
            kind="assigned",
            key=f"assigned:{question.pk}:{entry.pk}:staff",
            question_id=question.pk,
            subject_id=question.pk,
            recipient_id=person.pk,
            language=person.language,
        )
    return True


def look(*, person: int, question: Question) -> list[str]:
    """Says that a person has the page open; returns the names of others who have, by name.

    Three statements whatever the city's size: a person's rows of pages closed since go with it.
    """
    now = clock.now()
    Presence.objects.filter(person=person, seen_at__lt=now - PRESENT).exclude(
        question=question
    ).delete()
    Presence.objects.bulk_create(
        [Presence(question=question, person_id=person, seen_at=now)],
        update_conflicts=True,
        unique_fields=["question", "person"],
        update_fields=["seen_at"],
    )
    others = Presence.objects.filter(question=question, seen_at__gte=now - PRESENT)
    found = others.exclude(person=person).filter(person__is_active=True)
    return list(found.order_by("person__name", "person_id").values_list("person__name", flat=True))
