"""Months on a command line."""

from datetime import date

from django.core.management.base import CommandError


def month_argument(text: str) -> date:
    """First day of «2026-05». Raises CommandError."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise CommandError(f"{text!r} is no month. Write it as 2026-05.") from None
