"""Dead jobs: once more, or never."""

from django.db import transaction

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import queue
from bezpechne.kernel.actors import Actor
from provisioning.journal import note


@transaction.atomic
def retry(*, by: Actor, job_id: int | None = None) -> int:
    """Puts one dead job, or all of them, back into the queue; returns how many."""
    by.require(Permission.OPERATE)
    number = queue.retry_dead(job_id)
    if number:
        note(by=by, action="jobs_retried", number=number, job=job_id or "")
    return number


@transaction.atomic
def delete(*, by: Actor, job_id: int) -> bool:
    """Its e-mail is never sent; False when somebody was quicker."""
    by.require(Permission.OPERATE)
    gone = queue.delete_dead(job_id)
    if gone:
        note(by=by, action="job_deleted", job=job_id)
    return gone
