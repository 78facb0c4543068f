"""Tables of the ledger, all in `public`: a city's schema knows nothing of money."""

from billing.models.access import LedgerEvent, ReportLink, ViewerScope
from billing.models.bank import (
    BankStatement,
    ColumnMapping,
    Payment,
    PaymentMatch,
    StatementFile,
    StatementLine,
)
from billing.models.contractors import Contractor
from billing.models.costs import (
    Allocation,
    ClosedMonth,
    ContributionRate,
    CostEntry,
    LedgerIsImmutable,
    Posted,
    Tariff,
)
from billing.models.documents import Act, ActLine, Invoice, NumberSeries, Paper
from billing.models.funding import FundingAgreement, FundingPeriod, PeriodShare, PlanMonth
from billing.models.payers import CityAccount, ExchangeRate, Grant, GrantLine, Payer, Tranche
from billing.models.reports import SavedReport
from billing.models.stripe import StripeEvent, StripeObject

__all__ = [
    "Act",
    "ActLine",
    "Allocation",
    "BankStatement",
    "CityAccount",
    "ClosedMonth",
    "ColumnMapping",
    "Contractor",
    "ContributionRate",
    "CostEntry",
    "ExchangeRate",
    "FundingAgreement",
    "FundingPeriod",
    "Grant",
    "GrantLine",
    "Invoice",
    "LedgerEvent",
    "LedgerIsImmutable",
    "NumberSeries",
    "Paper",
    "Payer",
    "Payment",
    "PaymentMatch",
    "PeriodShare",
    "PlanMonth",
    "Posted",
    "ReportLink",
    "SavedReport",
    "StatementFile",
    "StatementLine",
    "StripeEvent",
    "StripeObject",
    "Tariff",
    "Tranche",
    "ViewerScope",
]
