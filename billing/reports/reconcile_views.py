"""The three routes side by side, for people who see the whole ledger."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from billing.reports.names import payer_name, payers
from billing.reports.reconcile import Line, Reconciliation, reconcile
from billing.reports.tables import Column, Kind, Row, Table, Value
from billing.reports.views import frame, question_of
from billing.states import PaymentSource
from billing.wording import money_text

# Walking the days of every cost of a fleet takes seconds; longer spans are for the command.
MOST_MONTHS = 12


@access.staff(Permission.LEDGER)
@require_safe
def report_routes(request: HttpRequest) -> HttpResponse:
    """In total, and each payer's month that is not settled; settled ones are only counted."""
    question = question_of(request)
    context = frame(request, question)
    if len(question.period.months) > MOST_MONTHS:
        return render(request, "billing/reports/routes.html", {**context, "too_long": True})
    found = reconcile(question.lens, question.period)
    context |= {
        "found": found,
        "total": _table("total", _("In total"), [([_("Total"), ""], found.total)]),
        "differences": _lines("differences", _("Differences"), found, differing=True),
        "open": _lines("open", _("Waits for an act, an invoice or money"), found, differing=False),
        "records": [
            (PaymentSource(source).label, money_text(amount))
            for source, amount in found.records.items()
        ],
    }
    return render(request, "billing/reports/routes.html", context)


def _lines(key: str, title: str, found: Reconciliation, *, differing: bool) -> Table:
    chosen = found.differences if differing else found.unsettled
    lines = {place: line for place, line in chosen.items() if line.is_right != differing}
    known = payers({payer for payer, _month in lines})
    return _table(
        key,
        title,
        [
            ([payer_name(known[payer]) if payer in known else None, month], line)
            for (payer, month), line in lines.items()
        ],
    )


def _table(key: str, title: str, lines: list[tuple[list[Value], Line]]) -> Table:
    return Table(
        key,
        title,
        [
            Column(_("Payer")),
            Column(_("Month"), Kind.MONTH),
            Column(_("By day"), Kind.MONEY),
            Column(_("By act"), Kind.MONEY),
            Column(_("By payment"), Kind.MONEY),
            Column(_("In no act yet"), Kind.MONEY),
            Column(_("Without an invoice"), Kind.MONEY),
            Column(_("To be paid"), Kind.MONEY),
            Column(_("Unexplained"), Kind.MONEY),
        ],
        [Row([*names, *_values(line)]) for names, line in lines],
    )


def _values(line: Line) -> list[Value]:
    return [
        line.by_day,
        line.by_document,
        line.by_record,
        line.without_act,
        line.without_invoice,
        line.open,
        abs(line.unexplained_acts) + abs(line.unexplained_payments),
    ]
