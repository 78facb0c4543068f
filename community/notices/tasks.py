"""Jobs of notices and of the city's daily order."""

from procrastinate.contrib.django import app

from bezpechne.accounts import sign_ins
from bezpechne.kernel import clock, queue
from bezpechne.kernel.mail import outbox
from bezpechne.kernel.schema import in_schema
from bezpechne.kernel.sessions import SessionStore
from community.notices import letters as letters
from community.notices.models import Notice
from community.notices.receivers import MAIL_JOB
from community.questions.actions.addresses import forget_former_addresses
from community.questions.actions.asking import purge_unconfirmed
from community.questions.actions.counting import mend_cells
from community.questions.actions.privacy import forget_askers
from tenants.models import City
from tenants.states import CLOSED

PURGE_JOB = "questions.purge_unconfirmed"
# The hour of the night in which all published questions are read.
CLOSE_LOOK_AT = 3


@queue.task(MAIL_JOB)
def deliver_mail(mail_id: int) -> None:
    """Sends one notice."""
    outbox.deliver(Notice, mail_id)


@queue.task(PURGE_JOB)
def purge() -> None:
    """Deletes what nobody confirmed, addresses of before, who asked when the term is over, and
    sessions; looks whether the map still counts right."""
    purge_unconfirmed()
    forget_former_addresses()
    forget_askers()
    SessionStore.clear_expired()
    sign_ins.sweep()
    mend_cells(closely=clock.now().astimezone(clock.KYIV).hour == CLOSE_LOOK_AT)


@app.periodic(cron="17 * * * *")
@app.task(name="questions.purge_everywhere", queueing_lock="questions.purge_everywhere")
def purge_everywhere(timestamp: int) -> None:
    """Gives each city its own job, so that one city's trouble stays its own; no closed city."""
    for schema in City.objects.exclude(state__in=CLOSED).values_list("schema_name", flat=True):
        with in_schema(schema):
            queue.defer(PURGE_JOB)
