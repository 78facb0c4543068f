"""Months in words, and the facts of a report’s head."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from billing.models import CityAccount, Payer
from billing.reports.contracts import Contract
from billing.reports.names import payer_name
from billing.reports.period import Period
from billing.reports.report import CostReport
from billing.reports.tables import Kind, shown
from billing.wording import day_text

# Agreements that the head names; more are in their table.
_MOST = 6


def months_of(period: Period) -> str:
    """«січень 2026 – грудень 2026»."""
    first, last = (month_in_words(month) for month in (period.first, period.last))
    return first if first == last else f"{first} – {last}"


def month_in_words(month: date) -> str:
    """Small inside a sentence, as Ukrainian writes it."""
    text = shown(month, Kind.MONTH)
    return text.lower() if get_language() == "uk" else text


@dataclass(frozen=True)
class Fact:
    label: str
    value: str


def facts_of(report: CostReport) -> list[Fact]:
    """Codes and contracts of the head; what is blank is left out."""
    found = [
        *_of_city(report.subject.account),
        *_of_payer(report.subject.payer),
        *_of_contracts(report.contracts),
    ]
    found.append(Fact(_("Counted"), str(report.period.basis.label)))
    return [fact for fact in found if fact.value]


def _of_city(account: CityAccount | None) -> list[Fact]:
    if account is None:
        return []
    residents = shown(account.population, Kind.NUMBER) if account.population else ""
    return [
        Fact(_("Code of the hromada"), account.katottg),
        Fact(_("Code of the local budget"), account.budget_code),
        Fact(_("Residents"), residents),
    ]


def _of_payer(payer: Payer | None) -> list[Fact]:
    if payer is None:
        return []
    return [
        Fact(_("Payer"), f"{payer_name(payer)} ({payer.get_kind_display()})"),
        Fact(_("EDRPOU code"), payer.edrpou),
    ]


def _of_contracts(contracts: list[Contract]) -> list[Fact]:
    """Of a few agreements each; of many nothing, since their table has them."""
    if not 0 < len(contracts) <= _MOST:
        return []
    numbers = [
        _("No %(number)s of %(day)s") % {"number": one.number, "day": day_text(one.signed_on)}
        for one in contracts
    ]
    vat = _("Without VAT") if all(one.without_vat for one in contracts) else ""
    return [
        Fact(_("Agreements"), "; ".join(numbers)),
        Fact(_("Budget programme"), _joined(one.kpkvk for one in contracts)),
        Fact(_("KEKV"), _joined(one.kekv for one in contracts)),
        Fact(_("VAT"), vat),
    ]


def _joined(codes: Iterable[str]) -> str:
    return ", ".join(sorted({code for code in codes if code}))
