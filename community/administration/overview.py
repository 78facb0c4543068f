"""How the city is doing, in a fixed number of queries."""

from dataclasses import dataclass
from datetime import date

from bezpechne.kernel import clock, metering
from bezpechne.kernel.schema import current_schema
from community.timesheet import months
from tenants.current import current_city
from tenants.limits import MB, mails_limit, percent, storage_limit

MONTHS = 12
RECEIVED, ANSWERED = "questions.received", "questions.answered"
MEDIAN = "answers.wait_hours_median"
# Of the chart, in its own units.
HEIGHT, STEP, BAR = 120, 56, 18


@dataclass(frozen=True)
class Bar:
    """`x`, `y`, `height` in the chart's units."""

    value: int
    x: int
    height: int

    @property
    def y(self) -> int:
        return HEIGHT - self.height


@dataclass(frozen=True)
class Month:
    """One month of the chart; `median` in days, None while nothing was answered."""

    first: date
    received: Bar
    answered: Bar
    median: float | None

    @property
    def middle(self) -> int:
        return self.received.x + BAR


def last_months() -> list[Month]:
    """The current month last, from the first that has figures; one query.

    Counted at night: today's questions are not in it.
    """
    this = months.first_of(clock.today())
    firsts = [months.back(this, back) for back in range(MONTHS - 1, -1, -1)]
    schema = current_schema()
    found = metering.months_of([schema], [RECEIVED, ANSWERED, MEDIAN], firsts[0], this)

    def value(month: date, name: str) -> int:
        return found.get((schema, month, name), 0)

    while len(firsts) > 1 and not (value(firsts[0], RECEIVED) or value(firsts[0], ANSWERED)):
        firsts.pop(0)

    most = max(1, *(value(month, name) for month in firsts for name in (RECEIVED, ANSWERED)))

    def bar(month: date, name: str, x: int) -> Bar:
        number = value(month, name)
        return Bar(number, x, max(1, number * HEIGHT // most) if number else 0)

    return [
        Month(
            month,
            bar(month, RECEIVED, place * STEP),
            bar(month, ANSWERED, place * STEP + BAR),
            round(found[schema, month, MEDIAN] / 24, 1)
            if (schema, month, MEDIAN) in found
            else None,
        )
        for place, month in enumerate(firsts)
    ]


@dataclass(frozen=True)
class Use:
    """`used` and `limit` in megabytes or letters."""

    used: int
    limit: int

    @property
    def percent(self) -> int:
        return percent(self.used, self.limit) or 0


def use_of_room() -> tuple[Use, Use]:
    """Files in megabytes, and letters of today; two look-ups."""
    city = current_city()
    stored = metering.counted(metering.FILE_BYTES)
    mailed = metering.counted(metering.MAILS, day=clock.today())
    return Use(stored // MB, storage_limit(city) // MB), Use(mailed, mails_limit(city))
