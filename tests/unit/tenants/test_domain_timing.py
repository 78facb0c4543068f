"""When a domain is asked about again, and when it is given up."""

from datetime import UTC, datetime, timedelta

from tenants.domains.timing import expires_at, next_check
from tenants.models import Domain

BEGAN = datetime(2027, 3, 1, 12, tzinfo=UTC)


def waiting(checked_after: timedelta | None, **fields: object) -> Domain:
    checked = None if checked_after is None else BEGAN + checked_after
    values = {"created_at": BEGAN, "checked_at": checked, "verified_at": None, "token": "x"}
    return Domain(domain="police.example", **{**values, **fields})


def test_the_pauses_grow_from_minutes_to_hours() -> None:
    pauses = []
    moment, domain = BEGAN, waiting(None)
    while moment < expires_at(domain):
        after = next_check(domain)
        assert after > moment
        pauses.append(after - moment)
        moment, domain = after, waiting(after - BEGAN)
    assert pauses[0] == timedelta(minutes=5)
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(hours=6)
    assert len(pauses) < 90, "two weeks cost a provider's server fewer than 90 questions"


def test_a_verified_domain_is_looked_at_weekly_and_a_flagged_one_daily() -> None:
    steady = waiting(timedelta(days=1), verified_at=BEGAN)
    assert next_check(steady) == BEGAN + timedelta(days=8)
    flagged = waiting(timedelta(days=1), verified_at=BEGAN, check_error="absent")
    assert next_check(flagged) == BEGAN + timedelta(days=2)


def test_patience_ends_after_two_weeks() -> None:
    assert expires_at(waiting(None)) == BEGAN + timedelta(days=14)
