"""The same report as a spreadsheet, as separated text and as a PDF.

What people typed about a cost, and who did what, is in none of them.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bezpechne.kernel import clock
from billing.output.delimited import separated
from billing.output.xlsx import workbook
from billing.papers.statement import Statement, StatementRow, StatementTable, pdf
from billing.reports import contracts, documents, statement
from billing.reports.lens import Lens
from billing.reports.papers_table import contracts_table, papers_table
from billing.reports.period import Period
from billing.reports.report import CostReport, cost_report
from billing.reports.tables import Kind, Table, shown
from billing.reports.titles import facts_of, months_of
from billing.wording import day_text

# Acts and agreements of a file; a fleet's years have a page of their own.
MOST_IN_FILE, MOST_IN_PDF = 5000, 200


@dataclass(frozen=True)
class File:
    content: bytes
    kind: str
    ending: str


def head_of(report: CostReport) -> list[tuple[str, str]]:
    """What a file says first."""
    return [
        (_("Cost report"), report.subject.label),
        (_("Months"), months_of(report.period)),
        *((fact.label, fact.value) for fact in facts_of(report)),
        (_("Made on"), day_text(clock.today())),
        (_("Sums"), _("UAH")),
    ]


def with_documents(report: CostReport, most: int) -> list[Table]:
    """All tables, payers and cities whole; documents only where there are not too many."""
    found = statement.tables(report)
    if report.documents.acts <= most:
        found.append(papers_table(documents.papers(report.lens, report.period)))
        agreements = contracts.contracts(report.lens, report.period, limit=most)
        found.append(contracts_table(agreements))
    return [table for table in found if table.rows]


def xlsx(report: CostReport) -> File:
    content = workbook(head_of(report), _("Cost report"), with_documents(report, MOST_IN_FILE))
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return File(content, kind, "xlsx")


def csv(report: CostReport) -> File:
    content = separated(head_of(report), with_documents(report, MOST_IN_FILE))
    return File(content, "text/csv; charset=utf-8", "csv")


def paper(report: CostReport) -> File:
    made = Statement(
        title=_("Cost report"),
        subject=report.subject.label,
        months=months_of(report.period),
        facts=[(fact.label, fact.value) for fact in facts_of(report)],
        tables=[_printed(table) for table in with_documents(report, MOST_IN_PDF)],
        footer=_("Made on %(day)s; sums in UAH") % {"day": day_text(clock.today())},
    )
    return File(pdf(made), "application/pdf", "pdf")


def _printed(table: Table) -> StatementTable:
    numbers = [column.kind.is_number for column in table.columns]
    return StatementTable(
        title=table.title,
        columns=[column.label for column in table.columns],
        numbers=numbers,
        # Texts share the line, figures and dates take what they need.
        widths=[1 if column.kind == Kind.TEXT else 0 for column in table.columns],
        rows=[
            StatementRow(
                [
                    shown(value, column.kind)
                    for value, column in zip(row.values, table.columns, strict=True)
                ],
                row.is_total,
            )
            for row in table.rows
        ],
        note=table.note,
    )


MAKERS: dict[str, Callable[[CostReport], File]] = {"xlsx": xlsx, "csv": csv, "pdf": paper}


def download(lens: Lens, period: Period, ending: str) -> HttpResponse:
    """Raises Http404 for an ending that is none of `MAKERS`."""
    if ending not in MAKERS:
        raise Http404
    # The PDF is for Ukrainian books, whatever the language of the page.
    language = "uk" if ending == "pdf" else get_language()
    with translation.override(language):
        report = cost_report(lens, period)
        file = MAKERS[ending](report)
    about = report.subject.account.slug if report.subject.account else "all"
    months = f"{period.first:%Y-%m}-{period.last:%Y-%m}"
    return answered(file, f"costs-{about}-{months}")


def answered(file: File, name: str) -> HttpResponse:
    """As a download."""
    response = HttpResponse(file.content, content_type=file.kind)
    response["Content-Disposition"] = f'attachment; filename="{name}.{file.ending}"'
    return response
