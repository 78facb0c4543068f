"""The one source of the current time; tests set it, no test waits for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

_frozen: ContextVar[datetime | None] = ContextVar("frozen_now", default=None)
KYIV = ZoneInfo("Europe/Kyiv")


def now() -> datetime:
    """Current moment, aware, UTC."""
    return _frozen.get() or timezone.now()


def today() -> date:
    """Calendar day in Kyiv: launches and terms are counted by it."""
    return now().astimezone(KYIV).date()


@contextmanager
def frozen(moment: datetime) -> Iterator[None]:
    """Holds the clock at an aware `moment` in this thread; for tests and for demo content."""
    if moment.tzinfo is None:
        raise ValueError("An aware moment is needed.")
    token = _frozen.set(moment)
    try:
        yield
    finally:
        _frozen.reset(token)
