"""How much a city may store and mail a day, and how much of it is used.

Used are counters in `public` (kernel.metering): asking costs one look-up by key. What happens at
the limit: new photos of residents are refused with a sentence while text is taken and letters of
units are kept; e-mails wait in the queue until the next morning, except those somebody waits for
at that moment (kernel.mail.outbox).
"""

from dataclasses import dataclass

from django.conf import settings

from bezpechne.kernel import clock, metering
from tenants.current import current_city
from tenants.models import City

MB = 1024 * 1024
WARN_PERCENT = 80


def storage_limit(city: City) -> int:
    """Bytes."""
    mb = settings.CITY_STORAGE_MB if city.storage_limit_mb is None else city.storage_limit_mb
    return mb * MB


def mails_limit(city: City) -> int:
    """Letters in one day of Kyiv."""
    return settings.CITY_MAILS_A_DAY if city.mails_a_day is None else city.mails_a_day


def percent(used: int | None, limit: int) -> int | None:
    """Whole per cent of a limit; above 100 when it is passed. A limit of nothing is full."""
    if used is None:
        return None
    return used * 100 // limit if limit else 100


def storage_is_full() -> bool:
    """In the city in force."""
    return metering.counted(metering.FILE_BYTES) >= storage_limit(current_city())


def mails_limit_in_force() -> int | None:
    """For the kernel's outbox; None where there is no city, and so no limit."""
    try:
        return mails_limit(current_city())
    except LookupError:
        return None


@dataclass(frozen=True)
class Usage:
    """Per cent of both limits of the city in force."""

    storage: int
    mails: int

    @property
    def storage_is_near(self) -> bool:
        return self.storage >= WARN_PERCENT

    @property
    def mails_are_near(self) -> bool:
        return self.mails >= WARN_PERCENT


def usage_now() -> Usage:
    """Two look-ups."""
    city = current_city()
    stored = metering.counted(metering.FILE_BYTES)
    mailed = metering.counted(metering.MAILS, day=clock.today())
    return Usage(percent(stored, storage_limit(city)) or 0, percent(mailed, mails_limit(city)) or 0)
