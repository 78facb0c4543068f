"""When a domain is checked next, and when an unconfirmed one is given up."""

from datetime import datetime, timedelta

from tenants.domains.outcomes import LOST
from tenants.models import Domain

PATIENCE = timedelta(days=14)
_SOONEST, _LATEST = timedelta(minutes=5), timedelta(hours=6)
# A verified domain, and one whose record is gone or whose last check failed.
_STEADY, _FLAGGED = timedelta(days=7), timedelta(days=1)


def expires_at(domain: Domain) -> datetime:
    """An unconfirmed name is free for others from then on."""
    return domain.created_at + PATIENCE


def next_check(domain: Domain) -> datetime:
    """Back-off: a quarter of the time that it has waited already, within 5 minutes and 6 hours."""
    if domain.checked_at is None:
        return domain.created_at + _SOONEST
    if domain.verified_at is not None:
        return domain.checked_at + (_FLAGGED if domain.check_error else _STEADY)
    waited = (domain.checked_at - domain.created_at) / 4
    return domain.checked_at + min(_LATEST, max(_SOONEST, waited))


def record_is_lost(domain: Domain) -> bool:
    """Verified once, and the record is gone now: served on, but flagged."""
    return domain.verified_at is not None and domain.check_error in LOST
