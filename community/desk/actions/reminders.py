"""Letters about waiting work: who wants which, and the daily and urgent ones themselves."""

from datetime import datetime

from django.db import transaction

from bezpechne.accounts.models import User
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor
from bezpechne.kernel.mail.outbox import post
from community.desk.models import Reminders
from community.notices.models import Notice
from community.notices.receivers import MAIL_JOB
from community.questions.models import Question

SATURDAY = 5


@transaction.atomic
def choose(*, by: Actor, person: User, values: dict[str, object]) -> None:
    """A person's own choice; nobody chooses for another."""
    by.require(Permission.MODERATE)
    Reminders.objects.update_or_create(person=person, defaults=values)


def send_digests() -> int:
    """Posts today's digests that are due in the city in force; returns how many.

    The row's key is person and day: at least once, however late the worker comes, and never twice.
    Whether anything waits is decided when the letter is written. Who wants letters on working days
    alone gets them from Monday to Friday, holidays too: under martial law these are working days
    (law 2136-IX of 15.03.2022, article 6, part 6).
    """
    now = clock.now().astimezone(clock.KYIV)
    rows = Reminders.objects.filter(daily=True, hour__lte=now.hour, person__is_active=True)
    return sum(_post_digest(row, now) for row in rows.select_related("person").order_by("pk"))


def _post_digest(row: Reminders, now: datetime) -> bool:
    if row.working_days and now.weekday() >= SATURDAY:
        return False
    with transaction.atomic():
        return (
            post(
                Notice,
                MAIL_JOB,
                kind="digest",
                key=f"digest:{row.person_id}:{now.date().isoformat()}:staff",
                subject_id=row.person_id,
                recipient_id=row.person_id,
                language=row.person.language,
            )
            is not None
        )


def tell_urgent(question: Question) -> None:
    """A letter for everybody who asked for one, in the transaction that brought the question."""
    rows = Reminders.objects.filter(at_once=True, person__is_active=True).select_related("person")
    for row in rows.order_by("pk"):
        post(
            Notice,
            MAIL_JOB,
            kind="urgent",
            key=f"urgent:{question.pk}:{row.person_id}:staff",
            question_id=question.pk,
            subject_id=question.pk,
            recipient_id=row.person_id,
            language=row.person.language,
        )
