"""`python -m tests.bench.drills [KILLS] [--seed N]`: exit code 1 when anything went wrong."""

# ruff: noqa: T201 - a script that prints
import argparse
import sys

from tests.bench.drills.soak import Soak


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.drills", description=__doc__)
    parser.add_argument("kills", type=int, nargs="?", default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, default=20, help="kills between two checks")
    given = parser.parse_args()
    with Soak(given.seed) as soak:
        while len(soak.scene.kills) < given.kills and not soak.result.faults:
            soak.batch(min(given.batch, given.kills - len(soak.scene.kills)))
            print(soak.result.told(), flush=True)
        soak.result.faults += soak.sweep()
        print(soak.result.told(), flush=True)
        for fault in soak.result.faults:
            print(f"FAULT {fault}")
        if soak.result.faults:
            print(soak.logs())
    return 1 if soak.result.faults else 0


if __name__ == "__main__":
    sys.exit(main())
