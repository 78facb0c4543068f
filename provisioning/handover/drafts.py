"""Papers for the council, filled from what is known: the evidence, and drafts to be edited."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django_tenants.utils import tenant_context

from bezpechne.kernel import clock
from bezpechne.kernel.site import site
from billing.costs.rates import contribution, contribution_rates
from billing.documents.drafts import contractor_party, payer_party
from billing.errors import LedgerRefused
from billing.models import FundingAgreement, PeriodShare
from billing.papers.budget_request import BudgetRequest, CodeSum
from billing.papers.evidence import Check, Evidence
from billing.papers.memorandum import Memorandum
from billing.papers.parties import Party
from billing.papers.words import month_name
from billing.states import KEKV_OF
from provisioning.handover.figures import demand, period_of
from provisioning.handover.models import Handover
from tenants.models import City

# The papers are Ukrainian whatever language the officer reads the screen in.
SOMEBODY = Party("______________________________")
YEARS = 2
_PURPOSES = {"2240": "Послуги модератора", "2111": "Винагорода модератора"}
_UPON = "Єдиний внесок на винагороду"


def evidence(row: Handover) -> bytes:
    """Two pages with charts for the council, as PDF."""
    found, period = demand(row), period_of(row)
    paying = _paying(row)
    year = row.first_month.year if row.first_month else clock.today().year + 1
    codes = _codes(row)
    monthly = sum((code.monthly for code in codes), Decimal(0)) if codes else None
    return Evidence(
        day=clock.today(),
        city=row.account.name_uk,
        period=_span(period.first, period.last),
        months=tuple(found.months),
        figures=found.figures,
        checklist=tuple(
            Check(point["question"], point["passed"], point["remark"]) for point in row.checklist
        ),
        year=year,
        monthly=monthly,
        year_total=monthly * row.months if monthly is not None and row.months else None,
        spent=found.spent,
        payer=paying.payer.name if paying else "",
        paid_until=paying.ends_on if paying else None,
        residents=row.account.population,
        representative=row.representative,
        checked_on=row.checked_on,
        site=_site(row),
    ).pdf()


def memorandum(row: Handover) -> Memorandum:
    """A draft that the sides talk about; who is not known yet is a line to fill in."""
    paying = _paying(row)
    notice = paying.payer.notice_uk if paying else ""
    first = row.first_month or date(clock.today().year + 1, 1, 1)
    return Memorandum(
        day=clock.today(),
        city=row.account.name_uk,
        site=_site(row) or "______________",
        organisation=_organisation(paying),
        council=payer_party(row.council) if row.council else SOMEBODY,
        police=SOMEBODY,
        pay_from=first,
        until=date(first.year + YEARS - 1, 12, 31),
        place=row.account.name_uk,
        donor=notice,
    )


def budget_request(row: Handover) -> BudgetRequest:
    """Raises LedgerRefused until months and pay are known."""
    codes = _codes(row)
    if not codes or row.first_month is None or row.months is None:
        raise LedgerRefused(_("Enter the first month, how many months, and the pay for one."))
    found, period = demand(row), period_of(row)
    council = row.council
    return BudgetRequest(
        day=clock.today(),
        sender=_organisation(_paying(row)),
        addressee=(council.name,) if council else ("______________________",),
        city=row.account.name_uk,
        first_month=row.first_month,
        months=row.months,
        codes=codes,
        figures=found.figures,
        period=_span(period.first, period.last),
        kpkvk=row.kpkvk,
        attachments=("Довідка про показники попиту", "Проєкт меморандуму про співпрацю"),
    )


DRAFTS: dict[str, Callable[[Handover], Memorandum | BudgetRequest]] = {
    "memorandum": memorandum,
    "request": budget_request,
}


def _codes(row: Handover) -> tuple[CodeSum, ...]:
    """Pay, and the contribution upon it where the moderator is paid as a person (order MF 333)."""
    if row.monthly_amount is None:
        return ()
    pay, upon = KEKV_OF[row.engagement]
    purpose = _PURPOSES.get(pay, "Робота модератора")
    codes = [CodeSum(pay, purpose, row.monthly_amount)]
    if upon:
        month = row.first_month or clock.today()
        added = contribution(row.monthly_amount, month, contribution_rates())
        codes.append(CodeSum(upon, _UPON, added))
    return tuple(codes)


def _paying(row: Handover) -> FundingAgreement | None:
    """Who pays today, or paid last."""
    shares = PeriodShare.objects.filter(
        period__account=row.account_id, period__days__startswith__lte=clock.today()
    ).select_related("agreement__payer", "agreement__contractor")
    found = shares.order_by("-period__days", "pk").first()
    return found.agreement if found else None


def _organisation(agreement: FundingAgreement | None) -> Party:
    if agreement is None or agreement.contractor is None:
        return SOMEBODY
    return contractor_party(agreement.contractor)


def _site(row: Handover) -> str:
    city = City.objects.filter(account=row.account_id).first()
    if city is None:
        return ""
    with tenant_context(city):
        return site().url


def _span(first: date, last: date) -> str:
    return month_name(first) if first == last else f"{month_name(first)} – {month_name(last)}"
