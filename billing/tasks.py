"""Jobs of the ledger: the queue looks for this module, each feature brings its own."""

from bezpechne.kernel import queue
from billing.documents import fleet
from billing.reports import tasks as reports
from billing.stripe import tasks as stripe

__all__ = ["reports", "run_month", "stripe"]


@queue.task(fleet.RUN_JOB)
def run_month(account_id: int, month: int) -> None:
    """Posts and bills one city's month."""
    fleet.run_queued(account_id, month)
