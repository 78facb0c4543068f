"""A few random sequences in the gate; `python -m tests.bench.ledger` runs thousands."""

import os

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.integration.billing.machine import Ledger


def test_the_ledger_agrees_with_a_plain_model(db: None) -> None:
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=int(os.environ.get("LEDGER_SEQUENCES", "25")),
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
