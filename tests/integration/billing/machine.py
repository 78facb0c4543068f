"""Random sequences over the ledger of two cities, against a plain model of days and sums.

The model is a dictionary of days; it knows none of the ledger's code. `test_machine.py` runs a few
sequences in the gate, `python -m tests.bench.ledger 3000` thousands.
"""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from bezpechne.kernel import clock
from billing.bank import payments
from billing.costs import months
from billing.costs.posting import Cost, post, reverse
from billing.documents import acts
from billing.documents.run import run
from billing.errors import LedgerRefused
from billing.funding import periods
from billing.funding.periods import Share
from billing.funding.queries import gaps
from billing.models import (
    Act,
    CityAccount,
    ClosedMonth,
    CostEntry,
    FundingPeriod,
    Invoice,
    NumberSeries,
    Payment,
    PaymentMatch,
)
from billing.spreading import last_of
from billing.spreading import months as months_between
from billing.states import ActState, EntryKind, InvoiceState
from tenants.models import City
from tests.money import Money, d

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
NOW = datetime(2027, 1, 15, 9, tzinfo=UTC)
MONTHS = list(months_between(FIRST, LAST))
days = st.integers(min_value=0, max_value=364).map(lambda number: FIRST + timedelta(days=number))
sums = st.integers(min_value=1, max_value=5_000_000).map(lambda kopiykas: Decimal(kopiykas) / 100)
percents = st.sampled_from([d("100"), d("50"), d("33.33"), d("0.01")])
places = st.integers(min_value=0, max_value=1)
# Mostly the day after what is covered; else one that leaves a gap, overlaps, or lies anywhere.
starts = st.sampled_from([0, 0, 0, 0, 1, -1, None])
lengths = st.integers(min_value=1, max_value=120)

Pays = dict[date, tuple[tuple[int, Decimal], ...]]


