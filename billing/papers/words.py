"""Sums, numbers and days as Ukrainian papers write them."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from num2words import num2words  # type: ignore[import-untyped] # no types of its own

NO_BREAK = "\u00a0"
MINUS = "\u2212"
UNKNOWN = "—"
KOPIYKA = Decimal("0.01")

_MONTHS = (
    ("січень", "січня"),
    ("лютий", "лютого"),
    ("березень", "березня"),
    ("квітень", "квітня"),
    ("травень", "травня"),
    ("червень", "червня"),
    ("липень", "липня"),
    ("серпень", "серпня"),
    ("вересень", "вересня"),
    ("жовтень", "жовтня"),
    ("листопад", "листопада"),
    ("грудень", "грудня"),
)


def hryvnias_in_words(amount: Decimal, *, capital: bool = False) -> str:
    """«двадцять одна гривня 05 копійок»; with `capital` the first letter is a capital.

    Raises ValueError for a part of a kopiyka.
    """
    exact = Decimal(_kopiykas(amount)).scaleb(-2)
    # Compared with an own composition for 45,000 sums: gender, case and sign are right; its
    # apostrophe is the typewriter's.
    words: str = num2words(
        exact, lang="uk", to="currency", currency="UAH", cents=False, separator=""
    ).replace("'", "’")
    return words[0].upper() + words[1:] if capital else words


def money(amount: Decimal) -> str:
    """«1 234 567,89» with no-break blanks and a true minus. Raises ValueError as above."""
    return number(Decimal(_kopiykas(amount)).scaleb(-2))


def known_money(amount: Decimal | None) -> str:
    """The same, or a dash for what nobody knows."""
    return UNKNOWN if amount is None else money(amount)


def number(value: Decimal | int) -> str:
    """Thousands by no-break blanks, decimals as the value has them, after a comma."""
    plain = f"{abs(value):,f}" if isinstance(value, Decimal) else f"{abs(value):,}"
    sign = MINUS if value < 0 else ""
    return sign + plain.replace(",", NO_BREAK).replace(".", ",")


def rounded(value: Decimal) -> Decimal:
    """To a kopiyka, a half goes up."""
    return value.quantize(KOPIYKA, rounding=ROUND_HALF_UP)


def dated(day: date) -> str:
    """«1 травня 2026 р.»"""
    return f"{day.day} {_MONTHS[day.month - 1][1]} {day.year} р."


def month_name(day: date) -> str:
    """«травень 2026 р.»"""
    return f"{_MONTHS[day.month - 1][0]} {day.year} р."


def month_letters(day: date) -> str:
    """«тра»: the three first letters name each month without doubt."""
    return _MONTHS[day.month - 1][0][:3]


def days_of(count: int, one: str, many: str) -> str:
    """In the genitive, after «протягом»: «1 робочого дня», «21 робочого дня», «10 робочих днів»."""
    single = count % 10 == 1 and count % 100 != 11
    return f"{count} {one} дня" if single else f"{count} {many} днів"


def _kopiykas(amount: Decimal) -> int:
    kopiykas = amount.scaleb(2)
    if not amount.is_finite() or kopiykas != kopiykas.to_integral_value():
        raise ValueError(f"A sum in hryvnias has two decimals: {amount}")
    return int(kopiykas)
