"""The hand-overs' work by the calendar."""

from procrastinate.contrib.django import app

from bezpechne.kernel import clock
from bezpechne.kernel.schema import PUBLIC, in_schema
from provisioning.handover import letters as letters
from provisioning.handover import reminders, switching


@app.periodic(cron="17 * * * *")
@app.task(name="handover.walk", queueing_lock="handover.walk")
def walk(timestamp: int) -> None:
    """Each hour, so that a day missed during downtime is made up for."""
    with in_schema(PUBLIC):
        switching.walk(clock.today())


@app.periodic(cron="37 5 * * *")
@app.task(name="handover.remind", queueing_lock="handover.remind")
def remind(timestamp: int) -> None:
    """Each morning: steps that are due, money that ends, the next year's budget."""
    reminders.send_due()
