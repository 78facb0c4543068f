"""Lines of an act and parts of a cost as tables."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from billing.models import Act, ActLine, Allocation, CostEntry
from billing.reports.drill import Cost
from billing.reports.hours import hours_of
from billing.reports.names import payer_name
from billing.reports.tables import Column, Kind, Row, Table


def what_of(entry: CostEntry) -> str:
    """«Moderator’s hours: answers»; a counter-entry says so."""
    label = str(entry.get_kind_display())
    if entry.activity:
        label = f"{label}: {entry.get_activity_display()}"
    return _("%(cost)s, reversed") % {"cost": label} if entry.reverses_id else label


def lines_table(lines: Iterable[ActLine]) -> Table:
    found = list(lines)
    rows = [
        Row(
            [
                what_of(entry),
                entry.first_day,
                entry.last_day,
                hours_of(entry.minutes) if entry.minutes is not None else "",
                entry.per_hour if entry.per_hour is not None else "",
                line.allocation.kekv,
                line.allocation.amount,
            ],
            reverse("finance:report_cost", args=[entry.pk]),
        )
        for line in found
        for entry in [line.allocation.entry]
    ]
    total = sum(line.allocation.amount for line in found)
    ruled = Row([_("Total"), "", "", "", "", "", total], is_total=True)
    return Table(
        "lines",
        _("What the act is for"),
        [
            Column(_("Cost")),
            Column(_("First day"), Kind.DAY),
            Column(_("Last day"), Kind.DAY),
            Column(_("Hours"), Kind.NUMBER),
            Column(_("Tariff"), Kind.MONEY),
            Column(_("KEKV")),
            Column(_("Sum"), Kind.MONEY),
        ],
        [*rows, ruled] if rows else [],
    )


def parts_table(cost: Cost) -> Table:
    rows = [
        Row(
            [
                payer_name(borne.part.agreement.payer),
                borne.part.agreement.number,
                borne.part.kekv,
                borne.part.amount,
                act.label if act else None,
            ],
            reverse("finance:report_act", args=[act.pk]) if act else "",
        )
        for borne in cost.parts
        for act in [_act_of(borne.part)]
    ]
    return Table(
        "parts",
        _("Who bears it"),
        [
            Column(_("Payer")),
            Column(_("Agreement")),
            Column(_("KEKV")),
            Column(_("Sum"), Kind.MONEY),
            Column(_("Act")),
        ],
        rows,
    )


def _act_of(part: Allocation) -> Act | None:
    """None while it stands in no act."""
    line: ActLine | None = getattr(part, "act_line", None)
    return line.act if line else None


def days_table(cost: Cost) -> Table:
    """A column for each part; a day that nobody of them funds is left out."""
    every = sorted({day for borne in cost.parts for day in borne.days})
    rows = [Row([day, *(borne.days.get(day) for borne in cost.parts)]) for day in every]
    payers = [payer_name(borne.part.agreement.payer) for borne in cost.parts]
    return Table(
        "days",
        _("By day"),
        [Column(_("Day"), Kind.DAY), *(Column(name, Kind.MONEY) for name in payers)],
        rows if cost.entry.amount else [],
        _(
            "A part is spread over the days that its payer funds, by the payer’s share; kopiykas"
            " that are left go to the first days with the largest remainders."
        ),
    )
