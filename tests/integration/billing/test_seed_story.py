"""The story that the platform begins with: a donor pays for three cities, then one council does.

Told month by month with the product's own actions; the reports about it must agree to the kopiyka
by three routes: by day, by document, by record of the bank.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime

import pytest
from django.core.management import call_command

from bezpechne.kernel import clock
from billing.bank import payments
from billing.documents import acts
from billing.documents.run import run
from billing.funding.queries import gaps, shares_by_day
from billing.models import Act, CityAccount, FundingAgreement, Invoice
from billing.reports.lens import Lens
from billing.reports.period import Period
from billing.reports.reconcile import reconcile
from billing.reports.report import cost_report
from billing.spreading import last_of, months, next_month
from billing.states import PaymentSource
from billing.system import LEDGER
from provisioning.handover import switching, tasks
from provisioning.handover.models import Handover
from provisioning.handover.states import Stage
from tenants.models import City
from tests.handovers import Leading
from tests.money import Money, d

pytestmark = pytest.mark.django_db
FIRST, SWITCH, LAST = date(2026, 1, 1), date(2026, 10, 1), date(2026, 12, 31)
# No month divides it: kopiykas must not get lost between days.
MONTHLY = "18500.01"
Told = dict[str, CityAccount]


def on(day: date) -> AbstractContextManager[None]:
    return clock.frozen(datetime(day.year, day.month, day.day, 9, tzinfo=UTC))


def settle(account: CityAccount, month: date) -> None:
    """A month is run, signed and paid from the bank, as in the middle of the next one."""
    with on(next_month(month).replace(day=15)):
        run(by=LEDGER, account=account, month=month)
        for act in Act.objects.filter(account=account, month=month):
            copy = Money().paper()
            acts.sign(by=LEDGER, act=act, signed_on=last_of(month), copy=copy)
            invoice = Invoice.objects.get(act=act)
            paid = payments.enter(
                by=LEDGER,
                payer=act.payer,
                received_on=next_month(month).replace(day=10),
                amount=invoice.amount,
                source=PaymentSource.HAND,
            )
            payments.match(by=LEDGER, payment=paid, invoice=invoice, amount=invoice.amount)


@pytest.fixture
def told(alpha: City, beta: City, run_jobs: Callable[[], int]) -> Told:
    """Kyiv and Ternopil by the donor all along; Poltava's trial, decision and change of payers."""
    money = Money()
    donor = money.payer(name="Фонд «Громада»")
    grant = money.grant(donor, "999999.00")
    kyiv = CityAccount.objects.create(
        katottg="UA80000000000093317", slug="kyiv", name_uk="Київ", name_en="Kyiv"
    )
    accounts = {"kyiv": kyiv, "ternopil": money.account(beta), "poltava": money.account(alpha)}
    by_donor = {}
    for slug, account in accounts.items():
        by_donor[slug] = money.agreement(account, donor, MONTHLY, grant=grant)
        money.fund(by_donor[slug])
    with on(date(2026, 7, 10)):
        lead = Leading(alpha, donor=by_donor["poltava"])
        lead.lead_to(Stage.CONTRACT)
    contract = money.agreement(
        accounts["poltava"], lead.council, MONTHLY, days=(SWITCH, LAST), signed_on=date(2026, 9, 1)
    )
    with on(date(2026, 9, 10)):
        lead.fill(contract=contract)
        switching.switch(by=LEDGER, handover=lead.row, on=SWITCH)
    with on(SWITCH):
        tasks.walk(0)
    for month in months(FIRST, date(2026, 11, 30)):
        for account in accounts.values():
            settle(account, month)
    return accounts


def test_each_day_has_one_payer_before_and_after(told: Told) -> None:
    council = Handover.objects.get().council_id
    kinds = dict(FundingAgreement.objects.values_list("pk", "payer"))
    for slug, account in told.items():
        for day, shares in shares_by_day(account.pk, FIRST, LAST).items():
            (agreement,) = shares
            assert (kinds[agreement] == council) == (slug == "poltava" and day >= SWITCH), (
                slug,
                day,
            )
    assert gaps() == []
    assert Handover.objects.get().stage == Stage.PAID


def test_reports_around_the_change_agree_by_three_routes(told: Told) -> None:
    period = Period(date(2026, 8, 1), date(2026, 11, 1))
    result = reconcile(Lens(everything=True), period)
    total = result.total
    assert total.by_day == total.by_document == total.by_record == 4 * 3 * d(MONTHLY)
    assert not any((total.without_act, total.without_invoice, total.open))
    assert result.differences == {}
    assert result.unsettled == {}
    council = Handover.objects.get().council_id
    of_poltava = reconcile(Lens(everything=True, account_id=told["poltava"].pk), period)
    for (payer, month), line in of_poltava.lines.items():
        assert (payer == council) == (month >= SWITCH)
        assert line.by_day == line.by_document == line.by_record == d(MONTHLY)


def test_plan_accrued_and_paid_of_the_year_add_up_and_the_check_says_so(
    told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    with on(date(2026, 12, 16)):
        report = cost_report(Lens(everything=True), Period(FIRST, date(2026, 11, 1)))
    sums = report.total
    whole = 11 * 3 * d(MONTHLY)
    assert (sums.plan, sums.accrued, sums.paid) == (whole, whole, whole)
    call_command("finance_check", settled=True)
    assert "agrees with itself" in capsys.readouterr().out
