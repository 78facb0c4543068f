"""Hours as people write and read them."""

import re
from decimal import Decimal

from django.utils import formats

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)
_NUMBER = re.compile(r"\d{1,4}([.,]\d{1,4})?", re.ASCII)


def hours_text(minutes: int) -> str:
    """90 as «1,5», in the language in force; what an input field takes back."""
    hours = (Decimal(minutes) / 60).quantize(Decimal("0.01"))
    return formats.number_format(hours.normalize() if hours % 1 else hours.to_integral_value())


def minutes_from(text: str) -> int | None:
    """«1,5», «1.5» and «1:30» as 90; None for anything that is no whole number of minutes."""
    text = text.strip()
    clock, number = _CLOCK.fullmatch(text), _NUMBER.fullmatch(text)
    if clock:
        hours, minutes = int(clock[1]), int(clock[2])
        return hours * 60 + minutes if minutes < 60 else None
    if not number:
        return None
    found = Decimal(text.replace(",", ".")) * 60
    return int(found) if found == found.to_integral_value() else None
