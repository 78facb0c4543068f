"""Tables beside the money itself: questions, hours, the forecast, currencies."""

from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from billing.reports import hours
from billing.reports.report import CostReport
from billing.reports.tables import Column, Kind, Row, Table, shown
from billing.reports.usage import ANSWERED, PUBLISHED, RECEIVED, REJECTED
from billing.wording import day_text


def questions(report: CostReport) -> Table:
    figures = report.figures
    named = (
        (_("Received"), RECEIVED),
        (_("Published"), PUBLISHED),
        (_("Answered"), ANSWERED),
        (_("Rejected"), REJECTED),
    )
    rows = [
        Row(
            [
                label,
                figures.all.get(name),
                figures.signed.get(name),
                None if name == REJECTED else figures.cost_of(name),
            ]
        )
        for label, name in named
    ]
    residents = figures.residents or None
    rows.append(Row([_("For 1,000 residents"), residents, residents, figures.cost_per_thousand]))
    return Table(
        "questions",
        _("Questions and what one cost"),
        [
            Column(_("Figure")),
            Column(_("All months"), Kind.NUMBER),
            Column(_("Months with a signed act"), Kind.NUMBER),
            Column(_("Cost of one"), Kind.MONEY),
        ],
        [] if report.is_empty else rows,
        _questions_note(report),
    )


def _questions_note(report: CostReport) -> str:
    note = _(
        "Counted are months of cities that somebody of this report pays for. The cost of one divides"
        " the signed acts by the questions of the same months, so that months which wait for their"
        " act do not make it look cheap."
    )
    if report.lens.has_whole_cities:
        return note
    shared = _("Of cities with several payers it is the part of these payers alone.")
    return f"{note} {shared}"


def activities(report: CostReport) -> Table:
    rows = [
        Row([str(line.activity.label), line.hours, _tariff(line), line.cost or None])
        for line in report.hours
    ]
    minutes = hours.minutes_of(report.figures)
    posted = sum((line.cost for line in report.hours), Decimal("0.00"))
    rows.append(Row([_("Total"), hours.hours_of(minutes), "", posted or None], is_total=True))
    return Table(
        "hours",
        _("Moderator’s hours"),
        [
            Column(_("Activity")),
            Column(_("Hours"), Kind.NUMBER),
            Column(_("Tariff, UAH an hour"), Kind.FIGURES),
            Column(_("Cost by the tariff"), Kind.MONEY),
        ],
        [] if report.is_empty else rows,
        _hours_note(report),
    )


def _tariff(line: hours.Hours) -> str | None:
    if line.lowest is None or line.highest is None:
        return None
    low, high = (shown(amount, Kind.MONEY) for amount in (line.lowest, line.highest))
    return low if low == high else f"{low}–{high}"


def _hours_note(report: CostReport) -> str:
    cost = hours.cost_of_hour(report.figures)
    note = _(
        "Hours of closed timesheets. Where a fixed sum a month is paid, they cost nothing more."
    )
    if cost is None:
        return note
    whole = _("With everything that was accrued, an hour came to UAH %(cost)s.") % {
        "cost": shown(cost, Kind.MONEY)
    }
    return f"{note} {whole}"


def forecast(report: CostReport) -> Table:
    found = report.forecast
    rows = [
        Row([_("Plan of the year"), found.plan]),
        Row([_("Accrued so far"), found.accrued]),
        Row([_("Plan of months without a signed act"), found.waiting]),
        Row([_("Forecast by the plan"), found.by_plan], is_total=True),
        Row([_("Forecast by the pace"), found.by_pace], is_total=True),
    ]
    return Table(
        "forecast",
        _("Forecast for %(year)d") % {"year": found.year},
        [Column(_("Figure")), Column(_("UAH"), Kind.MONEY)],
        rows if found.plan or found.accrued else [],
        _(
            "By the plan: accrued so far, and the plan of every month that has no signed act yet."
            " By the pace: accrued so far, and for each month after the last signed one the average"
            " of the months with signed acts."
        ),
    )


def rates(report: CostReport) -> Table:
    rows = [
        Row(
            [
                line.month,
                line.currency,
                line.rate,
                _source(line.source, line.day),
                line.accrued,
                line.equivalent,
            ]
        )
        for line in report.grant_months
    ]
    return Table(
        "rates",
        _("Exchange rates of grant months"),
        [
            Column(_("Month"), Kind.MONTH),
            Column(_("Currency")),
            Column(_("UAH for one"), Kind.NUMBER),
            Column(_("Rate of")),
            Column(_("Accrued"), Kind.MONEY),
            Column(_("In the currency"), Kind.MONEY),
        ],
        rows,
        _("The last rate entered for each month. A dash: none was entered."),
    )


def _source(source: str, day: date | None) -> str:
    return f"{source}, {day_text(day)}" if day else ""


def received(report: CostReport) -> Table:
    rows = [
        Row(
            [
                line.day,
                line.payer,
                line.grant,
                line.currency,
                line.amount,
                line.rate,
                line.amount_uah,
            ]
        )
        for line in report.received
    ]
    return Table(
        "received",
        _("Tranches of grants"),
        [
            Column(_("Date"), Kind.DAY),
            Column(_("Donor")),
            Column(_("Grant")),
            Column(_("Currency")),
            Column(_("Received"), Kind.MONEY),
            Column(_("Rate"), Kind.NUMBER),
            Column(_("UAH"), Kind.MONEY),
        ],
        rows,
    )
