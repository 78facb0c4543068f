"""Links to reports: made and revoked by finance officers, opened by whoever has one."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from billing.errors import LedgerRefused
from billing.models import ReportLink
from billing.reports import links
from billing.reports.asking import Asked
from billing.reports.files import download
from billing.reports.forms import LinkForm
from billing.reports.names import payer_name
from billing.reports.pages import PAGE, Pages, page_number
from billing.reports.period import Basis
from billing.reports.report import cost_report
from billing.reports.showing import plain_body
from billing.reports.subjects import Subject, subject_of
from billing.reports.titles import months_of
from billing.reports.views import question_of


@access.staff(Permission.FINANCE)
@require_http_methods(["GET", "HEAD", "POST"])
def report_links(request: HttpRequest) -> HttpResponse:
    """All links, newest first; with `?payer=` or `?account=` the form for one more."""
    question = question_of(request)
    subject = subject_of(question.lens)
    form = _form(request, question, subject)
    if form is not None and form.is_valid() and _make(request, form, subject):
        return redirect("finance:report_links")
    rows = ReportLink.objects.select_related("payer", "account").order_by("-pk")
    pages = Pages(page_number(request.GET), rows.count(), "?page=")
    shown = rows[pages.offset : pages.offset + PAGE]
    context = {
        "rows": [_line(row) for row in shown],
        "pages": pages,
        "form": form,
        "subject": subject,
        "query": question.query(),
    }
    failed = form is not None and form.is_bound
    return render(request, "billing/reports/links.html", context, status=422 if failed else 200)


def _form(request: HttpRequest, question: Asked, subject: Subject) -> LinkForm | None:
    """None until a payer or a city is chosen, one of the two."""
    if (subject.payer is None) == (subject.account is None) or question.lens.oblast:
        return None
    first, last = (f"{month:%Y-%m}" for month in (question.period.first, question.period.last))
    return LinkForm(request.POST or None, initial={"first": first, "last": last})


def _make(request: HttpRequest, form: LinkForm, subject: Subject) -> bool:
    about = subject.payer or subject.account
    if about is None:
        return False
    try:
        links.make(by=access.actor_of(request), about=about, **form.cleaned_data)
    except LedgerRefused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
        return False
    messages.success(request, _("The link is made. Copy it from the list."))
    return True


def _line(row: ReportLink) -> dict[str, Any]:
    """Addresses of open links alone: a closed one is of no use to anybody."""
    period = links.period_of(row, Basis.SERVICE)
    return {
        "link": row,
        "about": subject_of_link(row),
        "months": months_of(period),
        "address": links.address_of(row) if row.is_open else "",
        "last_day": links.last_day_of(row),
    }


def subject_of_link(row: ReportLink) -> str:
    if row.payer is not None:
        return payer_name(row.payer)
    return row.account.name if row.account else ""


@access.staff(Permission.FINANCE)
@require_POST
def revoke_link(request: HttpRequest, pk: int) -> HttpResponse:
    """From now on it opens nothing."""
    row = get_object_or_404(ReportLink, pk=pk)
    try:
        links.revoke(by=access.actor_of(request), link=row)
    except LedgerRefused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("The link is revoked and opens nothing any more."))
    return redirect("finance:report_links")


# --- For whoever has one --------------------------------------------------------------------------


def opened(token: str) -> ReportLink | None:
    """None for a link that is over or revoked. Raises Http404 for one that nobody made."""
    link = links.by_token(token)
    if link is None:
        raise Http404
    return link if link.is_open else None


def basis_of(request: HttpRequest) -> Basis:
    return Basis.DOCUMENT if request.GET.get("by") == Basis.DOCUMENT else Basis.SERVICE


def closed(request: HttpRequest) -> HttpResponse:
    return render(request, "billing/reports/link_closed.html", status=410)


@access.by_link()
@require_safe
def report_link(request: HttpRequest, token: str) -> HttpResponse:
    """The statement of the link's payer or city, with nothing to go on to."""
    link = opened(token)
    if link is None:
        return closed(request)
    report = cost_report(links.lens_of(link), links.period_of(link, basis_of(request)))
    if request.method == "GET":
        links.count_opening(link)
    context = {
        **plain_body(report),
        "link": link,
        "token": token,
        "last_day": links.last_day_of(link),
        "months": months_of(report.period),
        "by": report.period.basis.value,
        "bases": Basis.choices,
    }
    return render(request, "billing/reports/link.html", context)


@access.by_link()
@require_safe
def report_link_file(request: HttpRequest, token: str, ending: str) -> HttpResponse:
    """The same as a file."""
    link = opened(token)
    if link is None:
        return closed(request)
    return download(links.lens_of(link), links.period_of(link, basis_of(request)), ending)
