"""The cost report of a scope and some months: everything that its page and its files show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from billing.reports import gaps, hours, rates
from billing.reports.contracts import Contract, contracts
from billing.reports.forecast import Forecast, forecast
from billing.reports.gaps import Counts
from billing.reports.hours import Hours
from billing.reports.kekv import by_kekv
from billing.reports.lens import Lens
from billing.reports.names import Place, payer_name, payers, places
from billing.reports.period import Period
from billing.reports.rates import GrantMonth, Received
from billing.reports.subjects import Subject, subject_of
from billing.reports.sums import Grouped, Sums, grouped
from billing.reports.usage import MONTH, Figures, Key, usage
from billing.states import Source

# More agreements than these are told by their number.
SHOWN_CONTRACTS = 20


@dataclass(frozen=True)
class PayerLine:
    id: int
    name: str
    kind: str
    sums: Sums


@dataclass(frozen=True)
class CityLine:
    place: Place
    sums: Sums


@dataclass(frozen=True, kw_only=True)
class CostReport:
    """Lists of payers and cities begin with the largest accrual; `contracts` holds the first 20."""

    lens: Lens
    period: Period
    subject: Subject
    contracts: list[Contract]
    total: Sums
    months: list[tuple[date, Sums]]
    payers: list[PayerLine]
    sources: list[tuple[Source, Sums]]
    kekvs: Mapping[str, Sums]
    cities: list[CityLine]
    figures: Figures
    figures_of_months: Mapping[Key, Figures]
    hours: list[Hours]
    forecast: Forecast
    grant_months: list[GrantMonth]
    received: list[Received]
    documents: Counts

    @property
    def is_empty(self) -> bool:
        """Nothing was planned, accrued or paid."""
        return not self.payers


def cost_report(lens: Lens, period: Period) -> CostReport:
    """A constant number of statements, whatever the number of cities and months."""
    money = grouped(lens, period)
    used = usage(lens, period, MONTH)
    return CostReport(
        lens=lens,
        period=period,
        subject=subject_of(lens),
        contracts=contracts(lens, period, limit=SHOWN_CONTRACTS),
        total=money.total,
        months=[(month, money.months.get(month, Sums())) for month in period.months],
        payers=_payers(money),
        sources=[(source, money.sources[source]) for source in Source if source in money.sources],
        kekvs=by_kekv(lens, period),
        cities=_cities(money),
        figures=used[None],
        figures_of_months=used,
        hours=hours.by_activity(lens, period, used[None]),
        forecast=forecast(lens, period.last.year),
        grant_months=rates.grant_months(lens, period),
        received=rates.received(lens, period),
        documents=gaps.count(lens, period),
    )


def _payers(money: Grouped) -> list[PayerLine]:
    known = payers(money.payers)
    lines = [
        PayerLine(key, payer_name(payer), payer.get_kind_display(), money.payers[key])
        for key, payer in known.items()
    ]
    return sorted(lines, key=lambda line: (-line.sums.accrued, -line.sums.plan, line.name))


def _cities(money: Grouped) -> list[CityLine]:
    known = places(money.accounts)
    lines = [CityLine(place, money.accounts[key]) for key, place in known.items()]
    return sorted(lines, key=lambda line: (-line.sums.accrued, -line.sums.plan, line.place.sort))
