"""Host → city, kept in the process for a few seconds so that a request costs no look-up.

The process that changes a city or a domain sees it at once, every other within `SECONDS`.
"""

import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import OuterRef

from tenants.models import City, Domain

_now = time.monotonic
# How long another process may go on serving what this one changed.
SECONDS = 5.0


@dataclass(frozen=True)
class Found:
    """`hosts`: every verified name of the city, the primary one first."""

    city: City
    hosts: tuple[str, ...]

    @property
    def primary(self) -> str:
        return self.hosts[0]


@dataclass(frozen=True)
class _Known:
    found: Found | None
    until: float


# Cities hold their outlines: few of them, so that a worker's memory does not grow with the fleet.
_cities: dict[str, _Known] = {}
_MOST_CITIES = 300
# Unknown hosts are kept too, apart: a flood of made-up names must not push the cities out.
_strangers: dict[str, _Known] = {}
_MOST = 5000


def find(host: str) -> Found | None:
    """The city of a verified host name (lower case, no port); one query at most."""
    moment = _now()
    known = _cities.get(host) or _strangers.get(host)
    if known and known.until > moment:
        return known.found
    found = _ask(host)
    if found:
        _keep(_cities, _MOST_CITIES, host, _Known(found, moment + SECONDS))
    else:
        _keep(_strangers, _MOST, host, _Known(None, moment + SECONDS))
    return found


def city_of(host: str) -> City | None:
    """The city of a host name (lower case, no port), or None."""
    found = find(host)
    return found.city if found else None


def is_platform(host: str) -> bool:
    """The platform's own host; locally also the bare addresses of this machine."""
    return host == settings.BASE_HOST or (
        not settings.PRODUCTION and host in {"localhost", "127.0.0.1", "[::1]"}
    )


def on_change(**_: Any) -> None:
    """Called when a City or Domain changes in this process.

    Forgets once more after the commit: until then another thread may read the old row again.
    """
    forget()
    transaction.on_commit(forget)


def forget() -> None:
    """The next request of each host asks the database."""
    _cities.clear()
    _strangers.clear()


def _ask(host: str) -> Found | None:
    verified = Domain.objects.filter(verified_at__isnull=False)
    siblings = verified.filter(tenant=OuterRef("tenant")).order_by("-is_primary", "domain")
    domain = (
        verified.filter(domain=host)
        .select_related("tenant")
        .annotate(hosts=ArraySubquery(siblings.values("domain")))
        .first()
    )
    return Found(domain.tenant, tuple(domain.hosts)) if domain else None


def _keep(cache: dict[str, _Known], most: int, host: str, known: _Known) -> None:
    """The oldest leave first; `list` because other threads write meanwhile."""
    _cities.pop(host, None)
    _strangers.pop(host, None)
    cache[host] = known
    for oldest in list(cache)[: max(0, len(cache) - most)]:
        cache.pop(oldest, None)
