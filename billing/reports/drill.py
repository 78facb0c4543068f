"""From an act to its lines, and from a line to the cost with the days that bear it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q

from billing.models import Act, ActLine, Allocation, CostEntry, PeriodShare
from billing.reports.lens import Lens
from billing.reports.reconcile import Funded, Part, daily


def _own(lens: Lens, payer: str, account: str) -> Q:
    """Rows that the reader may see, as a condition of the ORM."""
    if lens.everything:
        return Q()
    return Q(**{f"{payer}__in": lens.payers}) | Q(**{f"{account}__in": lens.accounts})


def act_of(lens: Lens, key: int) -> Act | None:
    """None for one that is unknown or none of the reader's."""
    acts = Act.objects.select_related("payer", "account", "agreement")
    return acts.filter(_own(lens, "payer", "account"), pk=key).first()


def lines_of(act: Act) -> list[ActLine]:
    """With their costs, in the order of days."""
    lines = ActLine.objects.filter(act=act).select_related("allocation__entry")
    return list(lines.order_by("allocation__entry__first_day", "pk"))


@dataclass(frozen=True)
class Borne:
    """A payer's part of a cost, whole and by day."""

    part: Allocation
    days: dict[date, Decimal]


@dataclass(frozen=True)
class Cost:
    """`is_whole`: the reader sees every payer's part, so the sum of the cost too."""

    entry: CostEntry
    parts: list[Borne]
    is_whole: bool


def cost_of(lens: Lens, key: int) -> Cost | None:
    """None for one that is unknown or in which the reader has no part."""
    own = _own(lens, "agreement__payer", "entry__account")
    parts = list(
        Allocation.objects.filter(own, entry=key)
        .select_related("entry__account", "entry__reverses", "agreement__payer", "act_line__act")
        .order_by("agreement_id")
    )
    if not parts:
        return None
    entry = parts[0].entry
    whole = lens.everything or entry.account_id in lens.accounts
    return Cost(entry, [Borne(part, days) for part, days in _spread(entry, parts)], whole)


def _spread(
    entry: CostEntry, parts: list[Allocation]
) -> list[tuple[Allocation, dict[date, Decimal]]]:
    """By the same rule as the reconciliation."""
    funded: Funded = {}
    shares = PeriodShare.objects.filter(agreement__in=[part.agreement_id for part in parts])
    for agreement, covered, percent in shares.values_list(
        "agreement_id", "period__days", "percent"
    ).order_by("period__days"):
        funded.setdefault(agreement, []).append((covered.lower, covered.upper, percent))
    told = [
        Part(
            part.agreement_id,
            part.agreement.payer_id,
            part.month,
            entry.first_day,
            entry.last_day,
            part.amount,
            entry.agreement_id is not None,
            in_act=True,
        )
        for part in parts
    ]
    return [(part, days) for part, (_told, days) in zip(parts, daily(told, funded), strict=True)]
