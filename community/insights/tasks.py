"""The nightly count of months."""

from procrastinate.contrib.django import app

from bezpechne.kernel import queue
from bezpechne.kernel.schema import in_schema
from community.insights.months import recount_last
from tenants.models import City
from tenants.states import CLOSED

COUNT_JOB = "insights.count_months"


@queue.task(COUNT_JOB)
def count_months() -> None:
    """Counts one city."""
    recount_last()


@app.periodic(cron="37 1 * * *")
@app.task(name="insights.count_everywhere", queueing_lock="insights.count_everywhere")
def count_everywhere(timestamp: int) -> None:
    """Each night: a job for every city that is not closed."""
    for schema in City.objects.exclude(state__in=CLOSED).values_list("schema_name", flat=True):
        with in_schema(schema):
            queue.defer(COUNT_JOB)
