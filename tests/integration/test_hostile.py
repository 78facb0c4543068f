"""A moment of the hostile run; `python -m tests.bench.hostile --minutes 15` is the long one.

The environment says more: HOSTILE_MINUTES, HOSTILE_SEED, HOSTILE_EPISODE (that one alone).
"""

import logging
import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from tenants.middleware import CurtainMiddleware
from tenants.models import City
from tests.hostile.marks import plant
from tests.hostile.walk import Walk, printed
from tests.worlds import World, populate, raise_ids

MINUTES = os.environ.get("HOSTILE_MINUTES")
SEED = int(os.environ.get("HOSTILE_SEED", "1"))
EPISODE = int(os.environ.get("HOSTILE_EPISODE", "-1"))
SWEEP = int(os.environ["HOSTILE_SWEEP"]) if "HOSTILE_SWEEP" in os.environ else None
# In the gate.
EPISODES, ROUTES = 5, 3


@pytest.fixture(scope="module")
def worlds(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[World, World]]:
    """Two cities with a row for every route, marked; taken back at the end."""
    files = tmp_path_factory.mktemp("files")
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=files), transaction.atomic():
        own, other = (City.objects.get(slug=slug) for slug in ("poltava", "ternopil"))
        raise_ids(other)
        made = plant(populate(own)), plant(populate(other))
        django_db_blocker.block()
        yield made
        django_db_blocker.restore()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _own_files() -> None:
    """The files of the worlds stay where they are."""


@pytest.fixture(autouse=True)
def _nobody_outside(settings: Any) -> None:
    """DNS and Stripe are on, and nobody answers."""
    settings.DNS_RESOLVERS, settings.DNS_SECONDS = [("127.0.0.1", 9)], 0.1
    settings.STRIPE_API_KEY, settings.STRIPE_WEBHOOK_SECRET = "sk_test_walk", "whsec_walk"
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"


def test_nothing_that_is_sent_breaks_a_page_or_opens_another_city(
    db: None, worlds: tuple[World, World]
) -> None:
    # Thousands of refusals, each with its line.
    logging.disable(logging.CRITICAL)
    try:
        walk = Walk(*worlds, seed=SEED)
        if EPISODE >= 0:
            report = walk.run(episodes=1, first=EPISODE, told=printed)
        elif MINUTES is not None:
            report = walk.run(minutes=float(MINUTES), sweep=SWEEP, told=printed)
        else:
            report = walk.run(episodes=EPISODES, sweep=ROUTES)
    finally:
        logging.disable(logging.NOTSET)
    lines = list(report.lines())
    for line in lines:
        printed(line)
    assert not report.faults, "\n".join(lines)
    assert report.statuses[200] > report.requests / 10, "hardly any page was reached"


def test_a_fault_of_every_page_is_told_once_for_each_with_its_request(
    db: None, worlds: tuple[World, World], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the run above is worth nothing if it would not see."""

    def broken(*args: Any) -> None:
        raise ValueError("planted")

    monkeypatch.setattr(CurtainMiddleware, "process_view", broken)
    report = Walk(*worlds, seed=1).run(episodes=0, sweep=1)
    told = "\n".join(report.lines())
    assert report.statuses[500] > 10
    assert "FAULT server error" in told
    assert "ValueError" in told
    assert "python -m tests.bench.hostile --seed 1 --minutes 0" in told
    assert not report.reached
