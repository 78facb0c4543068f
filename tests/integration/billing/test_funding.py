"""One set of payers a day, no gaps, shares of 100 %, and a plan that follows."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from bezpechne.kernel import clock
from bezpechne.kernel.actors import SYSTEM
from billing.costs import months
from billing.errors import LedgerRefused
from billing.funding import agreements, periods
from billing.funding.periods import Share
from billing.funding.queries import gaps, shares_by_day
from billing.models import FundingPeriod, LedgerEvent, PeriodShare, PlanMonth
from billing.spreading import part_of_month
from billing.states import Basis, PayerKind
from tenants.models import City
from tests.money import Money, d

JAN, MAY, JUNE = date(2026, 1, 1), date(2026, 5, 1), date(2026, 6, 1)
END = date(2026, 12, 31)


@pytest.fixture
def money() -> Money:
    return Money()


def plan(account: Any) -> dict[tuple[int, date], Decimal]:
    rows = PlanMonth.objects.filter(account=account)
    return {(row.agreement_id, row.month): row.amount for row in rows}


def refused(action: Callable[[], object]) -> str:
    with translation.override("en"), pytest.raises(LedgerRefused) as caught:
        action()
    return caught.value.sentence


def test_a_switch_gives_each_day_one_payer_and_each_month_its_sum(
    alpha: City, money: Money
) -> None:
    account = money.account(alpha)
    donor = money.agreement(account)
    money.fund(donor, JAN, END)
    council = money.agreement(account, money.payer(PayerKind.LOCAL_BUDGET), "11000.01")
    periods.switch(by=money.by, account=account, on=JUNE, last=END, shares=[Share(council)])
    days = shares_by_day(account.pk, JAN, END)
    assert all(list(of_day.values()) == [Decimal(100)] for of_day in days.values())
    assert days[date(2026, 5, 31)] == {donor.pk: Decimal(100)}
    assert days[JUNE] == {council.pk: Decimal(100)}
    assert not gaps()
    planned = plan(account)
    assert planned[donor.pk, MAY] == d("10000.00")
    assert (donor.pk, JUNE) not in planned
    assert planned[council.pk, JUNE] == d("11000.01")
    (share,) = PeriodShare.objects.filter(period__account=account, period__days__contains=JUNE)
    assert share.agreement == council


@given(cut=st.integers(min_value=2, max_value=31))
def test_a_month_cut_in_two_plans_what_the_whole_month_does(cut: int) -> None:
    """Without the database: the plan of both halves of one agreement's month."""
    days = [MAY + timedelta(days=number) for number in range(31)]
    halves = part_of_month(d("9999.99"), MAY, days[:cut]) + part_of_month(
        d("9999.99"), MAY, days[cut:]
    )
    assert halves == d("9999.99")


def test_two_payers_share_and_each_plans_its_own(alpha: City, money: Money) -> None:
    account = money.account(alpha)
    one, two = money.agreement(account, monthly="6000.00"), money.agreement(account, monthly="4000")
    shares = [Share(one, d("60.00")), Share(two, d("40.00"))]
    periods.fund(by=money.by, account=account, first=MAY, last=END, shares=shares)
    assert plan(account)[two.pk, MAY] == d("4000.00")


@pytest.mark.parametrize(("one", "two"), [("60", "39.99"), ("60", "40.01"), ("100", "100")])
def test_shares_that_are_not_the_whole_are_refused(
    alpha: City, money: Money, one: str, two: str
) -> None:
    account = money.account(alpha)
    shares = [Share(money.agreement(account), d(one)), Share(money.agreement(account), d(two))]
    assert "100" in refused(
        lambda: periods.fund(by=money.by, account=account, first=MAY, last=END, shares=shares)
    )
    assert not FundingPeriod.objects.exists()


def test_overlaps_gaps_and_reversed_days_are_refused(alpha: City, money: Money) -> None:
    account = money.account(alpha)
    agreement = money.agreement(account)
    money.fund(agreement, MAY, date(2026, 5, 31))
    for first, last, words in [
        (date(2026, 5, 31), END, "Days never have two sets of payers"),
        (date(2026, 6, 2), END, "nobody would pay"),
        (JAN, date(2026, 4, 29), "nobody would pay"),
        (END, JUNE, "before the first"),
        (JUNE, date(2027, 1, 1), "valid from"),
    ]:
        assert words in refused(partial(money.fund, agreement, first, last))
    money.fund(agreement, JUNE, END)
    money.fund(agreement, JAN, date(2026, 4, 30))
    assert not gaps()


def test_a_pause_is_said_and_dated(alpha: City, money: Money) -> None:
    account = money.account(alpha)
    agreement = money.agreement(account)
    money.fund(agreement, MAY, date(2026, 5, 31))
    assert "why" in refused(
        lambda: periods.pause(
            by=money.by, account=account, first=JUNE, last=date(2026, 6, 30), reason=" "
        )
    )
    periods.pause(
        by=money.by,
        account=account,
        first=JUNE,
        last=date(2026, 6, 30),
        reason="Договір запізнився",
    )
    money.fund(agreement, date(2026, 7, 1), END)
    assert shares_by_day(account.pk, JUNE, JUNE) == {JUNE: {}}
    assert not gaps()


