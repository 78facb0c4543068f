"""Thousands of random sequences over the ledger: `python -m tests.bench.ledger 3000`.

Run through pytest, which makes the database: the number goes in LEDGER_SEQUENCES.
"""

import os
import sys
from pathlib import Path

import pytest

if __name__ == "__main__":
    os.environ["LEDGER_SEQUENCES"] = sys.argv[1] if len(sys.argv) > 1 else "1000"
    folder = Path(__file__).resolve().parents[1] / "integration" / "billing"
    sys.exit(pytest.main(["-n0", "-q", str(folder / "test_machine.py")]))
