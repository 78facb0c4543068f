"""A monthly run that is killed at random statements until it is done: what every kill must leave."""

import random
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Count

from billing.documents.run import not_run
from billing.funding import periods
from billing.funding.periods import Share
from billing.models import Act, CityAccount, CostEntry, Invoice, NumberSeries
from billing.reports.lens import Lens
from billing.reports.period import Period
from billing.reports.reconcile import reconcile
from billing.states import PayerKind
from billing.system import LEDGER
from tests.integration.committed import DYING, killed, python
from tests.money import Money, d

CITIES = 4
# Longer than a whole run of these cities: some runs end before their kill.
MOST_STATEMENTS = 260
CODE = f"""{DYING}
from datetime import UTC, datetime
from django.core.management import call_command
from bezpechne.kernel import clock
with clock.frozen(datetime(2027, 1, 20, 9, tzinfo=UTC)), dying():
    call_command("run_month", os.environ["MONTH"])
os.kill(os.getpid(), signal.SIGKILL)
"""


def a_fleet() -> list[CityAccount]:
    """Cities of two payers each, 40 to 60, whose sums no month divides."""
    money, made = Money(), []
    donor = money.payer()
    for number in range(CITIES):
        account = CityAccount.objects.create(
            katottg=f"UA{number:017}", slug=f"kill-{number}", name_uk=f"М{number}", name_en="x"
        )
        council = money.payer(PayerKind.LOCAL_BUDGET)
        shares = [
            Share(money.agreement(account, donor, "7777.77"), d("40.00")),
            Share(money.agreement(account, council, "11111.11"), d("60.00")),
        ]
        year = date(2026, 1, 1), date(2026, 12, 31)
        periods.fund(by=LEDGER, account=account, first=year[0], last=year[1], shares=shares)
        made.append(account)
    return made


def check(month: date) -> None:
    """Each city's month is whole or untouched; numbers have no hole; the routes agree."""
    left = not_run(month)
    for account in CityAccount.objects.filter(slug__startswith="kill-"):
        acts = Act.objects.filter(account=account, month=month)
        costs = CostEntry.objects.filter(account=account, month=month)
        if account.pk in left:
            assert not acts.exists()
            assert not costs.exists()
        else:
            assert acts.count() == 2
            assert Invoice.objects.filter(act__in=acts).count() == 2
    twice = Act.objects.values("agreement", "month").annotate(n=Count("pk")).filter(n__gt=1)
    assert not twice.exists()
    for series in NumberSeries.objects.all():
        rows: Any = Act.objects if series.kind == "act" else Invoice.objects
        numbers = rows.filter(payer=series.payer, year=series.year).values_list("number", flat=True)
        assert sorted(numbers) == list(range(1, series.last + 1))
    assert reconcile(Lens(everything=True), Period(month, month)).differences == {}


def soak(kills: int, seed: int = 0) -> Iterator[tuple[date, int]]:
    """So many processes, each killed at a random statement; a month that is done leads to the next."""
    chance = random.Random(seed)  # noqa: S311 - for tests
    month = date(2026, 1, 1)
    for number in range(kills):
        killed(CODE, KILL_AFTER=str(chance.randint(1, MOST_STATEMENTS)), MONTH=f"{month:%Y-%m}")
        check(month)
        yield month, number
        if not not_run(month):
            month = date(2026, month.month % 12 + 1, 1)


def finish() -> None:
    """Every month of the year to its end, without a kill; nothing is doubled by the repetition."""
    for month in range(1, 13):
        done = python(CODE, KILL_AFTER="0", MONTH=f"2026-{month:02}")
        assert "Refused" not in done.stderr, done.stderr
        check(date(2026, month, 1))
    assert Act.objects.count() == Invoice.objects.count() == 12 * CITIES * 2
