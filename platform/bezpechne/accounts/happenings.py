"""What happened to an account: a line of the city's history and a letter to whom it belongs.

The platform keeps its own journal (`provisioning.receivers`).
"""

from bezpechne.accounts.models import AccountMail, User
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor
from bezpechne.kernel.audit.models import record
from bezpechne.kernel.mail import outbox
from bezpechne.kernel.schema import PUBLIC, current_schema

MAIL_JOB = "accounts.deliver_mail"


def note(*, by: Actor, user: User, action: str, reason: str = "", **new: str) -> None:
    """History exists in cities; the platform's own people have a journal."""
    if current_schema() != PUBLIC:
        record(by=by, subject=user, action=action, new=new, note=reason)


def write_to(user: User, kind: str, about: int = 0) -> None:
    """A letter about the account, in the transaction of what happened; `about` is the row's key."""
    outbox.post(
        AccountMail,
        MAIL_JOB,
        kind=kind,
        key=f"{kind}:{user.pk}:{about}:{clock.now().timestamp():.6f}",
        subject_id=about,
        recipient_id=user.pk,
        language=user.language,
    )
