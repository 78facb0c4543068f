"""The tables of a cost report, in the order in which it is read."""

from collections.abc import Callable, Iterable

from django.utils.translation import gettext as _

from billing.reports import outcomes
from billing.reports.report import CostReport
from billing.reports.sums import Sums
from billing.reports.tables import Column, Kind, Row, Table, Value

# A page shows so many payers or cities, and the rest as one line; files show all.
SHOWN_LINES = 20

# Address of a drill-down by what it leads to; the default leads nowhere.
Leads = Callable[[str, object], str]


def nowhere(what: str, key: object) -> str:
    """For files and for readers without an account."""
    return ""


def tables(report: CostReport, *, leads: Leads = nowhere, most: int | None = None) -> list[Table]:
    """All tables that have something to say. `most`: lines of payers and of cities."""
    found = [
        months(report, leads),
        payers(report, leads, most),
        sources(report),
        kekvs(report),
        cities(report, leads, most),
        outcomes.questions(report),
        outcomes.activities(report),
        outcomes.forecast(report),
        outcomes.rates(report),
        outcomes.received(report),
    ]
    return [table for table in found if table.rows]


def _money(first: str, kind: Kind = Kind.TEXT) -> list[Column]:
    return [
        Column(first, kind),
        Column(_("Plan"), Kind.MONEY),
        Column(_("Accrued"), Kind.MONEY),
        Column(_("Paid"), Kind.MONEY),
        Column(_("Deviation"), Kind.MONEY),
        Column(_("Of the plan"), Kind.PERCENT),
    ]


def _sums(sums: Sums) -> list[Value]:
    return [sums.plan, sums.accrued, sums.paid, sums.deviation, sums.percent]


def _total(sums: Sums) -> Row:
    return Row([_("Total"), *_sums(sums)], is_total=True)


def months(report: CostReport, leads: Leads = nowhere) -> Table:
    rows = [Row([month, *_sums(sums)], leads("month", month)) for month, sums in report.months]
    return Table(
        "months",
        _("By month"),
        _money(_("Month"), Kind.MONTH),
        [*rows, _total(report.total)],
        _(
            "Accrued is what signed acts ask for; it is the actual expense. Paid is what came for"
            " their invoices. The deviation is accrued less plan."
        ),
    )


def payers(report: CostReport, leads: Leads = nowhere, most: int | None = None) -> Table:
    lines = [(line.name, line.id, line.sums) for line in report.payers]
    return Table(
        "payers",
        _("By payer"),
        _money(_("Payer")),
        [*_cut(lines, "payer", leads, most), _total(report.total)] if lines else [],
    )


def cities(report: CostReport, leads: Leads = nowhere, most: int | None = None) -> Table:
    """Only where there are several."""
    lines = [(line.place.name, line.place.id, line.sums) for line in report.cities]
    return Table(
        "cities",
        _("By city"),
        _money(_("City")),
        [*_cut(lines, "account", leads, most), _total(report.total)] if len(lines) > 1 else [],
    )


def _cut(
    lines: list[tuple[str, int, Sums]], what: str, leads: Leads, most: int | None
) -> Iterable[Row]:
    for name, key, sums in lines[:most]:
        yield Row([name, *_sums(sums)], leads(what, key))
    rest = lines[most:] if most is not None else []
    if rest:
        label = _("Others: %(number)d") % {"number": len(rest)}
        yield Row([label, *_sums(sum((sums for _name, _key, sums in rest), Sums()))])


def sources(report: CostReport) -> Table:
    rows = [Row([str(source.label), *_sums(sums)]) for source, sums in report.sources]
    return Table(
        "sources",
        _("By source"),
        _money(_("Source")),
        [*rows, _total(report.total)] if rows else [],
    )


def kekvs(report: CostReport) -> Table:
    rows = [Row([kekv, *_sums(sums)]) for kekv, sums in report.kekvs.items()]
    return Table(
        "kekv",
        _("By economic classification"),
        _money(_("KEKV")),
        [*rows, _total(report.total)] if rows else [],
        _("What is paid of an invoice goes to the codes of its act in proportion."),
    )
