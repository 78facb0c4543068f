"""Days and sums as the sentences of the ledger say them."""

from datetime import date
from decimal import Decimal

from django.utils import formats

NBSP = "\N{NO-BREAK SPACE}"


def day_text(day: date, form: str = "SHORT_DATE_FORMAT") -> str:
    """«01.06.2026»; `form` may be another of Django's formats, as «F Y»."""
    return formats.date_format(day, form)


def money_text(amount: Decimal) -> str:
    """«1 234 567,89 грн», with blanks that do not break; a real minus sign."""
    whole, kopiykas = f"{abs(amount):,.2f}".split(".")
    sign = "\N{MINUS SIGN}" if amount < 0 else ""
    return f"{sign}{whole.replace(',', NBSP)},{kopiykas}{NBSP}грн"
