"""A report as its page shows it: tables, charts, documents, with the way into each number."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from billing.reports import documents, statement
from billing.reports.asking import Asked
from billing.reports.gaps import Counts, Gap
from billing.reports.papers_table import papers_table
from billing.reports.pictures import months_chart
from billing.reports.report import CostReport
from billing.reports.statement import nowhere
from billing.reports.tables import Kind, Table, shown
from billing.reports.titles import facts_of
from billing.reports.usage import ANSWERED

# Acts that the statement itself shows. More have a page of their own, which readers by a link lack.
SHOWN_ACTS, SHOWN_BY_LINK = 14, 60


@dataclass(frozen=True)
class Lacking:
    """How many acts lack the same, and where they are."""

    label: str
    number: int
    url: str
    is_here: bool = False


def lacking_of(counts: Counts, question: Asked, here: Gap | None = None) -> list[Lacking]:
    address = reverse("finance:report_documents")
    return [
        Lacking(str(gap.label), number, f"{address}?{question.query(gap=gap.value)}", gap == here)
        for gap, number in counts.lacking.items()
    ]


def body_of(found: CostReport, question: Asked) -> dict[str, Any]:
    """For a signed-in reader: rows lead to what they are made of."""

    def leads(what: str, key: Any) -> str:
        if what == "month":
            of_month = question.of_month(key).query()
            return f"{reverse('finance:report_documents')}?{of_month}"
        return f"{reverse('finance:reports')}?{question.query(**{what: key})}"

    return {
        **plain_body(found, leads, lambda key: reverse("finance:report_act", args=[key])),
        "lacking": lacking_of(found.documents, question),
    }


def plain_body(
    found: CostReport,
    leads: statement.Leads = nowhere,
    leads_to_act: Callable[[int], str] = lambda key: "",
) -> dict[str, Any]:
    """Without `leads` nothing leads anywhere, for readers by a link."""
    return {
        "report": found,
        "facts": facts_of(found),
        "stats": {
            "plan": shown(found.total.plan, Kind.MONEY),
            "accrued": shown(found.total.accrued, Kind.MONEY),
            "paid": shown(found.total.paid, Kind.MONEY),
            "cost": shown(found.figures.cost_of(ANSWERED), Kind.MONEY),
        },
        "chart": months_chart(found),
        "tables": statement.tables(found, leads=leads, most=statement.SHOWN_LINES),
        "papers": papers_of(found, leads_to_act, SHOWN_BY_LINK if leads is nowhere else SHOWN_ACTS),
    }


def papers_of(found: CostReport, leads: Callable[[int], str], most: int) -> Table | None:
    """None where there are more than `most` acts, or none."""
    if not 0 < found.documents.acts <= most:
        return None
    return papers_table(documents.papers(found.lens, found.period), leads, lens=found.lens)