def run_of(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


class Ledger(RuleBasedStateMachine):
    """`pays`: by city the shares of each covered day, `()` on a pause."""

    entries: "Bundle[Any]" = Bundle("entries")

    def __init__(self) -> None:
        super().__init__()
        self._clock = clock.frozen(NOW)
        self._clock.__enter__()
        self._all = transaction.atomic()
        self._all.__enter__()
        self.money = Money()
        self.pays: dict[int, Pays] = {}
        self.closed: set[tuple[int, date]] = set()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self._all.__exit__(None, None, None)
        self._clock.__exit__(None, None, None)

    # --- The world --------------------------------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        self.accounts = [
            self.money.account(City.objects.get(slug=slug)) for slug in ("poltava", "ternopil")
        ]
        payers = [self.money.payer() for _ in range(2)]
        self.agreements = {
            account.pk: [
                self.money.agreement(account, payer, monthly=monthly)
                for payer, monthly in zip(payers, ("10000.00", "7777.77"), strict=True)
            ]
            for account in self.accounts
        }
        self.pays = {account.pk: {} for account in self.accounts}
        first = self.accounts[0]
        shares = self.shares(first, d("33.33"))
        periods.fund(by=self.money.by, account=first, first=FIRST, last=MONTHS[5], shares=shares)
        self.remember(first, FIRST, MONTHS[5], shares)

    def day_for(self, account: CityAccount, start: int | None, anywhere: date) -> date:
        """A first day beside what is covered, or anywhere."""
        covered = self.pays[account.pk]
        if start is None or not covered:
            return anywhere
        return min(max(covered) + timedelta(days=1 + start), LAST)

    def attempt(self, action: Any, *, allowed: bool) -> Any:
        """What the action gives; the model has said whether it may."""
        try:
            with transaction.atomic():
                done = action()
        except LedgerRefused:
            done = None
            taken = False
        else:
            taken = True
        assert taken == allowed, "the ledger and the model disagree on what may be"
        return done

    def is_open(self, account: CityAccount, first: date, last: date) -> bool:
        return not any((account.pk, month) in self.closed for month in months_between(first, last))

    def touches(self, account: CityAccount, first: date, last: date) -> bool:
        """New days join on to what is covered, without a gap."""
        covered = self.pays[account.pk]
        before = [day for day in covered if day < first]
        behind = [day for day in covered if day > last]
        return (not before or max(before) == first - timedelta(days=1)) and (
            not behind or min(behind) == last + timedelta(days=1)
        )

    def shares(self, account: CityAccount, percent: Decimal) -> list[Share]:
        one, two = self.agreements[account.pk]
        if percent == 100:
            return [Share(one)]
        return [Share(one, percent), Share(two, 100 - percent)]

    def remember(self, account: CityAccount, first: date, last: date, shares: list[Share]) -> None:
        told = tuple((share.agreement.pk, share.percent) for share in shares)
        for day in run_of(first, last):
            self.pays[account.pk][day] = told

    # --- Who pays ---------------------------------------------------------------------------------

    @rule(place=places, start=starts, day=days, length=lengths, percent=percents)
    def fund(self, place: int, start: int | None, day: date, length: int, percent: Decimal) -> None:
        account = self.accounts[place]
        first = self.day_for(account, start, day)
        last = min(first + timedelta(days=length - 1), LAST)
        shares = self.shares(account, percent)
        allowed = (
            self.is_open(account, first, last)
            and not any(day in self.pays[account.pk] for day in run_of(first, last))
            and self.touches(account, first, last)
        )
        made = self.attempt(
            lambda: periods.fund(
                by=self.money.by, account=account, first=first, last=last, shares=shares
            ),
            allowed=allowed,
        )
        if made:
            self.remember(account, first, last, shares)

    @rule(place=places, start=starts, day=days, length=lengths)
    def pause(self, place: int, start: int | None, day: date, length: int) -> None:
        account = self.accounts[place]
        first = self.day_for(account, start, day)
        last = min(first + timedelta(days=length - 1), LAST)
        allowed = (
            self.is_open(account, first, last)
            and not any(day in self.pays[account.pk] for day in run_of(first, last))
            and self.touches(account, first, last)
        )
        made = self.attempt(
            lambda: periods.pause(
                by=self.money.by, account=account, first=first, last=last, reason="Перерва"
            ),
            allowed=allowed,
        )
        if made:
            self.remember(account, first, last, [])

    @rule(place=places, on=days, last=days, percent=percents)
    def switch(self, place: int, on: date, last: date, percent: Decimal) -> None:
        account = self.accounts[place]
        shares = self.shares(account, percent)
        covered = self.pays[account.pk]
        before = [day for day in covered if day < on]
        until = max([*(day for day in covered if day >= on), last], default=last)
        allowed = (
            on <= last
            and bool(before)
            and max(before) == on - timedelta(days=1)
            and self.is_open(account, on, until)
        )
        made = self.attempt(
            lambda: periods.switch(
                by=self.money.by, account=account, on=on, last=last, shares=shares
            ),
            allowed=allowed,
        )
        if made:
            for day in [day for day in covered if day >= on]:
                del covered[day]
            self.remember(account, on, last, shares)

    @rule(place=places, back=st.integers(-1, 20))
    def end(self, place: int, back: int) -> None:
        account = self.accounts[place]
        last = max(self.pays[account.pk], default=LAST) - timedelta(days=back)
        later = [day for day in self.pays[account.pk] if day > last]
        allowed = not later or self.is_open(account, last + timedelta(days=1), max(later))
        self.attempt(
            lambda: periods.end(by=self.money.by, account=account, last=last, reason="Кінець"),
            allowed=allowed,
        )
        if allowed:
            for day in later:
                del self.pays[account.pk][day]

    # --- Costs and papers -------------------------------------------------------------------------

    @rule(target=entries, place=places, day=days, length=st.integers(0, 30), amount=sums)
    def post_cost(self, place: int, day: date, length: int, amount: Decimal) -> CostEntry | None:
        account = self.accounts[place]
        covered = sorted(self.pays[account.pk])
        first = covered[(day - FIRST).days % len(covered)] if covered else day
        last = min(first + timedelta(days=length), last_of(first))
        allowed = self.is_open(account, first, last) and all(
            self.pays[account.pk].get(day) for day in run_of(first, last)
        )
        cost = Cost(account=account, first=first, last=last, kind=EntryKind.OTHER, amount=amount)
        made: CostEntry | None = self.attempt(
            lambda: post(by=self.money.by, cost=cost), allowed=allowed
        )
        return made

    @rule(entry=entries)
    def correct(self, entry: CostEntry | None) -> None:
        if entry is None:
            return
        account = CityAccount.objects.get(pk=entry.account_id)
        undone = CostEntry.objects.filter(reverses=entry).exists()
        self.attempt(
            lambda: reverse(by=self.money.by, entry=entry, reason="Помилка"),
            allowed=not undone and self.is_open(account, entry.month, entry.month),
        )

    @rule(place=places, number=st.integers(0, 11))
    def run_month(self, place: int, number: int) -> None:
        account = self.accounts[place]
        funded = sorted({day.replace(day=1) for day in self.pays[account.pk]}) or MONTHS
        month = funded[number % len(funded)]
        self.attempt(
            lambda: run(by=self.money.by, account=account, month=month),
            allowed=self.is_open(account, month, month),
        )

    @rule(place=places, month=st.sampled_from(MONTHS))
    def close(self, place: int, month: date) -> None:
        account = self.accounts[place]
        self.attempt(
            lambda: months.close(by=self.money.by, account=account, month=month),
            allowed=(account.pk, month) not in self.closed,
        )
        self.closed.add((account.pk, month))

    @rule(number=st.integers(0, 50))
    def reopen(self, number: int) -> None:
        if self.closed:
            key = sorted(self.closed)[number % len(self.closed)]
            account = CityAccount.objects.get(pk=key[0])
            months.reopen(by=self.money.by, account=account, month=key[1], reason="Забуто")
            self.closed.remove(key)

    @rule(number=st.integers(0, 50), signed=st.booleans())
    def finish_act(self, number: int, signed: bool) -> None:
        found = list(Act.objects.order_by("pk"))
        if not found:
            return
        act = found[number % len(found)]
        is_paid = Invoice.objects.filter(act=act).exclude(matched=0).exists()
        if signed:
            self.attempt(
                lambda: acts.sign(
                    by=self.money.by, act=act, signed_on=LAST, copy=self.money.paper()
                ),
                allowed=act.state == ActState.ISSUED,
            )
        else:
            self.attempt(
                lambda: acts.cancel(by=self.money.by, act=act, reason="Помилка"),
                allowed=act.state == ActState.ISSUED and not is_paid,
            )

    # --- The bank ---------------------------------------------------------------------------------

    @rule(number=st.integers(0, 50), amount=sums, way=st.sampled_from(["all", "more", "any"]))
    def pay(self, number: int, amount: Decimal, way: str) -> None:
        bills = list(Invoice.objects.order_by("pk"))
        if not bills:
            return
        bill = bills[number % len(bills)]
        if way != "any" and bill.matched < bill.amount:
            amount = bill.amount - bill.matched + (d("0.01") if way == "more" else 0)
        payment = payments.enter(
            by=self.money.by, payer=bill.payer, received_on=LAST, amount=amount
        )
        self.attempt(
            lambda: payments.match(by=self.money.by, payment=payment, invoice=bill, amount=amount),
            allowed=bill.state == InvoiceState.ISSUED and amount <= bill.amount - bill.matched,
        )

    @rule(number=st.integers(0, 50))
    def undo(self, number: int) -> None:
        found = list(PaymentMatch.objects.filter(reverses=None).order_by("pk"))
        if found:
            match = found[number % len(found)]
            undone = PaymentMatch.objects.filter(reverses=match).exists()
            self.attempt(
                lambda: payments.unmatch(by=self.money.by, match=match, reason="Не той"),
                allowed=not undone,
            )

    @rule(number=st.integers(0, 50), amount=sums)
    def send_back(self, number: int, amount: Decimal) -> None:
        found = list(Payment.objects.filter(amount__gt=0).order_by("pk"))
        if found:
            payment = found[number % len(found)]
            free = payment.amount - payment.matched - payment.returned
            amount = min(amount, free + d("0.01"))
            self.attempt(
                lambda: payments.send_back(
                    by=self.money.by, payment=payment, on=LAST, amount=amount, reason="Зайве"
                ),
                allowed=amount <= payment.amount - payment.matched - payment.returned,
            )

    # --- What always holds ------------------------------------------------------------------------

    @invariant()
    def each_day_has_the_payers_of_the_model(self) -> None:
        if not self.pays:
            return
        assert not gaps()
        told: dict[int, Pays] = defaultdict(dict)
        for period in FundingPeriod.objects.prefetch_related("shares"):
            shares = tuple(
                sorted((share.agreement_id, share.percent) for share in period.shares.all())
            )
            for day in run_of(period.first, period.last):
                assert day not in told[period.account_id]
                told[period.account_id][day] = shares
        for account, covered in self.pays.items():
            assert told.get(account, {}) == {
                day: tuple(sorted(shares)) for day, shares in covered.items()
            }

    @invariant()
    def sums_agree_by_every_grouping(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(WRONG)
            assert cursor.fetchall() == []

    @invariant()
    def numbers_have_no_holes(self) -> None:
        for series in NumberSeries.objects.all():
            model = Act if series.kind == "act" else Invoice
            rows = model.objects.filter(payer=series.payer_id, year=series.year)
            numbers = sorted(rows.values_list("number", flat=True))
            assert numbers == list(range(1, series.last + 1))

    @invariant()
    def months_closed_in_the_model_are_closed(self) -> None:
        rows = ClosedMonth.objects.filter(reopened_at=None).values_list("account_id", "month")
        assert set(rows) == self.closed


# Each line finds rows whose sums disagree; none may.
WRONG = """
SELECT 'entry', e.id FROM billing_cost_entry e
  WHERE e.amount <> coalesce((SELECT sum(amount) FROM billing_allocation WHERE entry_id = e.id), 0)
UNION ALL
SELECT 'counter-entry', e.id FROM billing_cost_entry e JOIN billing_cost_entry o ON o.id = e.reverses_id
  WHERE e.amount + o.amount <> 0 OR EXISTS (
    SELECT 1 FROM billing_allocation a WHERE a.entry_id IN (e.id, o.id)
    GROUP BY a.agreement_id HAVING sum(a.amount) <> 0)
UNION ALL
SELECT 'act', a.id FROM billing_act a WHERE a.state <> 'cancelled' AND a.amount <> coalesce(
  (SELECT sum(p.amount) FROM billing_act_line l JOIN billing_allocation p ON p.id = l.allocation_id
   WHERE l.act_id = a.id AND p.agreement_id = a.agreement_id AND p.month = a.month), 0)
UNION ALL
SELECT 'cancelled act', a.id FROM billing_act a JOIN billing_act_line l ON l.act_id = a.id
  WHERE a.state = 'cancelled'
UNION ALL
SELECT 'invoice', i.id FROM billing_invoice i WHERE i.matched <> coalesce(
  (SELECT sum(amount) FROM billing_payment_match WHERE invoice_id = i.id), 0)
  OR i.matched < 0 OR i.matched > i.amount
UNION ALL
SELECT 'payment', p.id FROM billing_payment p WHERE p.amount > 0 AND (p.matched <> coalesce(
  (SELECT sum(amount) FROM billing_payment_match WHERE payment_id = p.id), 0)
  OR p.returned <> coalesce((SELECT -sum(amount) FROM billing_payment WHERE returns_id = p.id), 0)
  OR p.matched + p.returned > p.amount)
UNION ALL
SELECT 'plan', pm.agreement_id FROM billing_plan_month pm JOIN billing_agreement g ON g.id = pm.agreement_id
  WHERE pm.amount > g.monthly_amount OR pm.amount < 0
  OR (pm.days = extract(day FROM (pm.month + interval '1 month' - interval '1 day'))
      AND pm.amount <> g.monthly_amount)
"""

__all__ = ["Ledger"]
