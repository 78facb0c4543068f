"""Agreements that a report's months touch."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.reports.documents import Kind
from billing.reports.lens import Lens
from billing.reports.names import chosen
from billing.reports.period import Period
from billing.reports.statements import rows
from billing.states import Source


@dataclass(frozen=True)
class Contract:
    """An agreement as the report's head and its table name it."""

    key: int
    number: str
    signed_on: date
    starts_on: date
    ends_on: date
    monthly: Decimal
    source: str
    kpkvk: str
    kekv: str
    is_supplement: bool
    without_vat: bool
    city: str
    payer: str

    @property
    def source_label(self) -> str:
        return str(Source(self.source).label)

    @property
    def kind(self) -> Kind:
        return Kind.SUPPLEMENT if self.is_supplement else Kind.AGREEMENT


_TOUCHED = """
FROM billing_agreement g JOIN billing_city_account a ON a.id = g.account_id
JOIN billing_payer y ON y.id = g.payer_id
WHERE g.starts_on <= %(end)s AND g.ends_on >= %(first)s AND LENS(g.payer_id, g.account_id)
"""
_CONTRACTS = f"""
SELECT g.id, g.number, g.signed_on, g.starts_on, g.ends_on, g.monthly_amount, g.source, g.kpkvk,
  g.kekv, g.amends_id IS NOT NULL, g.without_vat, a.name_uk, a.name_en, y.name, y.name_en
{_TOUCHED}
ORDER BY a.name_sort, a.id, g.starts_on, g.id LIMIT %(limit)s OFFSET %(offset)s
"""


def contracts(
    lens: Lens, period: Period, *, offset: int = 0, limit: int | None = None
) -> list[Contract]:
    """By city and first day: one statement."""
    found = rows(_CONTRACTS, lens, period, {"limit": limit, "offset": offset})
    return [Contract(*(*row[:11], chosen(*row[11:13]), chosen(*row[13:15]))) for row in found]


def count(lens: Lens, period: Period) -> int:
    ((number,),) = rows(f"SELECT count(*) {_TOUCHED}", lens, period)
    return int(number)
