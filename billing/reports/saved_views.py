"""Reports that the reader keeps."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from billing.errors import LedgerRefused
from billing.models import SavedReport
from billing.reports import saved
from billing.reports.asking import asked
from billing.reports.forms import KeepForm
from billing.reports.views import reader


@access.staff(Permission.REPORTS)
@require_http_methods(["GET", "HEAD", "POST"])
def saved_reports(request: HttpRequest) -> HttpResponse:
    """One's own, and keeping one more: the form stands on each report."""
    actor = access.actor_of(request)
    form = KeepForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        # Read and written anew: an address that shows nothing is not kept.
        query = asked(QueryDict(data["query"]), reader(request)).query()
        try:
            saved.keep(by=actor, name=data["name"], query=query, monthly_day=data["monthly_day"])
        except LedgerRefused as refusal:
            field = refusal.field if refusal.field in form.fields else None
            form.add_error(field, refusal.sentence)
        else:
            messages.success(request, _("The report is kept."))
            return redirect("finance:saved_reports")
    context = {"rows": saved.kept_by(actor.id or 0), "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "billing/reports/saved.html", context, status=status)


@access.staff(Permission.REPORTS)
@require_POST
def remove_report(request: HttpRequest, pk: int) -> HttpResponse:
    """One's own; another person's is not there."""
    actor = access.actor_of(request)
    row = get_object_or_404(SavedReport, pk=pk, owner_id=actor.id)
    saved.remove(by=actor, saved=row)
    messages.success(request, _("The report is removed, and its letters with it."))
    return redirect("finance:saved_reports")
