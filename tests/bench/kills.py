"""The monthly run killed at random, many times: `python -m tests.bench.kills 200 [SEED]`.

Run through pytest, which makes the database.
"""

import os
import sys
from pathlib import Path

import pytest

if __name__ == "__main__":
    os.environ["KILLS"] = sys.argv[1] if len(sys.argv) > 1 else "200"
    os.environ["SEED"] = sys.argv[2] if len(sys.argv) > 2 else "1"
    folder = Path(__file__).resolve().parents[1] / "integration" / "billing"
    sys.exit(pytest.main(["-n0", "-q", str(folder / "test_killed_run.py")]))
