"""Days of months, and the form that they have in addresses: «2026-11», «2026-11-05»."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from bezpechne.kernel import clock

_MONTH = r"20[0-9]{2}-(?:0[1-9]|1[0-2])"


class MonthConverter:
    """`<month:month>` of an address as the month's first day."""

    regex = _MONTH

    def to_python(self, value: str) -> date:
        return date.fromisoformat(f"{value}-01")

    def to_url(self, value: date) -> str:
        return f"{value:%Y-%m}"


class DayConverter:
    """`<day:day>` of an address; a day that is not in the calendar is no address."""

    regex = rf"{_MONTH}-[0-9]{{2}}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


def first_of(day: date) -> date:
    return day.replace(day=1)


def last_of(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])


def before(month: date) -> date:
    """The month before."""
    return back(month, 1)


def after(month: date) -> date:
    """The month after."""
    return last_of(month) + timedelta(days=1)


def back(day: date, number: int) -> date:
    """First day of the month that lies so many months before the day's."""
    total = day.year * 12 + day.month - 1 - number
    return date(total // 12, total % 12 + 1, 1)


def days_of(month: date) -> Iterator[date]:
    """Up to today: nobody has worked tomorrow."""
    day, last = month, min(last_of(month), clock.today())
    while day <= last:
        yield day
        day += timedelta(days=1)


def moments_of(month: date) -> tuple[datetime, datetime]:
    """When it begins in Kyiv and when the next one does."""
    start, end = (datetime.combine(day, time(), clock.KYIV) for day in (month, after(month)))
    return start, end
