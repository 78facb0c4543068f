"""An act with its lines, and one cost with who bears which day of it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from billing.reports.asking import lens_of
from billing.reports.drill import act_of, cost_of, lines_of
from billing.reports.drill_tables import days_table, lines_table, parts_table, what_of
from billing.reports.names import payer_name
from billing.reports.views import reader
from billing.wording import money_text


@access.staff(Permission.REPORTS)
@require_safe
def report_act(request: HttpRequest, pk: int) -> HttpResponse:
    """Its lines; each leads to its cost."""
    act = act_of(lens_of(reader(request)), pk)
    if act is None:
        raise Http404
    context = {
        "act": act,
        "payer": payer_name(act.payer),
        "amount": money_text(act.amount),
        "table": lines_table(lines_of(act)),
    }
    return render(request, "billing/reports/act.html", context)


@access.staff(Permission.REPORTS)
@require_safe
def report_cost(request: HttpRequest, pk: int) -> HttpResponse:
    """The parts that the reader may see; words that people typed are for the ledger's people."""
    cost = cost_of(lens_of(reader(request)), pk)
    if cost is None:
        raise Http404
    context = {
        "cost": cost,
        "what": what_of(cost.entry),
        "amount": money_text(cost.entry.amount),
        "tables": [parts_table(cost), days_table(cost)],
        "title": _("Cost No %(number)d") % {"number": cost.entry.pk},
        "may_ledger": access.may(request, Permission.LEDGER),
    }
    return render(request, "billing/reports/cost.html", context)
