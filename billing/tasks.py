"""Jobs of the ledger: the queue looks for this module, each feature brings its own."""

from billing.reports import tasks as reports
from billing.stripe import tasks as stripe

__all__ = ["reports", "stripe"]
