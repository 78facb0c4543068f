"""A month from costs to acts and invoices; corrections; closing."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from bezpechne.kernel import clock, metering
from billing.costs import months
from billing.costs.posting import Cost, post, reverse
from billing.costs.rates import set_contribution, set_tariff, tariff_on
from billing.documents import acts
from billing.documents.run import accounts_to_run, run
from billing.errors import LedgerRefused
from billing.funding import periods
from billing.funding.periods import Share
from billing.models import (
    Act,
    Allocation,
    CityAccount,
    CostEntry,
    Invoice,
    LedgerIsImmutable,
    NumberSeries,
    PlanMonth,
)
from billing.states import ActState, Basis, Engagement, EntryKind, InvoiceState, PayerKind
from tenants.models import City
from tests.money import Money, d

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)
END = date(2026, 12, 31)
JUNE_2 = datetime(2026, 6, 2, 9, tzinfo=UTC)


@pytest.fixture
def money() -> Money:
    return Money()


@pytest.fixture
def account(alpha: City, money: Money) -> CityAccount:
    return money.account(alpha)


def refused(action: Callable[[], object]) -> str:
    with translation.override("en"), pytest.raises(LedgerRefused) as caught:
        action()
    return caught.value.sentence


def cost(account: CityAccount, amount: str, **fields: object) -> Cost:
    values = {"first": MAY, "last": date(2026, 5, 31), "kind": EntryKind.OTHER} | fields
    return Cost(account=account, amount=d(amount), **values)  # type: ignore[arg-type] # of a test


def borne() -> dict[int, Decimal]:
    found: dict[int, Decimal] = {}
    for part in Allocation.objects.all():
        found[part.agreement_id] = found.get(part.agreement_id, Decimal(0)) + part.amount
    return found


def test_a_cost_goes_to_the_payers_of_its_days(money: Money, account: CityAccount) -> None:
    donor, council = money.agreement(account), money.agreement(account)
    money.fund(donor)
    periods.switch(
        by=money.by, account=account, on=date(2026, 5, 11), last=END, shares=[Share(council)]
    )
    post(by=money.by, cost=cost(account, "100.00"))
    assert borne() == {donor.pk: d("32.26"), council.pk: d("67.74")}


def test_a_correction_undoes_to_the_kopiyka_and_once(money: Money, account: CityAccount) -> None:
    one, two = money.agreement(account), money.agreement(account)
    shares = [Share(one, d("33.33")), Share(two, d("66.67"))]
    periods.fund(by=money.by, account=account, first=MAY, last=END, shares=shares)
    entry = post(by=money.by, cost=cost(account, "100.01"))
    assert "why" in refused(lambda: reverse(by=money.by, entry=entry, reason=" "))
    undone = reverse(by=money.by, entry=entry, reason="Двічі внесено")
    assert set(borne().values()) == {Decimal(0)}
    assert "already" in refused(lambda: reverse(by=money.by, entry=entry, reason="Ще раз"))
    assert "counter-entry" in refused(lambda: reverse(by=money.by, entry=undone, reason="Ще раз"))


def test_what_is_posted_stays(money: Money, account: CityAccount) -> None:
    money.fund(money.agreement(account))
    entry = post(by=money.by, cost=cost(account, "5.00"))
    with pytest.raises(LedgerIsImmutable):
        entry.save()
    with pytest.raises(LedgerIsImmutable):
        CostEntry.objects.filter(pk=entry.pk).update(amount=1)
    with (
        pytest.raises(IntegrityError, match="stay as they were posted"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE billing_cost_entry SET amount = 1")
    with pytest.raises(IntegrityError, match="differ from it"), transaction.atomic():  # noqa: PT012 - asked at the end
        CostEntry.objects.create(
            account=account,
            month=MAY,
            first_day=MAY,
            last_day=MAY,
            kind=EntryKind.OTHER,
            amount=d("1"),
        )
        connection.check_constraints()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"amount": "-1.00"}, "not negative"),
        ({"amount": "1.001"}, "two decimal places"),
        ({"amount": "1", "last": date(2026, 6, 1)}, "within one month"),
        ({"amount": "1", "last": date(2026, 4, 1)}, "before the first"),
        ({"amount": "1", "kind": EntryKind.SUPPORT}, "costs the city nothing"),
    ],
)
def test_odd_costs_are_refused(
    money: Money, account: CityAccount, changes: dict[str, object], words: str
) -> None:
    money.fund(money.agreement(account))
    amount = str(changes.pop("amount"))
    assert words in refused(lambda: post(by=money.by, cost=cost(account, amount, **changes)))
    assert not CostEntry.objects.exists()


def test_nobody_bears_a_cost_of_a_day_without_payer(money: Money, account: CityAccount) -> None:
    money.fund(money.agreement(account), date(2026, 5, 2), END)
    assert "nobody can bear" in refused(lambda: post(by=money.by, cost=cost(account, "1.00")))


def test_the_run_posts_and_bills_a_month_once(money: Money, account: CityAccount) -> None:
    agreement = money.agreement(account, monthly="12345.67")
    money.fund(agreement)
    assert accounts_to_run(MAY) == [account.pk]
    with clock.frozen(JUNE_2):
        done = run(by=money.by, account=account, month=MAY)
        again = run(by=money.by, account=account, month=MAY)
    assert {entry.kind for entry in done.costs} == {EntryKind.FEE, EntryKind.SUPPORT}
    assert (again.costs, again.acts) == ([], [])
    act = Act.objects.get()
    assert (act.amount, act.label) == (d("12345.67"), "1/2026")
    invoice = Invoice.objects.get()
    assert (invoice.amount, invoice.due_on) == (d("12345.67"), date(2026, 7, 2))
    assert PlanMonth.objects.get(agreement=agreement, month=MAY).amount == act.amount


def test_a_month_that_is_not_over_is_not_billed(money: Money, account: CityAccount) -> None:
    money.fund(money.agreement(account))
    with clock.frozen(datetime(2026, 5, 31, 20, tzinfo=UTC)):
        assert "not over" in refused(lambda: run(by=money.by, account=account, month=MAY))
    # December is signed before the year's money lapses.
    with clock.frozen(datetime(2026, 12, 20, 9, tzinfo=UTC)):
        assert run(by=money.by, account=account, month=date(2026, 12, 5)).acts


def test_hours_that_are_approved_after_the_run_are_posted_by_the_next_one(
    money: Money, account: CityAccount
) -> None:
    money.fund(money.agreement(account, basis=Basis.HOURS, monthly="0"))
    set_tariff(
        by=money.by, account=None, activity="", starts_on=date(2026, 1, 1), per_hour=d("120")
    )

    def posted(minutes: int) -> list[tuple[int | None, Decimal]]:
        metering.put("month.hours.answers", minutes, day=MAY, schema=account.schema)
        with clock.frozen(JUNE_2):
            done = run(by=money.by, account=account, month=MAY)
        assert bool(done.skipped) == (minutes < 90)
        rows = CostEntry.objects.filter(kind=EntryKind.HOURS).order_by("pk")
        return [(row.minutes, row.amount) for row in rows]

    hour, half = (60, d("120.00")), (30, d("60.00"))
    metering.put("month.hours.routing", 0, day=MAY, schema=account.schema)
    assert posted(90) == [(90, d("180.00"))]
    assert posted(90) == [(90, d("180.00"))]
    assert posted(120) == [(90, d("180.00")), half]
    # Fewer are a person's decision: said, not taken back by itself.
    assert posted(60) == [(90, d("180.00")), half]
    assert hour not in posted(60)


def test_hours_cost_by_the_tariff_and_bring_the_contribution(
    money: Money, account: CityAccount
) -> None:
    agreement = money.agreement(
        account, basis=Basis.HOURS, engagement=Engagement.CIVIL_LAW, monthly="0"
    )
    set_contribution(by=money.by, starts_on=date(2026, 1, 1), percent=d("22"), source="2464-VI")
    money.fund(agreement)
    set_tariff(
        by=money.by, account=None, activity="", starts_on=date(2026, 1, 1), per_hour=d("150")
    )
    set_tariff(
        by=money.by,
        account=account,
        activity="answers",
        starts_on=date(2026, 5, 1),
        per_hour=d("200"),
    )
    metering.put("month.hours.moderation", 100, day=MAY, schema=account.schema)
    metering.put("month.hours.answers", 61, day=MAY, schema=account.schema)
    with clock.frozen(JUNE_2):
        run(by=money.by, account=account, month=MAY)
    amounts = {(e.kind, e.activity): e.amount for e in CostEntry.objects.all()}
    assert amounts[EntryKind.HOURS, "moderation"] == d("250.00")
    assert amounts[EntryKind.HOURS, "answers"] == d("203.33")
    assert amounts[EntryKind.CONTRIBUTION, ""] == d("99.73")
    codes = Allocation.objects.filter(amount__gt=0).order_by("kekv")
    assert [part.kekv for part in codes] == ["2111", "2111", "2120"]
    assert Act.objects.get().amount == d("553.06")


def test_missing_rates_are_said_and_stop_nothing_else(money: Money, account: CityAccount) -> None:
    money.fund(money.agreement(account, basis=Basis.HOURS))
    metering.put("month.hours.answers", 60, day=MAY, schema=account.schema)
    with clock.frozen(JUNE_2), translation.override("en"):
        done = run(by=money.by, account=account, month=MAY)
    assert any("no tariff" in sentence for sentence in done.skipped)
    assert not done.acts
    assert tariff_on(account.pk, "answers", MAY) is None


def test_numbers_have_no_holes_even_after_a_rollback(
    money: Money, account: CityAccount, beta: City
) -> None:
    payer = money.payer()
    money.fund(money.agreement(account, payer))
    other = money.account(beta)
    money.fund(money.agreement(other, payer))
    with clock.frozen(JUNE_2):
        with transaction.atomic():
            run(by=money.by, account=account, month=MAY)
            transaction.set_rollback(True)
        run(by=money.by, account=other, month=MAY)
        run(by=money.by, account=account, month=MAY)
    assert sorted(Act.objects.values_list("number", flat=True)) == [1, 2]
    assert set(NumberSeries.objects.values_list("last", flat=True)) == {2}


def test_a_cancelled_act_keeps_its_number_and_frees_its_costs(
    money: Money, account: CityAccount
) -> None:
    money.fund(money.agreement(account))
    with clock.frozen(JUNE_2):
        (act,) = run(by=money.by, account=account, month=MAY).acts
        acts.cancel(by=money.by, act=act, reason="Помилка в реквізитах")
        assert Invoice.objects.get().state == InvoiceState.VOID
        (second,) = run(by=money.by, account=account, month=MAY).acts
    assert (act.number, second.number) == (1, 2)
    assert second.amount == act.amount


def test_a_signed_act_is_corrected_by_another(money: Money, account: CityAccount) -> None:
    money.fund(money.agreement(account))
    with clock.frozen(JUNE_2):
        (act,) = run(by=money.by, account=account, month=MAY).acts
        assert "future" in refused(
            lambda: acts.sign(by=money.by, act=act, signed_on=END, copy=money.paper())
        )
        acts.sign(by=money.by, act=act, signed_on=JUNE, copy=money.paper())
        assert "signed already" in refused(
            lambda: acts.cancel(by=money.by, act=act, reason="Передумали")
        )
        fee = CostEntry.objects.get(kind=EntryKind.FEE)
        reverse(by=money.by, entry=fee, reason="Половину відпрацьовано")
        post(by=money.by, cost=cost(account, "5000.00"))
        (further,) = acts.issue_acts(by=money.by, account=account, month=MAY, on=JUNE)
    assert (further.sequence, further.amount) == (2, d("-5000.00"))
    assert Invoice.objects.count() == 1


def test_a_closed_month_takes_nothing_until_it_is_reopened(
    money: Money, account: CityAccount
) -> None:
    money.fund(money.agreement(account))
    with clock.frozen(JUNE_2):
        assert "not over" in refused(lambda: months.close(by=money.by, account=account, month=JUNE))
        months.close(by=money.by, account=account, month=MAY)
        assert "closed already" in refused(
            lambda: months.close(by=money.by, account=account, month=MAY)
        )
        for action in (
            lambda: post(by=money.by, cost=cost(account, "1.00")),
            lambda: run(by=money.by, account=account, month=MAY),
        ):
            assert "closed" in refused(action)
        assert "why" in refused(
            lambda: months.reopen(by=money.by, account=account, month=MAY, reason="")
        )
        months.reopen(by=money.by, account=account, month=MAY, reason="Забули витрати")
        assert run(by=money.by, account=account, month=MAY).acts
        months.close(by=money.by, account=account, month=MAY)


def test_an_opening_balance_is_borne_by_its_agreement(money: Money, account: CityAccount) -> None:
    council = money.agreement(account, money.payer(PayerKind.LOCAL_BUDGET))
    entry = post(
        by=money.by,
        cost=cost(account, "77.00", kind=EntryKind.OPENING, agreement=council),
    )
    assert borne() == {council.pk: d("77.00")}
    with clock.frozen(JUNE_2):
        (act,) = acts.issue_acts(by=money.by, account=account, month=entry.month, on=JUNE)
    assert act.state == ActState.ISSUED
