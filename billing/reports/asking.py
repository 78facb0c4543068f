"""What a report's address asks for, checked against what its reader may see."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db import models
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from bezpechne.kernel import clock
from bezpechne.kernel.query_strings import text_of
from billing.models import CityAccount, FundingAgreement, Payer
from billing.reports.lens import Lens
from billing.reports.period import MOST_MONTHS, Basis, Period
from billing.scopes import Scope
from billing.spreading import month_of, months, next_month

KEY_DIGITS = 18
_MONTH = re.compile(
    r"(?P<year>20\d\d)-(?P<month>0[1-9]|1[0-2])|(?P<month2>0?[1-9]|1[0-2])\.(?P<year2>20\d\d)",
    re.ASCII,
)


class Span(models.TextChoices):
    """Months that move with the calendar, so that a kept report stays of use."""

    THIS_YEAR = "this_year", _("This year")
    LAST_YEAR = "last_year", _("Last year")
    LAST_MONTH = "last_month", _("Last month")
    LAST_12 = "last_12", _("Last 12 months")
    CHOSEN = "chosen", _("Chosen months")


def lens_of(scope: Scope) -> Lens:
    """Everything that a person may see."""
    return Lens(
        everything=scope.everything,
        payers=frozenset(scope.payers),
        accounts=frozenset(scope.accounts),
    )


@dataclass(frozen=True)
class Asked:
    """A lens and months; `faults` are sentences about months that were not understood."""

    lens: Lens
    period: Period
    span: Span
    faults: tuple[str, ...] = ()

    def query(self, **changes: object) -> str:
        """The same question as the query of an address, without what is blank; None drops."""
        chosen = self.span == Span.CHOSEN
        values: dict[str, object] = {
            "account": self.lens.account_id,
            "payer": self.lens.payer_id,
            "oblast": self.lens.oblast,
            "span": "" if self.span == Span.THIS_YEAR else self.span.value,
            "first": f"{self.period.first:%Y-%m}" if chosen else "",
            "last": f"{self.period.last:%Y-%m}" if chosen else "",
            "by": "" if self.period.basis == Basis.SERVICE else self.period.basis.value,
        }
        values.update(changes)
        return urlencode({name: value for name, value in values.items() if value})

    def of_month(self, month: date) -> "Asked":
        """The same of one month."""
        period = replace(self.period, first=month, last=month)
        return replace(self, period=period, span=Span.CHOSEN)


def asked(given: Mapping[str, str], scope: Scope) -> Asked:
    """Raises Http404 for a payer, city or oblast that is unknown or none of the reader's."""
    lens = replace(
        lens_of(scope),
        account_id=_key(given, "account"),
        payer_id=_key(given, "payer"),
        oblast=text_of(given, "oblast", 50),
    )
    _check(lens)
    span, period, faults = _months(given)
    basis = Basis.DOCUMENT if given.get("by") == Basis.DOCUMENT else Basis.SERVICE
    return Asked(lens, replace(period, basis=basis), span, faults)


def _key(given: Mapping[str, str], name: str) -> int | None:
    """None where nothing is asked for. Raises Http404 for what is no key."""
    text = given.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= KEY_DIGITS):
        raise Http404
    return int(text)


def _check(lens: Lens) -> None:
    """Of those who see a part, each thing must stand in an agreement that they see."""
    seen = FundingAgreement.objects.all()
    if not lens.everything:
        own = models.Q(payer__in=lens.payers) | models.Q(account__in=lens.accounts)
        seen = seen.filter(own)
    if lens.payer_id is not None and lens.payer_id not in lens.payers:
        payers = Payer.objects.filter(pk=lens.payer_id)
        _demand(payers if lens.everything else seen.filter(payer=lens.payer_id))
    if lens.account_id is not None and lens.account_id not in lens.accounts:
        accounts = CityAccount.objects.filter(pk=lens.account_id)
        _demand(accounts if lens.everything else seen.filter(account=lens.account_id))
    if lens.oblast:
        places = CityAccount.objects.filter(oblast=lens.oblast)
        if not lens.everything:
            places = places.filter(models.Q(pk__in=lens.accounts) | models.Q(agreements__in=seen))
        _demand(places)


def _demand(rows: models.QuerySet[Any]) -> None:
    if not rows.exists():
        raise Http404


# --- Months ---------------------------------------------------------------------------------------


def _months(given: Mapping[str, str]) -> tuple[Span, Period, tuple[str, ...]]:
    span = given.get("span", "")
    if span not in Span.values:
        span = Span.CHOSEN if given.get("first") or given.get("last") else Span.THIS_YEAR
    if span != Span.CHOSEN:
        return Span(span), Period(*of_span(Span(span))), ()
    texts = [text for name in ("first", "last") if (text := given.get(name, "").strip())]
    read = [read_month(text) for text in texts]
    if not read or None in read:
        fault = _("Enter months as 2026-05. Shown is this year.")
        return Span.THIS_YEAR, Period(*of_span(Span.THIS_YEAR)), (str(fault),)
    first, last = read[0], read[-1]
    if first is None or last is None or last < first:
        fault = _("The last month is before the first. Shown is this year.")
        return Span.THIS_YEAR, Period(*of_span(Span.THIS_YEAR)), (str(fault),)
    every = list(months(first, last))
    if len(every) > MOST_MONTHS:
        fault = _("A report has 60 months at most. Shown are the first 60.")
        return Span.CHOSEN, Period(first, every[MOST_MONTHS - 1]), (str(fault),)
    return Span.CHOSEN, Period(first, last), ()


def of_span(span: Span) -> tuple[date, date]:
    """First and last month as of today."""
    today = clock.today()
    before = month_of(month_of(today) - timedelta(days=1))
    match span:
        case Span.LAST_YEAR:
            return date(today.year - 1, 1, 1), date(today.year - 1, 12, 1)
        case Span.LAST_MONTH:
            return before, before
        case Span.LAST_12:
            return next_month(before.replace(year=before.year - 1)), before
        case _:
            return date(today.year, 1, 1), date(today.year, 12, 1)


def read_month(text: str) -> date | None:
    """«2026-05» and «05.2026», as browsers without a field for months let people type."""
    found = _MONTH.fullmatch(text)
    if found is None:
        return None
    year, month = found["year"] or found["year2"], found["month"] or found["month2"]
    return date(int(year), int(month), 1)
