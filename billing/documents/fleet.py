"""A month of every city that somebody pays for: a job for each, so that one's trouble stays its own."""

from datetime import date

from django.db import transaction

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import queue
from bezpechne.kernel.actors import Actor
from bezpechne.kernel.schema import PUBLIC, in_schema
from billing.audit import note
from billing.documents.run import not_run, run
from billing.errors import LedgerRefused
from billing.models import CityAccount, LedgerEvent
from billing.spreading import month_of
from billing.system import LEDGER

RUN_JOB = "billing.run_month"
REFUSED = "month_run_refused"


def queue_all(*, by: Actor, month: date) -> int:
    """A job for each city whose month is not run; how many.

    Pressed twice, two jobs come to one city, and the second finds nothing left to post.
    """
    by.require(Permission.FINANCE)
    month = month_of(month)
    with in_schema(PUBLIC), transaction.atomic():
        left = sorted(not_run(month))
        for key in left:
            queue.defer(RUN_JOB, account_id=key, month=month.year * 100 + month.month)
    return len(left)


def run_queued(account_id: int, month: int) -> None:
    """One city's month, `month` as 202605; why it was refused stays in its history."""
    first = date(month // 100, month % 100, 1)
    account = CityAccount.objects.get(pk=account_id)
    try:
        run(by=LEDGER, account=account, month=first)
    except LedgerRefused as refusal:
        note(by=LEDGER, action=REFUSED, subject=account, reason=refusal.sentence, month=first)


def refusals(accounts: list[int], month: date) -> dict[int, str]:
    """Why the last run of these cities' month was refused: one query."""
    events = LedgerEvent.objects.filter(
        account_id__in=accounts, action=REFUSED, detail__month=f"{month:%Y-%m-%d}"
    )
    return dict(events.order_by("pk").values_list("account_id", "reason"))
