"""Jobs about Stripe; each loads the vendor's library only when it has something to ask."""

from procrastinate.contrib.django import app

from bezpechne.kernel import queue
from billing.stripe import driving, inbox, payers, receivers
from billing.stripe.intents import is_on
from billing.system import LEDGER


@queue.task("billing.stripe_drive")
def drive(pk: int) -> None:
    """One object comes to its goal."""
    driving.drive(pk)


@queue.task("billing.stripe_event")
def handle(pk: int) -> None:
    """One event."""
    inbox.handle(pk)


@app.periodic(cron="37 3 * * *")
@app.task(name="billing.stripe_catch_up", queueing_lock="billing.stripe_catch_up")
def catch_up(timestamp: int) -> None:
    """Each night: what no webhook brought, and what the ledger has and Stripe has not."""
    if is_on():
        payers.follow(by=LEDGER)
        receivers.mirror_missing()
        inbox.catch_up()
