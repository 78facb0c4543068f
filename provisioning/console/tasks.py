"""Periodic work of the console."""

from procrastinate.contrib.django import app

from provisioning.console import letters as letters
from provisioning.console import reporting
from provisioning.console.actions.requests import erase_old


@app.periodic(cron="* * * * *")
@app.task(name="console.report", queueing_lock="console.report", lock="console.report")
def report(timestamp: int) -> None:
    """Each minute: figures of the cities that wait longest."""
    reporting.report_some()


@app.periodic(cron="*/10 * * * *")
@app.task(name="console.weigh", queueing_lock="console.weigh", lock="console.weigh")
def weigh(timestamp: int) -> None:
    """Each ten minutes: stored bytes of some cities, each city once a day."""
    reporting.weigh_some()


@app.periodic(cron="23 3 * * *")
@app.task(name="console.erase_requests", queueing_lock="console.erase_requests")
def erase_requests(timestamp: int) -> None:
    """Each night: names and addresses of requests closed long ago."""
    erase_old()
