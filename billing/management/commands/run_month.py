"""`manage.py run_month 2026-05`: costs, acts and invoices of every city's month, at once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bezpechne.kernel.schema import PUBLIC, in_schema
from billing.documents.run import not_run, run
from billing.errors import LedgerRefused
from billing.management.months import month_argument
from billing.models import CityAccount
from billing.system import LEDGER


class Command(BaseCommand):
    help = (
        "Posts the costs of a month and issues its acts and invoices, one city after another."
        " A city is done whole or not at all: repeat the command after an interruption."
        " Exit code 1 when a city was refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("month", type=month_argument, help="as 2026-05")
        parser.add_argument("--city", help="only this city (its slug)")

    def handle(self, *args: Any, **options: Any) -> None:
        refused = 0
        with in_schema(PUBLIC):
            rows = CityAccount.objects.filter(pk__in=not_run(options["month"]))
            if options["city"]:
                rows = CityAccount.objects.filter(slug=options["city"])
            for account in rows.order_by("slug"):
                refused += self._run(account, options)
        if refused:
            raise CommandError(f"Refused: {refused}.", returncode=1)

    def _run(self, account: CityAccount, options: dict[str, Any]) -> int:
        try:
            done = run(by=LEDGER, account=account, month=options["month"])
        except LedgerRefused as refusal:
            self.stdout.write(f"{account.slug}: {refusal.sentence}")
            return 1
        for sentence in done.skipped:
            self.stdout.write(f"{account.slug}: {sentence}")
        self.stdout.write(f"{account.slug}: {len(done.costs)} costs, {len(done.acts)} acts")
        return 0
