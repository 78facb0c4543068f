"""As much of Stripe as the ledger uses, over HTTP on loopback, for the real library.

It keeps objects, idempotency keys and events, moves its own clock, and fails on demand:

    with stripe_server(moment) as stripe:
        stripe.fail("POST /v1/invoices", Failure.CUT)
"""

from tests.stripe_server.server import Failure, StripeServer, stripe_server
from tests.stripe_server.webhooks import signed

__all__ = ["Failure", "StripeServer", "signed", "stripe_server"]
