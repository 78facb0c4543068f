"""How well lines of statements are matched: `python -m tests.bench.matching [SEED ...]`.

Makes a ledger and a hundred lines such as banks bring, suggests, and compares with what was meant.
Seeds from 1 to 9 are for work on the rules; HOLD_OUT is looked at and never tuned on.
Run through pytest, which makes the database: the seeds go in MATCHING_SEEDS.
"""

import os
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from bezpechne.kernel import clock

HOLD_OUT = 20261126
TODAY = datetime(2026, 11, 26, 9, tzinfo=UTC)


@dataclass
class Counts:
    certain: int = 0
    right: int = 0
    payable: int = 0
    in_three: int = 0
    first: int = 0
    wrong: list[str] = field(default_factory=list)


def measure(seed: int) -> tuple[Counts, dict[str, Counter[str]]]:
    """Makes everything in the transaction of a test, and counts."""
    from billing.bank.suggestions import suggest  # noqa: PLC0415 - after Django is set up
    from billing.models import BankStatement, StatementLine  # noqa: PLC0415 - same
    from tests.bench.bank_lines import Generator  # noqa: PLC0415 - same

    made = Generator(seed)
    made.ledger()
    cases = made.cases()
    statement = BankStatement.objects.create(file_name="x", sha256=uuid4().hex, format="csv")
    rows = StatementLine.objects.bulk_create(
        StatementLine(statement=statement, number=number, fingerprint=uuid4().hex, **case.line)
        for number, case in enumerate(cases, start=1)
    )
    found = suggest(rows)
    counts = Counts()
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for case, row in zip(cases, rows, strict=True):
        _count(case, row, found[row.pk], counts, kinds[case.kind])
    return counts, kinds


def _count(case: Any, row: Any, suggestions: list[Any], counts: Counts, kind: Counter[str]) -> None:
    answers = [
        frozenset({-one.returns})
        if one.returns
        else frozenset(share.invoice_id for share in one.shares)
        for one in suggestions
    ]
    kind["lines"] += 1
    if case.meant:
        counts.payable += 1
        counts.in_three += case.meant in answers[:3]
        counts.first += answers[:1] == [case.meant]
        kind["in three"] += case.meant in answers[:3]
    if suggestions and suggestions[0].certain:
        counts.certain += 1
        kind["certain"] += 1
        if answers[0] == case.meant:
            counts.right += 1
            kind["right"] += 1
        else:
            counts.wrong.append(
                f"{case.kind}: {row.amount} «{row.purpose}» {suggestions[0].reasons}"
            )


def told(seed: int, counts: Counts, kinds: dict[str, Counter[str]]) -> str:
    name = "hold-out" if seed == HOLD_OUT else "seed"
    lines = [
        f"{name} {seed}: {sum(kind['lines'] for kind in kinds.values())} lines, {counts.payable} payable",
        (
            f"  certain: precision {counts.right}/{counts.certain} = {counts.right / max(counts.certain, 1):.3f},"
            f" recall {counts.right}/{counts.payable} = {counts.right / counts.payable:.3f}"
        ),
        f"  recall@1 {counts.first / counts.payable:.3f}, recall@3 {counts.in_three / counts.payable:.3f}",
    ]
    lines += [
        f"  {kind:13} {dict(sorted(counter.items()))}" for kind, counter in sorted(kinds.items())
    ]
    return "\n".join([*lines, *(f"  WRONG {wrong}" for wrong in counts.wrong)])


@pytest.mark.django_db
@pytest.mark.parametrize(
    "seed", [int(one) for one in os.environ.get("MATCHING_SEEDS", "1").split()]
)
def test_matching(seed: int) -> None:
    with clock.frozen(TODAY):
        print(f"\n{told(seed, *measure(seed))}")  # noqa: T201 - the figures are the purpose


if __name__ == "__main__":
    os.environ["MATCHING_SEEDS"] = " ".join(sys.argv[1:]) or str(HOLD_OUT)
    sys.exit(pytest.main(["-n0", "-q", "-s", __file__]))
