"""People who mean harm, for a while: `python -m tests.bench.hostile --minutes 15 [--seed N]`.

Exit code 1 when something broke; each fault is told with its request and the episode that finds it
again: `--seed N --episode K`. Run through pytest, which makes the database.
"""

import argparse
import os
import sys
from pathlib import Path

import pytest

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--episode", type=int, default=-1, help="this one alone")
    parser.add_argument("--sweep", type=int, help="routes of each person at first; all")
    given = parser.parse_args()
    os.environ["HOSTILE_MINUTES"] = str(given.minutes)
    os.environ["HOSTILE_SEED"] = str(given.seed)
    os.environ["HOSTILE_EPISODE"] = str(given.episode)
    if given.sweep is not None:
        os.environ["HOSTILE_SWEEP"] = str(given.sweep)
    file = Path(__file__).resolve().parents[1] / "integration" / "test_hostile.py"
    sys.exit(pytest.main(["-n0", "-q", "-s", "--tb=short", "-k", "nothing_that", str(file)]))
