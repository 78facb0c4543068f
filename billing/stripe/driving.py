"""The job of an object: brings it to its goal, or says why not and when next."""

from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.db.models import F

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor
from bezpechne.kernel.queue import Later
from billing.audit import note
from billing.models import StripeObject
from billing.states import StripeKind, StripeStatus
from billing.stripe import invoices, objects, subscriptions
from billing.stripe.intents import drive_later, is_on
from billing.stripe_gateway import Fault, StripeFailed

Step = Callable[[StripeObject], str]
STEPS: dict[str, Step] = {
    StripeKind.CUSTOMER: objects.bring_customer,
    StripeKind.INVOICE: invoices.bring,
    StripeKind.SUBSCRIPTION: subscriptions.bring_subscription,
    StripeKind.SCHEDULE: subscriptions.bring_schedule,
}
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=15), timedelta(hours=1)
# A goal may change while a job is at work; more often than this is another job's turn.
TURNS = 3


def drive(pk: int) -> None:
    """Nothing for rows that follow others, as prices do. Raises Later when Stripe is to be asked again.

    Two jobs about one row do no harm: Stripe does each step once.
    """
    if not is_on():
        return
    for _turn in range(TURNS):
        row = _row(pk)
        if row is None:
            return
        StripeObject.objects.filter(pk=pk).update(attempts=F("attempts") + 1)
        try:
            state = STEPS[row.kind](row)
        except StripeFailed as failed:
            _keep_error(row, failed)
            return
        if _finish(row, state):
            return
    raise Later(clock.now())


def _row(pk: int) -> StripeObject | None:
    rows = StripeObject.objects.select_related("payer", "account", "agreement")
    return rows.filter(pk=pk, kind__in=STEPS).first()


def _finish(row: StripeObject, state: str) -> bool:
    """False when the goal is another one by now."""
    same = StripeObject.objects.filter(pk=row.pk, goal=row.goal, ends_on=row.ends_on)
    return bool(
        same.update(
            status=StripeStatus.DONE, state=state, seen_at=clock.now(), error="", attempts=0
        )
    )


def _keep_error(row: StripeObject, failed: StripeFailed) -> None:
    is_final = failed.fault == Fault.PERMANENT
    status = StripeStatus.FAILED if is_final else StripeStatus.WAITING
    StripeObject.objects.filter(pk=row.pk).update(status=status, error=failed.text)
    if not is_final:
        wait = min(FIRST_WAIT * 2 ** min(row.attempts, 10), LONGEST_WAIT)
        raise Later(clock.now() + wait) from failed


@transaction.atomic
def try_again(*, by: Actor) -> int:
    """A person has mended what was wrong: all that is unfinished gets a job now. Returns how many."""
    by.require(Permission.FINANCE)
    rows = StripeObject.objects.exclude(status=StripeStatus.DONE).filter(kind__in=STEPS)
    found = list(rows.select_for_update())
    rows.update(status=StripeStatus.WAITING, error="", attempts=0)
    for row in found:
        note(by=by, action="stripe_again", subject=row)
        drive_later(row)
    return len(found)
