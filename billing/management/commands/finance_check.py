"""`manage.py finance_check`: does the ledger agree with itself, to the kopiyka."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Max, Min

from bezpechne.kernel.schema import PUBLIC, in_schema
from billing.management.months import month_argument
from billing.models import Allocation, CityAccount, Invoice
from billing.reports.checks import wrongs
from billing.reports.lens import Lens
from billing.reports.period import Period
from billing.reports.reconcile import Line, Reconciliation, reconcile


class Command(BaseCommand):
    help = (
        "Compares costs by day, acts and invoices, and payments from the bank and Stripe, and"
        " checks what must hold in the ledger. Exit code 1 with a list when something differs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--first", type=month_argument, help="first month; default: the ledger's first"
        )
        parser.add_argument(
            "--last", type=month_argument, help="last month; default: the ledger's last"
        )
        parser.add_argument("--city", help="only this city (its slug)")
        parser.add_argument("--payer", type=int, help="only this payer (its key)")
        parser.add_argument(
            "--settled", action="store_true", help="also what waits for an act or money is a fault"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with in_schema(PUBLIC):
            faults = self._rules() + self._routes(options)
        if faults:
            raise CommandError(f"Differences: {faults}.", returncode=1)
        self.stdout.write("The ledger agrees with itself.")

    def _rules(self) -> int:
        found = 0
        for wrong in wrongs():
            self.stdout.write(f"{wrong.check}: {wrong.text}")
            found += 1
        return found

    def _routes(self, options: dict[str, Any]) -> int:
        period = _period(options)
        if period is None:
            return 0
        lens = Lens(
            everything=True, account_id=_account(options["city"]), payer_id=options["payer"]
        )
        result = reconcile(lens, period)
        self._totals(result, period)
        shown = result.unsettled if options["settled"] else result.differences
        for (payer, month), line in shown.items():
            self.stdout.write(f"payer {payer}, {month:%Y-%m}: {_told(line)}")
        return len(shown)

    def _totals(self, result: Reconciliation, period: Period) -> None:
        ways = ", ".join(f"{way} {amount}" for way, amount in result.records.items())
        self.stdout.write(f"{period.first:%Y-%m} to {period.last:%Y-%m}: {_told(result.total)}")
        self.stdout.write(f"by record: {ways}")


def _told(line: Line) -> str:
    text = (
        f"by day {line.by_day}, by document {line.by_document}, by record {line.by_record};"
        f" without act {line.without_act}, without invoice {line.without_invoice},"
        f" open {line.open}"
    )
    if line.is_right:
        return text
    return f"{text}; UNEXPLAINED {line.unexplained_acts} and {line.unexplained_payments}"


def _period(options: dict[str, Any]) -> Period | None:
    costs = Allocation.objects.aggregate(first=Min("month"), last=Max("month"))
    bills = Invoice.objects.aggregate(first=Min("month"), last=Max("month"))
    first = options["first"] or min(filter(None, (costs["first"], bills["first"])), default=None)
    last = options["last"] or max(filter(None, (costs["last"], bills["last"])), default=None)
    return Period(first, last) if first and last else None


def _account(slug: str | None) -> int | None:
    if not slug:
        return None
    account = CityAccount.objects.filter(slug=slug).first()
    if account is None:
        raise CommandError(f"No city {slug!r} in the ledger.")
    return account.pk
