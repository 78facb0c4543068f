"""One's own hours: a month, a day, submitting."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from community.timesheet import months, queries
from community.timesheet.actions import writing
from community.timesheet.forms import HoursForm
from community.timesheet.models import Timesheet
from community.timesheet.spreadsheet import month_csv
from community.timesheet.states import TimesheetRefused

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


@access.staff(Permission.MODERATE)
@require_safe
def now(request: HttpRequest) -> HttpResponse:
    """The current month."""
    return _month(request, months.first_of(clock.today()))


@access.staff(Permission.MODERATE)
@GET_OR_POST
def month(request: HttpRequest, month: date) -> HttpResponse:
    """The grid of a month; a POST saves the days that it names."""
    if request.method == "POST":
        return _save(request, month, submits=False)
    return _month(request, month)


@access.staff(Permission.MODERATE)
@require_POST
def submit(request: HttpRequest, month: date) -> HttpResponse:
    """Saves what the grid holds and hands the month in."""
    return _save(request, month, submits=True)


@access.staff(Permission.MODERATE)
@GET_OR_POST
def day(request: HttpRequest, day: date) -> HttpResponse:
    """One day with its notes and suggestions."""
    month = months.first_of(day)
    sheet = _sheet(request, month)
    if day > clock.today():
        raise Http404
    form = _form(request, sheet, [day], notes=True)
    if request.method == "POST" and form.is_valid() and _saved(request, sheet, form):
        messages.success(request, _("Saved."))
        return redirect(f"{reverse('hours:month', args=[month])}#day-{day}")
    context = {"sheet": sheet, "day": day, "form": form, "row": form.rows[0]}
    status = 422 if form.is_bound else 200
    return render(request, "timesheet/day.html", context, status=status)


@access.staff(Permission.MODERATE)
@require_POST
def take_back(request: HttpRequest, month: date) -> HttpResponse:
    """Open again, until somebody approves it."""
    try:
        writing.take_back(by=access.actor_of(request), month=month)
    except TimesheetRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The month is yours again. Submit it when it is right."))
    return redirect("hours:month", month)


@access.staff(Permission.MODERATE)
@require_safe
def csv(request: HttpRequest, month: date) -> HttpResponse:
    """One's own month for a spreadsheet."""
    sheet = _sheet(request, month)
    return month_csv(month, queries.entries_of(sheet).select_related("person"), [sheet])


def _sheet(request: HttpRequest, month: date) -> Timesheet:
    """Of the person who looks. Raises Http404 for a month that has not begun."""
    if month > clock.today():
        raise Http404
    # Somebody who acts for the administrator has no account here, and so no hours: nobody's key.
    return queries.sheet_of(request.user.pk or 0, month)


def _form(
    request: HttpRequest, sheet: Timesheet, days: list[date], *, notes: bool = False
) -> HoursForm:
    return HoursForm(
        request.POST if request.method == "POST" else None,
        days=days,
        entries=queries.entries_of(sheet),
        version=sheet.version,
        suggested=queries.suggested(sheet.person_id, sheet.month) if sheet.is_open else {},
        use="use" in request.GET,
        notes=notes,
    )


def _saved(
    request: HttpRequest, sheet: Timesheet, form: HoursForm, *, submits: bool = False
) -> bool:
    """Whether the actions took it; what they refused stands in the form."""
    by, month = access.actor_of(request), sheet.month
    try:
        with transaction.atomic():
            if form.work or not submits:
                writing.save_days(
                    by=by, month=month, days=form.work, seen=form.cleaned_data["seen"]
                )
            if submits:
                writing.submit(by=by, month=month)
    except TimesheetRefused as refusal:
        form.refuse(refusal)
        return False
    return True


def _save(request: HttpRequest, month: date, *, submits: bool) -> HttpResponse:
    sheet = _sheet(request, month)
    form = _form(request, sheet, list(months.days_of(month)))
    if form.is_valid() and _saved(request, sheet, form, submits=submits):
        done = _("The month is submitted: the administrator sees it now.")
        messages.success(request, done if submits else _("Saved."))
        return redirect("hours:month", month)
    return _show(request, sheet, form, status=422)


def _month(request: HttpRequest, month: date) -> HttpResponse:
    sheet = _sheet(request, month)
    return _show(request, sheet, _form(request, sheet, list(months.days_of(month))))


def _show(
    request: HttpRequest, sheet: Timesheet, form: HoursForm, status: int = 200
) -> HttpResponse:
    entries = list(form.known.values())
    sums = queries.sums(entries)
    following = months.after(sheet.month)
    context: dict[str, Any] = {
        "sheet": sheet,
        "form": form,
        "days": queries.by_days(entries),
        "sums": sums,
        "minutes": sum(sums.values()),
        "earlier": months.before(sheet.month),
        "later": following if following <= clock.today() else None,
        "own_months": queries.own_months(sheet.person_id),
        "waiting": queries.number_waiting() if access.may(request, Permission.ADMINISTER) else None,
    }
    return render(request, "timesheet/month.html", context, status=status)
