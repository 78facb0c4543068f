"""`manage.py stripe_check`: does Stripe agree with the ledger."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bezpechne.kernel.schema import PUBLIC, in_schema
from billing.stripe.checks import differences
from billing.stripe.intents import is_on
from billing.stripe_gateway import StripeFailed


class Command(BaseCommand):
    help = (
        "Compares invoices, payments and subscriptions with those at Stripe. Changes nothing. Exit"
        " code 1 with a list when something differs."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_on():
            raise CommandError("STRIPE_API_KEY is not set: there is nothing to compare with.")
        found = 0
        try:
            with in_schema(PUBLIC):
                for difference in differences():
                    self.stdout.write(f"{difference.what}: {difference.text}")
                    found += 1
        except StripeFailed as failed:
            raise CommandError(f"Stripe did not answer: {failed.text}", returncode=2) from failed
        if found:
            raise CommandError(f"Differences: {found}.", returncode=1)
        self.stdout.write("Stripe agrees with the ledger.")
