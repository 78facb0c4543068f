"""Provisioning's periodic work."""

from procrastinate.contrib.django import app

from bezpechne.kernel import queue
from provisioning import letters as letters
from provisioning import removal, trials
from provisioning.life import REMOVE_JOB
from provisioning.schemas import stock


@app.periodic(cron="*/2 * * * *")
@app.task(name="provisioning.fill_stock", queueing_lock="provisioning.fill_stock")
def fill_stock(timestamp: int) -> None:
    """Every two minutes: schemas of this release for the next cities."""
    stock.fill_stock()


@app.periodic(cron="11 * * * *")
@app.task(name="provisioning.walk_lives", queueing_lock="provisioning.walk_lives")
def walk_lives(timestamp: int) -> None:
    """Each hour, so that a day missed during downtime is made up for: trials, stuck removals."""
    trials.queue_due()
    removal.queue_stuck()


@queue.task(trials.TURN_JOB)
def turn_trial(city_id: int) -> None:
    """Reminds of the end of one city's trial, or ends it."""
    trials.turn(city_id)


@queue.task(REMOVE_JOB)
def remove_city(city_id: int) -> None:
    """Removes what is left of a deleted city."""
    removal.remove(city_id)
