"""Months that were run, signed and paid, by the product's own actions."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from bezpechne.kernel import clock
from billing.bank import payments
from billing.costs.posting import Cost, post
from billing.documents import acts
from billing.documents.run import run
from billing.funding import periods
from billing.funding.periods import Share
from billing.models import Act, CityAccount, CostEntry, FundingAgreement, Invoice, Payment
from billing.spreading import last_of, next_month
from billing.states import EntryKind, PayerKind
from tenants.models import City
from tests.money import Money, d

JAN, FEB, APRIL, MAY, JUNE = (date(2026, month, 1) for month in (1, 2, 4, 5, 6))
END = date(2026, 12, 31)
SWITCH = date(2026, 5, 15)
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 10, tzinfo=UTC)


@dataclass
class Books:
    """A city that a donor pays for until 14 May and a council from then on.

    `monthly` sums do not divide by their days, so that every kopiyka has to go somewhere.
    """

    city: City
    money: Money = field(default_factory=Money)
    switch: date | None = SWITCH
    account: CityAccount = field(init=False)
    donor: FundingAgreement = field(init=False)
    council: FundingAgreement = field(init=False)

    def __post_init__(self) -> None:
        self.account = self.money.account(self.city)
        local = self.money.payer(PayerKind.LOCAL_BUDGET)
        self.donor = self.money.agreement(self.account, monthly="10000.01")
        self.council = self.money.agreement(self.account, local, monthly="7777.77")
        self.money.fund(self.donor)
        if self.switch:
            shares = [Share(self.council)]
            periods.switch(
                by=self.money.by, account=self.account, on=self.switch, last=END, shares=shares
            )

    def cost(self, first: date, last: date, amount: str = "1000.03") -> CostEntry:
        """Borne by whoever pays on these days."""
        cost = Cost(
            account=self.account, first=first, last=last, kind=EntryKind.OTHER, amount=d(amount)
        )
        return post(by=self.money.by, cost=cost)

    def run(self, month: date) -> list[Act]:
        """Costs, acts and invoices on the second day after the month."""
        with clock.frozen(noon(next_month(month) + timedelta(days=1))):
            return run(by=self.money.by, account=self.account, month=month).acts

    def sign(self, act: Act, on: date | None = None) -> None:
        on = on or last_of(act.month) + timedelta(days=9)
        with clock.frozen(noon(on)):
            acts.sign(by=self.money.by, act=act, signed_on=on, copy=self.money.paper())

    def pay(self, act: Act, amount: Decimal | None = None, on: date | None = None) -> Payment:
        """The act's invoice, or a part of it; by default on the 20th of the next month."""
        on = on or next_month(act.month).replace(day=20)
        invoice = Invoice.objects.get(act=act, state="issued")
        amount = invoice.open_amount if amount is None else amount
        with clock.frozen(noon(on)):
            payment = payments.enter(
                by=self.money.by,
                payer=invoice.payer,
                received_on=on,
                amount=amount,
                reference=f"{invoice.pk}",
            )
            payments.match(by=self.money.by, payment=payment, invoice=invoice, amount=amount)
        return payment

    def settle(self, month: date) -> list[Act]:
        """Run, signed and paid."""
        made = self.run(month)
        for act in made:
            self.sign(act)
            self.pay(act)
        return made
