"""Jobs of accounts."""

from bezpechne.accounts import letters as letters
from bezpechne.accounts.actions import MAIL_JOB
from bezpechne.accounts.models import AccountMail
from bezpechne.kernel import queue
from bezpechne.kernel.mail import outbox


@queue.task(MAIL_JOB)
def deliver_mail(mail_id: int) -> None:
    """Sends one invitation or reset."""
    outbox.deliver(AccountMail, mail_id)
