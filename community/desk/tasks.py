"""The hourly look at who is due for a digest."""

from procrastinate.contrib.django import app

from bezpechne.kernel import queue
from bezpechne.kernel.schema import in_schema
from community.desk import letters as letters
from community.desk.actions.reminders import send_digests
from tenants.models import City
from tenants.states import CLOSED

DIGEST_JOB = "desk.send_digests"


@queue.task(DIGEST_JOB)
def send() -> None:
    """Posts the digests of one city."""
    send_digests()


@app.periodic(cron="4 * * * *")
@app.task(name="desk.send_digests_everywhere", queueing_lock="desk.send_digests_everywhere")
def send_everywhere(timestamp: int) -> None:
    """Each hour: a job for every city that is not closed, so that one's trouble stays its own."""
    for schema in City.objects.exclude(state__in=CLOSED).values_list("schema_name", flat=True):
        with in_schema(schema):
            queue.defer(DIGEST_JOB)
