"""What a trial gave, from the city's own meters and the ledger: a figure nobody has is None."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from bezpechne.kernel import clock, metering
from bezpechne.kernel.activities import Activity
from billing.papers.evidence import Month
from billing.papers.figures import Figure, Number, standard_figures
from billing.reports.lens import Lens
from billing.reports.period import Period
from billing.reports.usage import ANSWERED, PUBLISHED, cost_of_one, usage
from billing.spreading import month_of, months
from provisioning.handover.models import Handover

HOURS = tuple(f"hours.{activity}" for activity in Activity.values)
# Figures of a month: questions, hours by the clock, persons. A city may not have the last two yet:
# they are shown as unknown until something counts them.
PUBLISHED_ANSWERED, RETURNING = "questions.published_answered", "residents.returned"
MEDIAN, NINE_OF_TEN = "answers.wait_hours_median", "answers.wait_hours_p90"
# Marks of residents, «helped» or not, counted by the month in which they were given.
RATED, HELPED, FROM_POLICE = "answers.rated", "answers.helped", "visits.from_police"
MOST_MONTHS = 24
HOURS_A_DAY = 24


@dataclass(frozen=True)
class Demand:
    """`months`: first days; `spent`: UAH accrued by signed acts in them."""

    months: list[Month]
    figures: tuple[Figure, ...]
    spent: Decimal | None


def period_of(row: Handover) -> Period:
    """Months of the trial so far; the last year where it has no dates."""
    today = month_of(clock.today())
    first = month_of(row.trial_starts) if row.trial_starts else date(today.year - 1, today.month, 1)
    last = min(today, month_of(row.trial_ends)) if row.trial_ends else today
    found = list(months(first, last))[-MOST_MONTHS:] or [today]
    return Period(found[0], found[-1])


def demand(row: Handover) -> Demand:
    """Two statements, whatever the city's size."""
    period, schema = period_of(row), row.account.schema
    names = (
        *(PUBLISHED, ANSWERED, PUBLISHED_ANSWERED, MEDIAN, NINE_OF_TEN),
        *(RETURNING, RATED, HELPED, FROM_POLICE, *HOURS),
    )
    measured = metering.months_of([schema], names, period.first, period.last)
    account = row.account_id
    costs = usage(Lens(accounts=frozenset({account}), account_id=account), period)

    def of(month: date, name: str) -> int | None:
        return measured.get((schema, month, name))

    told = [
        Month(
            day=month,
            published=of(month, PUBLISHED),
            answered=of(month, ANSWERED),
            cost_per_answer=costs[month].cost_of(ANSWERED) if month in costs else None,
        )
        for month in period.months
    ]
    every = costs[None]
    values: dict[str, Number | None] = {
        **_of_questions(told, _sum(measured, PUBLISHED_ANSWERED)),
        "median_days": _latest(schema, period, measured, MEDIAN, HOURS_A_DAY),
        "p90_days": _latest(schema, period, measured, NINE_OF_TEN, HOURS_A_DAY),
        "returning": _sum(measured, RETURNING),
        "police_visits": _per_month(_sum(measured, FROM_POLICE), told),
        "rating": _percent(_sum(measured, HELPED), _sum(measured, RATED)),
        "hours_per_answer": _hours(_sum(measured, *HOURS), told),
        "cost_per_answer": cost_of_one(every.accrued, every.signed.get(ANSWERED)),
    }
    figures = standard_figures(values, dict(row.thresholds))
    return Demand(told, figures, every.accrued or None)


Measured = dict[tuple[str, date, str], int]


def _of_questions(told: list[Month], answered: int | None) -> dict[str, Number | None]:
    """A month's published ones, and how many of all that were published have their answer."""
    published = [month.published for month in told if month.published is not None]
    whole = sum(published)
    share = Decimal(answered * 100) / whole if whole and answered is not None else None
    return {
        "published": _rounded(Decimal(whole) / len(published), "1") if published else None,
        "answered_percent": None if share is None else _rounded(share, "0.1"),
    }


def _percent(part: int | None, whole: int | None) -> Decimal | None:
    """None where nobody has said anything yet."""
    return _rounded(Decimal((part or 0) * 100) / whole, "0.1") if whole else None


def _rounded(value: Decimal, step: str) -> Decimal:
    return value.quantize(Decimal(step), ROUND_HALF_UP)


def _sum(measured: Measured, *names: str) -> int | None:
    found = [value for (_schema, _month, name), value in measured.items() if name in names]
    return sum(found) if found else None


def _latest(
    schema: str, period: Period, measured: Measured, name: str, parts: int
) -> Decimal | None:
    """Of the last month that has it, in wholes of so many parts: a median is no sum."""
    for month in reversed(period.months):
        if (value := measured.get((schema, month, name))) is not None:
            return _rounded(Decimal(value) / parts, "0.1")
    return None


def _per_month(whole: int | None, told: list[Month]) -> Decimal | None:
    return None if whole is None else _rounded(Decimal(whole) / len(told), "1")


def _hours(minutes: int | None, told: list[Month]) -> Decimal | None:
    answered = sum(month.answered or 0 for month in told)
    if minutes is None or not answered:
        return None
    return _rounded(Decimal(minutes) / 60 / answered, "0.01")
