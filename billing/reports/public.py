"""What a city's site tells about its moderator: who pays, since when, and what it gave.

Tables of the ledger alone, in `public`: nothing of the city's schema is read. No contacts, no names
of people, no sum of one payer: the cost of a month is the city's whole.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.core.cache import cache
from django.utils.translation import get_language

from bezpechne.kernel import clock
from billing.models import CityAccount, PeriodShare
from billing.reports.lens import Lens
from billing.reports.names import chosen
from billing.reports.period import Period
from billing.reports.usage import ANSWERED, Figures, Key, usage
from billing.spreading import month_of
from billing.states import PayerKind

# Each process keeps the page's facts so long.
SECONDS = 600
SHOWN_MONTHS = 12


@dataclass(frozen=True)
class Payment:
    """Days that one payer pays for without a break. `percent`: its share on the last of them."""

    name: str
    kind: str
    notice: str
    first: date
    last: date
    percent: Decimal
    is_now: bool


@dataclass(frozen=True)
class MonthGiven:
    """A month with signed acts; `answered` None: not measured."""

    month: date
    cost: Decimal
    answered: int | None
    cost_of_answer: Decimal | None


@dataclass(frozen=True)
class Costs:
    """`months`: the latest with signed acts, oldest first; `total` sums these."""

    payments: list[Payment]
    months: list[MonthGiven]
    total: Figures

    @property
    def now(self) -> list[Payment]:
        return [payment for payment in self.payments if payment.is_now]

    @property
    def earlier(self) -> list[Payment]:
        """The latest first."""
        return [payment for payment in self.payments if not payment.is_now][::-1]

    @property
    def cost_of_answer(self) -> Decimal | None:
        return self.total.cost_of(ANSWERED)


def is_shown(city_id: int) -> bool:
    """Whether the city's site has the page; kept for ten minutes."""
    key = f"billing-costs-shown:{city_id}"
    shown: bool | None = cache.get(key)
    if shown is None:
        shown = CityAccount.objects.filter(city=city_id, is_public=True).exists()
        cache.set(key, shown, SECONDS)
    return shown


def costs_of(city_id: int) -> Costs | None:
    """None for a city that does not show them. In the language in force, kept for ten minutes."""
    if not is_shown(city_id):
        return None
    key = f"billing-costs:{city_id}:{get_language()}"
    found: Costs | None = cache.get(key)
    if found is None:
        found = _gather(city_id)
        cache.set(key, found, SECONDS)
    return found


def _gather(city_id: int) -> Costs:
    account = CityAccount.objects.get(city=city_id)
    today = clock.today()
    period = Period(date(today.year - 2, 1, 1), month_of(today))
    figures = usage(Lens(accounts=frozenset({account.pk}), account_id=account.pk), period)
    months = _months(figures)[-SHOWN_MONTHS:]
    counted = (figures[given.month] for given in months)
    return Costs(_payments(account.pk, today), months, sum(counted, Figures()))


def _months(figures: dict[Key, Figures]) -> list[MonthGiven]:
    return [
        MonthGiven(month, of.accrued, of.signed.get(ANSWERED), of.cost_of(ANSWERED))
        for month, of in sorted(
            (month, of)
            for month, of in figures.items()
            if isinstance(month, date) and of.signed_city_months
        )
    ]


def _payments(account_id: int, today: date) -> list[Payment]:
    """Periods of one payer that follow each other are one; what is only planned is left out."""
    rows = (
        PeriodShare.objects.filter(period__account=account_id, period__days__startswith__lte=today)
        .select_related("period", "agreement__payer")
        .order_by("period__days", "agreement__payer_id")
    )
    last: dict[int, Payment] = {}
    found: list[Payment] = []
    for row in rows:
        payer, period = row.agreement.payer, row.period
        before = last.get(payer.pk)
        follows = before is not None and before.last + timedelta(days=1) >= period.first
        payment = Payment(
            name=chosen(payer.name, payer.name_en),
            kind=str(PayerKind(payer.kind).label),
            notice=chosen(payer.notice_uk, payer.notice_en),
            first=before.first if before and follows else period.first,
            last=period.last,
            percent=row.percent,
            is_now=period.first <= today <= period.last,
        )
        if before is not None and follows:
            found.remove(before)
        found.append(payment)
        last[payer.pk] = payment
    return found
