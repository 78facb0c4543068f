"""Lines by what was decided of them: the same everywhere that counts or lists them."""

from typing import Any

from django.db.models import Count, Q, QuerySet

from billing.models import BankStatement, StatementLine

UNDECIDED, POSTED, ASIDE = "undecided", "posted", "aside"
_LOOKUPS: dict[str, dict[str, Any]] = {
    UNDECIDED: {"payment": None, "set_aside_at": None},
    POSTED: {"payment__isnull": False},
    ASIDE: {"set_aside_at__isnull": False},
}
STATES = {name: Q(**lookups) for name, lookups in _LOOKUPS.items()}


def undecided() -> "QuerySet[StatementLine]":
    return StatementLine.objects.filter(STATES[UNDECIDED])


def state_of(line: StatementLine) -> str:
    """Its payment is to be at hand."""
    if getattr(line, "payment", None) is not None:
        return POSTED
    return ASIDE if line.set_aside_at else UNDECIDED


def counts(statement: BankStatement) -> dict[str, int]:
    """How many of each, in one query."""
    found: dict[str, int] = statement.lines.aggregate(
        **{name: Count("pk", filter=where) for name, where in STATES.items()}
    )
    return found


def counted() -> "QuerySet[Any]":
    """Statements, newest first, each with its numbers."""
    wheres = {
        name: Q(**{f"lines__{lookup}": value for lookup, value in lookups.items()})
        for name, lookups in _LOOKUPS.items()
    }
    return BankStatement.objects.annotate(
        **{name: Count("lines", filter=where) for name, where in wheres.items()}
    ).order_by("-pk")
