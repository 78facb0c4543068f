"""What lacks among acts, invoices and payments, or contradicts."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from bezpechne.kernel import clock
from billing.reports.lens import Lens
from billing.reports.period import Period
from billing.reports.statements import rows


class Gap(models.TextChoices):
    NO_INVOICE = "no_invoice", _("Act without an invoice")
    PAID_UNSIGNED = "paid_unsigned", _("Paid without a signed act")
    OUTSIDE = "outside", _("Act outside the agreement’s term")
    OVERDUE = "overdue", _("Invoice overdue")


# By an act `t`, its agreement `g` and what its invoices `b` say together.
_WRONG = {
    Gap.NO_INVOICE: "t.state <> 'cancelled' AND t.amount > 0 AND NOT coalesce(b.has, false)",
    Gap.PAID_UNSIGNED: "t.state <> 'signed' AND coalesce(b.paid, false)",
    Gap.OUTSIDE: (
        "t.state <> 'cancelled' AND NOT (t.month <= g.ends_on"
        " AND (t.month + interval '1 month')::date > g.starts_on)"
    ),
    Gap.OVERDUE: "coalesce(b.overdue, false)",
}
# Needs the day under `today`.
ACTS = f"""
WITH bill AS (
  SELECT i.act_id, bool_or(i.state = 'issued') AS has,
    bool_or(i.matched > 0) AS paid, bool_or(i.state = 'issued'
      AND i.matched < i.amount AND i.due_on < %(today)s) AS overdue
  FROM billing_invoice i
  WHERE i.month BETWEEN %(first)s AND %(last)s AND LENS(i.payer_id, i.account_id)
  GROUP BY i.act_id
),
act AS (
  SELECT t.id, t.number, t.year, t.issued_on, t.signed_on, t.amount, t.state, t.month,
    t.account_id, t.payer_id, {", ".join(f"({sql}) AS {gap}" for gap, sql in _WRONG.items())}
  FROM billing_act t JOIN billing_agreement g ON g.id = t.agreement_id
  LEFT JOIN bill b ON b.act_id = t.id
  WHERE t.month BETWEEN %(first)s AND %(last)s AND LENS(t.payer_id, t.account_id)
)"""  # noqa: S608 - constants
_COUNTED = ", ".join(f"count(*) FILTER (WHERE {gap})" for gap in Gap.values)


@dataclass(frozen=True)
class Counts:
    """How many acts there are, and how many of them lack something."""

    acts: int
    gaps: Mapping[Gap, int]

    @property
    def lacking(self) -> dict[Gap, int]:
        return {gap: number for gap, number in self.gaps.items() if number}


def count(lens: Lens, period: Period) -> Counts:
    """One statement."""
    sql = f"{ACTS} SELECT count(*), {_COUNTED} FROM act"  # noqa: S608 - constants
    ((acts, *numbers),) = rows(sql, lens, period, {"today": clock.today()})
    return Counts(acts, dict(zip(Gap, numbers, strict=True)))
