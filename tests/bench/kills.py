"""The monthly run and webhooks killed at random: `python -m tests.bench.kills 200 [SEED]`.

Run through pytest, which makes the database.
"""

import os
import sys
from pathlib import Path

import pytest

if __name__ == "__main__":
    os.environ["KILLS"] = sys.argv[1] if len(sys.argv) > 1 else "200"
    os.environ["SEED"] = sys.argv[2] if len(sys.argv) > 2 else "1"
    folder = Path(__file__).resolve().parents[1] / "integration"
    files = ("billing/test_killed_run.py", "mirror/test_killed_webhooks.py")
    sys.exit(pytest.main(["-n0", "-q", *(str(folder / name) for name in files)]))
