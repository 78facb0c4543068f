"""Jobs of the ledger: the queue looks for this module, each feature brings its own."""

from billing.reports import tasks as reports

__all__ = ["reports"]
