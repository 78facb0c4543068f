"""Jobs of accounts."""

from procrastinate.contrib.django import app

from bezpechne.accounts import letters as letters
from bezpechne.accounts import security_letters as security_letters
from bezpechne.accounts import sign_ins
from bezpechne.accounts.happenings import MAIL_JOB
from bezpechne.accounts.models import AccountMail
from bezpechne.kernel import queue
from bezpechne.kernel.mail import outbox
from bezpechne.kernel.schema import PUBLIC, in_schema
from bezpechne.kernel.sessions import SessionStore


@queue.task(MAIL_JOB)
def deliver_mail(mail_id: int) -> None:
    """Sends one letter about an account."""
    outbox.deliver(AccountMail, mail_id)


@app.periodic(cron="23 * * * *")
@app.task(name="accounts.sweep_platform", queueing_lock="accounts.sweep_platform")
def sweep_platform(timestamp: int) -> None:
    """Each hour: sessions of the platform that are over; a city's go with its daily order."""
    with in_schema(PUBLIC):
        SessionStore.clear_expired()
        sign_ins.sweep()
