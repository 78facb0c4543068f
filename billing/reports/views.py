"""The statement of a scope and some months, its documents, and the search for a scope."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from bezpechne.accounts import access
from bezpechne.accounts.models import User
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.query_strings import text_of
from billing.reports import contracts, documents, gaps
from billing.reports.asking import Asked, Span, asked, lens_of
from billing.reports.files import download
from billing.reports.finding import find
from billing.reports.forms import KeepForm
from billing.reports.gaps import Gap
from billing.reports.pages import PAGE, Pages, page_number
from billing.reports.papers_table import contracts_table, papers_table
from billing.reports.period import Basis
from billing.reports.report import cost_report
from billing.reports.showing import body_of, lacking_of
from billing.reports.subjects import Subject, subject_of
from billing.reports.titles import months_of
from billing.scopes import Scope, scope_of


def reader(request: HttpRequest) -> Scope:
    """What the signed-in person may see. Raises PermissionDenied for nobody of the platform."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return scope_of(request.user)


def question_of(request: HttpRequest) -> Asked:
    """Raises Http404 for what is none of the reader's."""
    return asked(request.GET, reader(request))


def frame(request: HttpRequest, question: Asked, subject: Subject | None = None) -> dict[str, Any]:
    """What every page about a scope shows: its name, its months, and the ways to others."""
    return {
        "asked": question,
        "subject": subject or subject_of(question.lens),
        "months": months_of(question.period),
        "query": question.query(),
        "spans": Span.choices,
        "bases": Basis.choices,
        "may_ledger": access.may(request, Permission.LEDGER),
        "may_finance": access.may(request, Permission.FINANCE),
    }


@access.staff(Permission.REPORTS)
@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """Everything about a scope and some months on one page."""
    question = question_of(request)
    found = cost_report(question.lens, question.period)
    context = {
        **frame(request, question, found.subject),
        **body_of(found, question),
        "keep_form": KeepForm(initial={"query": question.query()}),
    }
    return render(request, "billing/reports/report.html", context)


@access.staff(Permission.REPORTS)
@require_safe
def report_documents(request: HttpRequest) -> HttpResponse:
    """Acts with their invoices and payments, 50 acts a page; or agreements."""
    question = question_of(request)
    lens, period = question.lens, question.period
    kind = request.GET.get("kind", "")
    gap = Gap(request.GET["gap"]) if request.GET.get("gap") in Gap.values else None
    counts = gaps.count(lens, period)
    agreements = kind == "agreements"
    if agreements:
        number = contracts.count(lens, period)
    else:
        number = counts.gaps[gap] if gap else counts.acts
    address = f"?{question.query(kind=kind if agreements else '', gap=gap or '')}&page="
    pages = Pages(page_number(request.GET), number, address)
    if agreements:
        rows = contracts.contracts(lens, period, offset=pages.offset, limit=PAGE)
        table = contracts_table(rows)
    else:
        papers = documents.papers(lens, period, gap=gap, offset=pages.offset, limit=PAGE)
        table = papers_table(
            papers, lambda key: reverse("finance:report_act", args=[key]), lens=lens
        )
    context = {
        **frame(request, question),
        "table": table,
        "pages": pages,
        "counts": counts,
        "lacking": lacking_of(counts, question, gap),
        "gap": gap,
        "agreements": agreements,
    }
    return render(request, "billing/reports/documents.html", context)


@access.staff(Permission.REPORTS)
@require_safe
def report_find(request: HttpRequest) -> HttpResponse:
    """Cities, payers and oblasts by a part of their name; a single one opens its report."""
    text = text_of(request.GET, "q")
    found = find(lens_of(reader(request)), text)
    if len(found) == 1 and text:
        return redirect(f"{reverse('finance:reports')}?{found[0].query}")
    return render(request, "billing/reports/find.html", {"found": found, "text": text})


@access.staff(Permission.REPORTS)
@require_safe
def report_file(request: HttpRequest, ending: str) -> HttpResponse:
    """The same report as a spreadsheet, as separated text or as a PDF."""
    question = question_of(request)
    return download(question.lens, question.period, ending)
