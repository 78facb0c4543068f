"""The page of a city's site that says who pays for its moderator."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bezpechne.accounts import access
from billing.output.charts import Bar, bars
from billing.reports import public
from billing.reports.tables import Column, Kind, Row, Table, shown
from billing.reports.usage import ANSWERED


@access.public()
@require_safe
def costs(request: HttpRequest) -> HttpResponse:
    """404 unless a finance officer lets the city show it."""
    city = getattr(request, "city", None)
    found = public.costs_of(city.pk) if city is not None else None
    if found is None:
        raise Http404
    context = {
        "costs": found,
        "answered": shown(found.total.signed.get(ANSWERED), Kind.NUMBER),
        "cost_of_answer": shown(found.cost_of_answer, Kind.MONEY),
        "bars": months_bars(found),
        "table": months_table(found),
    }
    return render(request, "billing/reports/costs.html", context)


def months_table(found: public.Costs) -> Table:
    return Table(
        "given",
        _("By month"),
        [
            Column(_("Month"), Kind.MONTH),
            Column(_("Cost of the month, UAH"), Kind.MONEY),
            Column(_("Questions answered"), Kind.NUMBER),
            Column(_("Cost of one answer, UAH"), Kind.MONEY),
        ],
        [
            Row([given.month, given.cost, given.answered, given.cost_of_answer])
            for given in found.months
        ],
        _("Counted are months whose acts are signed. A dash: not known, or nothing was answered."),
    )


def months_bars(found: public.Costs) -> list[Bar]:
    """Cost of one answer by month, where it is known."""
    known = [given for given in found.months if given.cost_of_answer is not None]
    return bars(
        [
            (
                shown(given.month, Kind.MONTH),
                shown(given.cost_of_answer, Kind.MONEY),
                given.cost_of_answer,
                "",
            )
            for given in known
        ]
    )
