"""The monthly run, killed at random points: each invoice exactly once. `KILLS=200` soaks."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.billing import kills
from tests.integration.committed import remove_city, unblocked

pytestmark = pytest.mark.processes

NUMBER = int(os.environ.get("KILLS", "5"))


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with unblocked(django_db_blocker):
        remove_city("kill")
        kills.a_fleet()
        yield
        remove_city("kill")


def test_each_invoice_exists_exactly_once_whenever_it_was_killed(committed: None) -> None:
    done = list(kills.soak(NUMBER, seed=int(os.environ.get("SEED", "0"))))
    assert len(done) == NUMBER
    if NUMBER > 5:
        kills.finish()
