"""How a sum is spread over days and payers, to the kopiyka.

Rules:

1. A month is exact: an agreement that pays for all its days plans `monthly_amount`, whatever the
   number of days.
2. A part of a month is the sum of its days when the whole month is spread over all its days.
3. A cost goes to the payers by their weights: for each day of the cost that a payer funds, its
   per cent. What a payer gets is then spread over those days by the same per cents.
4. Each spreading rounds down and hands the kopiykas that are left to the largest remainders;
   equal remainders go to the earlier one. So parts always add up to the whole, and the parts of
   minus x are the negatives of the parts of x: a counter-entry undoes its entry to the kopiyka.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

KOPIYKA = Decimal("0.01")


class CannotSpread(ValueError):
    """A sum with a fraction of a kopiyka, or nobody to bear it."""


def month_of(day: date) -> date:
    """First day of the month."""
    return day.replace(day=1)


def next_month(day: date) -> date:
    """First day of the month after."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def last_of(month: date) -> date:
    """Last day of the month."""
    return month.replace(day=monthrange(month.year, month.month)[1])


def months(first: date, last: date) -> Iterator[date]:
    """First days of all months that the days from `first` to `last` touch."""
    month = month_of(first)
    while month <= last:
        yield month
        month = next_month(month)


def days(first: date, last: date) -> Iterator[date]:
    """Every day, both ends included."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def spread(total: Decimal, weights: Sequence[Decimal | int]) -> list[Decimal]:
    """Parts of `total` by `weights`, by the largest remainder; they add up to it exactly.

    Raises CannotSpread for fractions of a kopiyka, negative weights, or weights of nothing while
    there is something to spread.
    """
    kopiykas = total / KOPIYKA
    if kopiykas != kopiykas.to_integral_value():
        raise CannotSpread(f"{total} has a fraction of a kopiyka.")
    if any(weight < 0 for weight in weights):
        raise CannotSpread("A weight is negative.")
    if total < 0:
        return [-part for part in spread(-total, weights)]
    whole = sum((Decimal(weight) for weight in weights), Decimal(0))
    if not whole:
        if total:
            raise CannotSpread("Nobody bears it.")
        return [Decimal("0.00") for _ in weights]
    # Integers throughout: a quotient of decimals would be rounded before it is compared.
    scale = max(-int(Decimal(w).as_tuple().exponent) for w in weights)
    scale = max(scale, 0)
    units = [int(Decimal(weight).scaleb(scale)) for weight in weights]
    amount, all_units = int(kopiykas), sum(units)
    parts = [amount * unit // all_units for unit in units]
    rests = [amount * unit % all_units for unit in units]
    left = amount - sum(parts)
    for place in sorted(range(len(units)), key=lambda place: (-rests[place], place))[:left]:
        parts[place] += 1
    return [Decimal(part) * KOPIYKA for part in parts]


def by_days(total: Decimal, first: date, last: date) -> dict[date, Decimal]:
    """A sum spread evenly over its days."""
    every = list(days(first, last))
    return dict(zip(every, spread(total, [1] * len(every)), strict=True))


def part_of_month(monthly: Decimal, month: date, funded: Iterable[date]) -> Decimal:
    """What these days of a month are worth (rule 2); all its days together are `monthly`."""
    each = by_days(monthly, month, last_of(month))
    return sum((each[day] for day in funded), Decimal("0.00"))


# Agreement → per cent, for one day.
Shares = Mapping[int, Decimal]


def by_payers(total: Decimal, shares_of: Mapping[date, Shares]) -> dict[int, Decimal]:
    """What each agreement bears of a cost whose days have these shares (rule 3).

    Raises CannotSpread when a day has no payer: the caller names it.
    """
    weights: dict[int, Decimal] = {}
    for shares in shares_of.values():
        if not shares:
            raise CannotSpread("A day has no payer.")
        for agreement, percent in shares.items():
            weights[agreement] = weights.get(agreement, Decimal(0)) + percent
    order = sorted(weights)
    parts = spread(total, [weights[agreement] for agreement in order])
    return dict(zip(order, parts, strict=True))


def payer_by_days(
    amount: Decimal, agreement: int, shares_of: Mapping[date, Shares]
) -> dict[date, Decimal]:
    """The days of one agreement's part (rule 3); days that it does not fund are left out."""
    funded = {day: shares[agreement] for day, shares in shares_of.items() if agreement in shares}
    parts = spread(amount, list(funded.values()))
    return dict(zip(funded, parts, strict=True))
