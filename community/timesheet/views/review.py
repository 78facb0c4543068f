"""The administrator's pages: who waits, a person's month, the decision."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.query_strings import number_of
from community.timesheet import months, queries
from community.timesheet.actions import approving
from community.timesheet.forms import ReasonForm
from community.timesheet.models import Timesheet
from community.timesheet.spreadsheet import month_csv
from community.timesheet.states import TimesheetRefused


@access.staff(Permission.ADMINISTER)
@require_safe
def review(request: HttpRequest) -> HttpResponse:
    """Months that wait, and everybody's of the last year."""
    rows = queries.months_of_city(months.back(clock.today(), queries.LAST_MONTHS))
    context = {
        "waiting": queries.waiting(rows),
        "rows": rows,
        "months": sorted({row.sheet.month for row in rows}, reverse=True),
    }
    return render(request, "timesheet/review.html", context)


@access.staff(Permission.ADMINISTER)
@require_safe
def review_csv(request: HttpRequest, month: date) -> HttpResponse:
    """Everybody's hours of a month."""
    sheets = Timesheet.objects.filter(month=month)
    return month_csv(month, queries.entries_of_month(month), sheets)


def _of(pk: int) -> Timesheet:
    return get_object_or_404(Timesheet.objects.select_related("person"), pk=pk)


@access.staff(Permission.ADMINISTER)
@require_safe
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """A person's month, with what can be decided about it."""
    return _page(request, _of(pk))


def _page(
    request: HttpRequest, sheet: Timesheet, *, status: int = 200, **bound: ReasonForm
) -> HttpResponse:
    entries = list(queries.entries_of(sheet))
    sums = queries.sums(entries)
    by = access.actor_of(request)
    context: dict[str, Any] = {
        "sheet": sheet,
        "days": queries.by_days(entries),
        "sums": sums,
        "minutes": sum(sums.values()),
        "steps": queries.steps_of(sheet),
        "is_own": approving.must_ask_another(by, sheet.person_id),
        "send_back_form": bound.get("send_back", ReasonForm(prefix="send_back")),
        "reopen_form": bound.get("reopen", ReasonForm(prefix="reopen")),
        "opened_form": next(iter(bound), ""),
    }
    return render(request, "timesheet/sheet.html", context, status=status)


def _act(
    request: HttpRequest, sheet: Timesheet, done: str, act: Callable[[], object]
) -> HttpResponse:
    try:
        act()
    except TimesheetRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect("hours:sheet", sheet.pk)


@access.staff(Permission.ADMINISTER)
@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    found, by = _of(pk), access.actor_of(request)
    seen = number_of(request.POST, "seen") if "seen" in request.POST else None
    done = _("Approved. The city’s figures of the month hold these hours now.")
    return _act(request, found, done, lambda: approving.approve(by=by, sheet=found, seen=seen))


@access.staff(Permission.ADMINISTER)
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    found, by = _of(pk), access.actor_of(request)
    done = _("The month is closed.")
    return _act(request, found, done, lambda: approving.close(by=by, sheet=found))


@access.staff(Permission.ADMINISTER)
@require_POST
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """With a reason, before approval."""
    return _with_reason(
        request, pk, "send_back", approving.send_back, _("Returned. The person sees the reason.")
    )


@access.staff(Permission.ADMINISTER)
@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """With a reason, after approval: the hours leave the figures."""
    done = _("The month is open again. Its hours count once they are approved anew.")
    return _with_reason(request, pk, "reopen", approving.reopen, done)


def _with_reason(
    request: HttpRequest, pk: int, name: str, act: Callable[..., object], done: str
) -> HttpResponse:
    found = _of(pk)
    form = ReasonForm(request.POST, prefix=name)
    if form.is_valid():
        try:
            act(by=access.actor_of(request), sheet=found, reason=form.cleaned_data["reason"])
        except TimesheetRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, done)
            return redirect("hours:sheet", pk)
    return _page(request, _of(pk), status=422, **{name: form})