def test_the_end_takes_the_plan_with_it(alpha: City, money: Money) -> None:
    account = money.account(alpha)
    agreement = money.agreement(account)
    money.fund(agreement)
    periods.end(by=money.by, account=account, last=date(2026, 5, 10), reason="Проєкт закрито")
    assert max(month for _agreement, month in plan(account)) == MAY
    # Ten days, of which the first two have the kopiykas that are left.
    assert plan(account)[agreement.pk, MAY] == d("3225.82")
    agreements.change_end(
        by=money.by, agreement=agreement, ends_on=date(2026, 5, 10), reason="Додаткова угода № 1"
    )
    assert "pays until" in refused(
        lambda: agreements.change_end(
            by=money.by, agreement=agreement, ends_on=date(2026, 5, 9), reason="Лист"
        )
    )


def test_the_past_of_a_closed_month_stays(alpha: City, money: Money) -> None:
    account = money.account(alpha)
    agreement = money.agreement(account)
    money.fund(agreement)
    with clock.frozen(clock.now().replace(year=2026, month=6, day=2)):
        months.close(by=money.by, account=account, month=MAY)
    other = money.agreement(account)
    assert "closed" in refused(
        lambda: periods.switch(
            by=money.by,
            account=account,
            on=date(2026, 5, 31),
            last=END,
            shares=[Share(other)],
        )
    )
    periods.switch(by=money.by, account=account, on=JUNE, last=END, shares=[Share(other)])
    months.reopen(by=money.by, account=account, month=MAY, reason="Помилка в даті")
    periods.switch(
        by=money.by, account=account, on=date(2026, 5, 31), last=END, shares=[Share(other)]
    )
    assert shares_by_day(account.pk, MAY, MAY)[MAY] == {agreement.pk: Decimal(100)}


def test_an_agreement_of_another_city_pays_nothing_here(
    alpha: City, beta: City, money: Money
) -> None:
    account, elsewhere = money.account(alpha), money.account(beta)
    agreement = money.agreement(elsewhere)
    assert "another city" in refused(
        lambda: periods.fund(
            by=money.by, account=account, first=MAY, last=END, shares=[Share(agreement)]
        )
    )
    money.fund(agreement)
    money.fund(money.agreement(account))
    assert PlanMonth.objects.filter(account=account).count() == 12


def test_ways_of_paying_do_not_mix(alpha: City, money: Money) -> None:
    account = money.account(alpha)
    shares = [
        Share(money.agreement(account), d("50")),
        Share(money.agreement(account, basis=Basis.HOURS), d("50")),
    ]
    assert "same way" in refused(
        lambda: periods.fund(by=money.by, account=account, first=MAY, last=END, shares=shares)
    )


def test_the_database_itself_keeps_the_whole_and_the_one_set_a_day(
    alpha: City, money: Money
) -> None:
    account = money.account(alpha)
    agreement = money.agreement(account)
    period = money.fund(agreement, MAY, END)
    with pytest.raises(IntegrityError), transaction.atomic():
        FundingPeriod.objects.create(account=account, days=(END, date(2027, 2, 1)))
    with pytest.raises(IntegrityError, match="add up to"), transaction.atomic():  # noqa: PT012 - asked at the end
        PeriodShare.objects.filter(period=period).update(percent=d("99.99"))
        connection.check_constraints()
    with pytest.raises(IntegrityError, match="add up to"), transaction.atomic():  # noqa: PT012 - same
        FundingPeriod.objects.create(account=account, days=(date(2027, 1, 1), date(2027, 2, 1)))
        connection.check_constraints()


def test_whoever_may_not_changes_nothing(alpha: City, money: Money) -> None:
    account = money.account(alpha)
    agreement = money.agreement(account)
    with pytest.raises(PermissionDenied):
        periods.fund(by=SYSTEM, account=account, first=MAY, last=END, shares=[Share(agreement)])
    assert not FundingPeriod.objects.exists()


def test_each_change_is_in_the_history(alpha: City, money: Money) -> None:
    account = money.account(alpha)
    money.fund(money.agreement(account))
    actions = list(LedgerEvent.objects.order_by("pk").values_list("action", flat=True))
    assert actions == ["account_opened", "payer_added", "agreement_added", "period_added"]


def test_the_history_knows_the_payer_and_the_city_of_what_was_done(
    alpha: City, money: Money
) -> None:
    account = money.account(alpha)
    agreement = money.agreement(account)
    money.fund(agreement)
    agreements.change_end(by=money.by, agreement=agreement, ends_on=END, reason="Лист № 1")
    of = {event.action: (event.payer_id, event.account_id) for event in LedgerEvent.objects.all()}
    assert of == {
        "account_opened": (None, account.pk),
        "payer_added": (agreement.payer_id, None),
        "agreement_added": (agreement.payer_id, account.pk),
        "period_added": (None, account.pk),
        "agreement_ended": (agreement.payer_id, account.pk),
    }
