"""Sums of the cost report, to the kopiyka, and its three routes around a switch of payers."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bezpechne.kernel import clock, metering
from billing.bank import payments
from billing.costs.posting import reverse
from billing.costs.rates import set_contribution
from billing.documents import acts
from billing.funding import periods
from billing.funding.periods import Share
from billing.models import CityAccount, FundingAgreement, Invoice
from billing.payers import add_rates, add_tranche
from billing.reports import documents, gaps
from billing.reports.comparison import compare_cities
from billing.reports.documents import Kind
from billing.reports.gaps import Gap
from billing.reports.lens import Lens
from billing.reports.period import Basis, Period
from billing.reports.reconcile import reconcile
from billing.reports.report import CostReport, cost_report
from billing.reports.statements import rows
from billing.reports.sums import Sums
from billing.reports.usage import ANSWERED, RECEIVED
from billing.states import Engagement, PayerKind, Source
from tenants.models import City
from tests.integration.billing.books import APRIL, END, JUNE, MAY, NOW, Books
from tests.money import Money, d

ALL = Lens(everything=True)
SPRING = Period(APRIL, JUNE)
YEAR = Period(date(2026, 1, 1), date(2026, 12, 1))
NONE = d("0.00")


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def books(alpha: City) -> Books:
    return Books(alpha)


@pytest.fixture
def settled(books: Books) -> Books:
    """April to June in the books, with a cost of the days around the switch."""
    books.cost(date(2026, 5, 10), date(2026, 5, 20))
    for month in (APRIL, MAY, JUNE):
        books.settle(month)
    return books


def sums(*amounts: str) -> Sums:
    return Sums(*(d(amount) for amount in amounts))


def of_months(report: CostReport) -> dict[date, Sums]:
    return dict(report.months)


def count(name: str, value: int, month: date, account: CityAccount) -> None:
    metering.put(f"month.{name}", value, day=month, schema=account.schema)


def test_three_routes_are_equal_around_a_switch(settled: Books) -> None:
    found = reconcile(ALL, SPRING)
    assert all(line.is_settled for line in found.lines.values())
    donor, council = settled.donor.payer_id, settled.council.payer_id
    # 14 of 31 days of 10 000,01 and 5 of 11 days of 1 000,03; the rest is the council's.
    assert found.lines[donor, MAY].by_day == d("4516.15") + d("454.56")
    assert found.lines[council, MAY].by_record == d("4265.17") + d("545.47")
    assert set(found.lines) == {
        (donor, APRIL),
        (donor, MAY),
        (council, MAY),
        (council, JUNE),
    }
    report = cost_report(ALL, SPRING)
    assert report.total.accrued == report.total.paid == found.total.by_day
    call_command("finance_check", settled=True)


def test_the_same_money_in_every_grouping(settled: Books) -> None:
    report = cost_report(ALL, SPRING)
    for parts in (
        [sums for _month, sums in report.months],
        [line.sums for line in report.payers],
        [sums for _source, sums in report.sources],
        [line.sums for line in report.cities],
        list(report.kekvs.values()),
    ):
        assert sum(parts, Sums()) == report.total
    assert dict(report.sources)[Source.GRANT].paid == d("10000.01") + d("4970.71")
    assert {line.id for line in report.payers} == {
        settled.donor.payer_id,
        settled.council.payer_id,
    }


def test_plan_accrual_and_payment_of_a_month_differ(books: Books) -> None:
    (act,) = books.run(APRIL)
    report = cost_report(ALL, SPRING)
    assert of_months(report)[APRIL] == sums("10000.01", "0.00", "0.00")
    books.pay(act, d("3000.00"))
    books.sign(act)
    april = of_months(cost_report(ALL, SPRING))[APRIL]
    assert april == sums("10000.01", "10000.01", "3000.00")
    assert (april.deviation, april.percent) == (NONE, d("100.0"))
    assert april.accrued - april.paid == d("7000.01")
    may = of_months(cost_report(ALL, SPRING))[MAY]
    assert (may.accrued, may.percent) == (NONE, d("0.0"))
    assert Sums().percent is None


def test_a_cancelled_act_and_an_undone_match_count_for_nothing(books: Books) -> None:
    (act,) = books.run(APRIL)
    acts.cancel(by=books.money.by, act=act, reason="Помилка")
    (again,) = books.run(APRIL)
    books.sign(again)
    fee = again.lines.get(allocation__amount__gt=0).allocation.entry
    reverse(by=books.money.by, entry=fee, reason="Подвійний запис")
    (negative,) = books.run(APRIL)
    books.sign(negative)
    report = cost_report(ALL, SPRING)
    assert report.total.accrued == again.amount + negative.amount == NONE
    assert reconcile(ALL, SPRING).total.is_right
    call_command("finance_check")


def test_dates_of_documents_move_money_between_months(settled: Books) -> None:
    by_dates = Period(MAY, MAY, Basis.DOCUMENT)
    report = cost_report(ALL, by_dates)
    # The act of April is signed and paid in May; what is planned stays where the work is.
    assert report.total.accrued == report.total.paid == d("10000.01")
    assert report.total.plan == d("4516.15") + d("4265.17")
    assert sum(report.kekvs.values(), Sums()) == report.total


def test_a_payment_in_parts_gives_each_code_its_part_and_at_last_all(
    alpha: City, money: Money
) -> None:
    set_contribution(by=money.by, starts_on=date(2026, 1, 1), percent=d("22"), source="2464-VI")
    books = Books(alpha, switch=None)
    wages = money.agreement(books.account, monthly="8333.33", engagement=Engagement.CIVIL_LAW)
    periods.switch(by=money.by, account=books.account, on=APRIL, last=END, shares=[Share(wages)])
    (act,) = books.run(APRIL)
    books.sign(act)
    first, second = d("1000.01"), act.amount - d("1000.01")
    books.pay(act, first, date(2026, 5, 20))
    half = cost_report(ALL, Period(APRIL, APRIL)).kekvs
    assert half["2111"] == sums("8333.33", "8333.33", "819.68")
    assert half["2120"] == sums("1833.33", "1833.33", "180.33")
    books.pay(act, second, date(2026, 6, 20))
    whole = cost_report(ALL, Period(APRIL, APRIL)).kekvs
    assert whole["2111"].paid == d("8333.33")
    parts = [cost_report(ALL, Period(month, month, Basis.DOCUMENT)).kekvs for month in (MAY, JUNE)]
    assert sum(part["2120"].paid for part in parts) == d("1833.33")
    assert parts[0]["2111"].paid == d("819.68")


@pytest.fixture
def money() -> Money:
    return Money()


def test_each_lens_counts_its_own_rows(settled: Books, beta: City) -> None:
    other = Books(beta)
    other.settle(APRIL)
    CityAccount.objects.filter(pk=other.account.pk).update(oblast="Тернопільська")
    donor = settled.donor.payer_id
    assert cost_report(ALL, SPRING).total.accrued > settled_sum(settled)
    for lens, wanted in (
        (Lens(everything=True, account_id=settled.account.pk), settled_sum(settled)),
        (Lens(accounts=frozenset({settled.account.pk})), settled_sum(settled)),
        (Lens(payers=frozenset({donor})), d("14970.72")),
        (Lens(everything=True, payer_id=donor), d("14970.72")),
        (Lens(payers=frozenset({donor}), account_id=other.account.pk), NONE),
        (Lens(accounts=frozenset({settled.account.pk}), payer_id=other.donor.payer_id), NONE),
        (Lens(), NONE),
        (Lens(everything=True, oblast="Ніяка"), NONE),
        (Lens(everything=True, oblast="Тернопільська"), d("10000.01")),
    ):
        report = cost_report(lens, SPRING)
        assert (report.total.accrued, lens) == (wanted, lens)
        assert reconcile(lens, SPRING).total.by_document == wanted
        assert sum(report.kekvs.values(), Sums()) == report.total


def settled_sum(books: Books) -> Decimal:
    """Three months with the switch in the middle of the second, and the cost around it."""
    return d("10000.01") + d("4516.15") + d("4265.17") + d("7777.77") + d("1000.03")


def test_a_statement_that_forgets_the_reader_does_not_run(db: None) -> None:
    with pytest.raises(ValueError, match="who reads it"):
        rows("SELECT 1", ALL, SPRING)


def test_cost_of_one_counts_months_with_a_signed_act_alone(books: Books) -> None:
    for month, answered in ((APRIL, 40), (MAY, 60)):
        count("questions.received", 100, month, books.account)
        count("questions.answered", answered, month, books.account)
        books.run(month)
    books.sign(books.account.acts.get(month=APRIL))
    CityAccount.objects.filter(pk=books.account.pk).update(population=20_000)
    report = cost_report(ALL, SPRING)
    assert report.figures.all[ANSWERED] == 100
    assert report.figures.signed[ANSWERED] == 40
    assert report.figures.cost_of(ANSWERED) == d("250.00")
    assert report.figures.cost_of(RECEIVED) == d("100.00")
    assert report.figures.cost_per_thousand == d("500.00")
    assert report.figures_of_months[MAY].cost_of(ANSWERED) is None
    assert (report.figures.city_months, report.figures.signed_city_months) == (3, 1)


def test_nothing_answered_or_measured_is_no_division(books: Books) -> None:
    count("questions.answered", 0, APRIL, books.account)
    CityAccount.objects.filter(pk=books.account.pk).update(population=None)
    books.settle(APRIL)
    figures = cost_report(ALL, SPRING).figures
    assert figures.cost_of(ANSWERED) is None
    assert figures.cost_of("questions.published") is None
    assert figures.cost_per_thousand is None
    empty = cost_report(ALL, Period(date(2020, 1, 1), date(2020, 3, 1)))
    assert empty.is_empty
    assert empty.total == Sums()
    assert empty.figures.cost_of(ANSWERED) is None


def test_the_forecast_takes_the_plan_where_no_act_is_signed(settled: Books) -> None:
    found = cost_report(ALL, YEAR).forecast
    planned = found.plan - d("10000.01") - d("4516.15") - d("4265.17") - d("7777.77")
    assert found.accrued == settled_sum(settled)
    assert found.by_plan == found.accrued + planned
    # Three months are signed; six of the year are left after June.
    assert found.months == 3
    assert found.by_pace == (found.accrued * 3).quantize(d("0.01"))
    assert cost_report(ALL, Period(date(2027, 1, 1), date(2027, 1, 1))).forecast.by_pace is None


def test_what_lacks_among_documents_is_named(books: Books) -> None:
    made = {month: books.run(month)[0] for month in (APRIL, JUNE)}
    acts.void(by=books.money.by, invoice=Invoice.objects.get(act=made[APRIL]), reason="Хибна сума")
    books.pay(made[JUNE], d("100.00"))
    FundingAgreement.objects.filter(pk=books.donor.pk).update(ends_on=date(2026, 3, 31))
    found = gaps.count(ALL, SPRING)
    assert found.acts == 2
    assert found.gaps == {
        Gap.NO_INVOICE: 1,
        Gap.PAID_UNSIGNED: 1,
        Gap.OUTSIDE: 1,
        Gap.OVERDUE: 1,
    }
    lines = documents.papers(ALL, SPRING)
    told = [(line.kind, line.gaps) for line in lines]
    assert told == [
        (Kind.ACT, (Gap.NO_INVOICE, Gap.OUTSIDE)),
        (Kind.INVOICE, ()),
        (Kind.ACT, (Gap.PAID_UNSIGNED,)),
        (Kind.INVOICE, (Gap.OVERDUE,)),
        (Kind.PAYMENT, ()),
    ]
    (only,) = [
        line for line in documents.papers(ALL, SPRING, gap=Gap.OVERDUE) if line.kind == Kind.ACT
    ]
    assert only.key == made[JUNE].pk
    assert documents.papers(ALL, SPRING, offset=1, limit=1)[0].key == made[JUNE].pk


def test_of_a_payment_for_two_cities_each_shows_its_part(alpha: City, beta: City) -> None:
    money = Money()
    payer = money.payer()
    books = [Books(city, money, switch=None) for city in (alpha, beta)]
    bills = []
    for book in books:
        agreement = money.agreement(book.account, payer, monthly="3000.00")
        periods.switch(
            by=money.by, account=book.account, on=APRIL, last=END, shares=[Share(agreement)]
        )
        bills.append(Invoice.objects.get(act=book.run(APRIL)[0]))
    payment = payments.enter(
        by=money.by, payer=payer, received_on=MAY, amount=d("6000.00"), reference="Іван Петренко"
    )
    for bill in bills:
        payments.match(by=money.by, payment=payment, invoice=bill, amount=d("3000.00"))
    lens = Lens(accounts=frozenset({books[0].account.pk}))
    paid = [line for line in documents.papers(lens, SPRING) if line.kind == Kind.PAYMENT]
    assert [(line.amount, line.number) for line in paid] == [(d("3000.00"), "")]


def test_grant_months_have_the_last_rate_of_the_month(alpha: City) -> None:
    money = Money()
    payer = money.payer()
    grant = money.grant(payer)
    books = Books(alpha, money, switch=None)
    agreement = money.agreement(books.account, payer, monthly="4200.00", grant=grant)
    periods.switch(
        by=money.by, account=books.account, on=APRIL, last=END, shares=[Share(agreement)]
    )
    add_rates(
        by=money.by,
        currency="USD",
        rates={date(2026, 4, 3): d("41.5"), date(2026, 4, 28): d("42")},
        source="НБУ",
    )
    add_tranche(
        by=money.by,
        grant=grant,
        received_on=date(2026, 4, 10),
        amount=d("1000"),
        rate=d("41.5"),
        rate_source="НБУ",
    )
    books.settle(APRIL)
    report = cost_report(ALL, SPRING)
    april, may, _june = report.grant_months
    assert (april.currency, april.rate, april.equivalent) == ("USD", d("42"), d("100.00"))
    assert (may.rate, may.equivalent) == (None, None)
    assert [tranche.amount_uah for tranche in report.received] == [d("41500.00")]
    # Money of the donor is not the city's.
    city = cost_report(Lens(accounts=frozenset({books.account.pk})), SPRING)
    assert city.received == []
    assert city.grant_months == report.grant_months
    chosen = cost_report(Lens(everything=True, account_id=books.account.pk), SPRING)
    assert chosen.received == []


def test_cities_are_compared_and_unknown_costs_come_last(alpha: City, beta: City) -> None:
    cheap, dear = Books(alpha), Books(beta)
    for books, answered in ((cheap, 100), (dear, 10)):
        books.settle(APRIL)
        count("questions.answered", answered, APRIL, books.account)
    dear_last = compare_cities(ALL, SPRING, "cost_answered")
    assert [city.place.id for city in dear_last] == [cheap.account.pk, dear.account.pk]
    dear_first = compare_cities(ALL, SPRING, "cost_answered", descending=True)
    assert [city.figures.cost_of(ANSWERED) for city in dear_first] == [d("1000.00"), d("100.00")]
    metering.put("month.questions.answered", 0, day=APRIL, schema=dear.account.schema)
    for descending in (False, True):
        found = compare_cities(ALL, SPRING, "cost_answered", descending=descending)
        assert found[-1].place.id == dear.account.pk
    names = [city.place.name for city in compare_cities(ALL, SPRING, "no such column")]
    assert names == ["Полтава", "Тернопіль"]


def queries_of(action: Any) -> int:
    with CaptureQueriesContext(connection) as queries:
        action()
    return len(queries)


def test_the_number_of_statements_does_not_grow(alpha: City, beta: City) -> None:
    first = Books(alpha)
    first.settle(APRIL)
    few = queries_of(lambda: cost_report(ALL, SPRING))
    few_papers = queries_of(lambda: documents.papers(ALL, SPRING))
    few_routes = queries_of(lambda: reconcile(ALL, SPRING))
    for books in (first, Books(beta)):
        books.settle(MAY)
        books.settle(JUNE)
    assert queries_of(lambda: cost_report(ALL, YEAR)) == few
    assert queries_of(lambda: documents.papers(ALL, YEAR)) == few_papers
    assert queries_of(lambda: reconcile(ALL, YEAR)) == few_routes
    assert few <= 14


def test_the_check_tells_open_sums_and_fails_on_wrong_ones(
    books: Books, capsys: pytest.CaptureFixture[str]
) -> None:
    (act,) = books.run(APRIL)
    call_command("finance_check")
    assert "open 10000.01" in capsys.readouterr().out
    with pytest.raises(CommandError, match=r"Differences: 1\."):
        call_command("finance_check", settled=True)
    Invoice.objects.filter(act=act).update(matched=d("5.00"))
    with pytest.raises(CommandError, match="Differences"):
        call_command("finance_check")
    out = capsys.readouterr().out
    assert "paid sums of invoices: invoice" in out
    assert "UNEXPLAINED 0.00 and 5.00" in out


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("UPDATE billing_act SET amount = amount + 1", "acts and their lines: act"),
        ("UPDATE billing_act SET number = number + 10", "numbers of acts: act numbers"),
        ("DELETE FROM billing_act_line", "acts and their lines: act"),
        ("UPDATE billing_number_series SET last = last + 1", "numbers of invoices"),
        ("UPDATE billing_invoice SET amount = amount + 1", "invoices and their acts"),
        ("UPDATE billing_payment SET matched = 0", "used sums of payments"),
        ("UPDATE billing_payment SET payer_id = NULL", "payers of matches"),
        (
            "UPDATE billing_period SET days = daterange(lower(days), upper(days) - 1)",
            "days without payer: account",
        ),
    ],
)
def test_each_rule_of_the_ledger_is_checked(
    settled: Books, capsys: pytest.CaptureFixture[str], sql: str, told: str
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
    with pytest.raises(CommandError):
        call_command("finance_check")
    assert told in capsys.readouterr().out


def test_a_cost_of_days_that_its_payer_does_not_fund_is_a_difference(settled: Books) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE billing_period_share SET agreement_id = %s WHERE agreement_id = %s",
            [settled.council.pk, settled.donor.pk],
        )
    found = reconcile(ALL, SPRING)
    assert found.differences[settled.donor.payer_id, MAY].unexplained_acts == d("-454.56")


@pytest.mark.parametrize("options", [{"first": "2026-13"}, {"city": "atlantis"}])
def test_the_check_refuses_what_is_no_month_or_city(
    settled: Books, options: dict[str, str]
) -> None:
    flags = [f"--{name}={value}" for name, value in options.items()]
    with pytest.raises(CommandError, match=r"no month|No city"):
        call_command("finance_check", *flags)


def test_the_check_of_one_city_counts_it_alone(
    settled: Books, beta: City, capsys: pytest.CaptureFixture[str]
) -> None:
    Books(beta).settle(APRIL)
    call_command("finance_check", "--city=poltava", "--first=2026-04", "--last=2026-04")
    assert "2026-04 to 2026-04: by day 10000.01, by document 10000.01" in capsys.readouterr().out
    call_command("finance_check", f"--payer={settled.council.payer_id}")
    assert "stripe 0.00" in capsys.readouterr().out


def test_kinds_of_payers_are_told(settled: Books) -> None:
    kinds = {line.id: line.kind for line in cost_report(ALL, SPRING).payers}
    assert kinds[settled.council.payer_id] == str(PayerKind.LOCAL_BUDGET.label)
