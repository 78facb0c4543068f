"""Tariffs of hours and the rate of the social contribution: each in force until the next one."""

from bisect import bisect_right
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.actors import Actor
from billing.audit import note
from billing.errors import LedgerRefused
from billing.models import CityAccount, ContributionRate, Tariff
from billing.spreading import KOPIYKA
from billing.wording import day_text

# Per cents by first day, oldest first.
Rates = list[tuple[date, Decimal]]


def contribution_rates() -> Rates:
    rows = ContributionRate.objects.order_by("starts_on")
    return list(rows.values_list("starts_on", "percent"))


def contribution(pay: Decimal, month: date, rates: Rates) -> Decimal:
    """What the employer adds to `pay` in a month, rounded to the kopiyka, halves up.

    Raises LedgerRefused when no rate is known for the month.
    """
    place = bisect_right([starts_on for starts_on, _percent in rates], month)
    if not place:
        raise LedgerRefused(
            _("No rate of the social contribution is known for %(month)s. Enter it first.")
            % {"month": day_text(month, "F Y")}
        )
    percent = rates[place - 1][1]
    return (pay * percent / 100).quantize(KOPIYKA, ROUND_HALF_UP)


def tariff_on(account_id: int, activity: str, day: date) -> Decimal | None:
    """Hryvnias an hour: the city's own before everybody's, the activity's before the general."""
    rows = Tariff.objects.filter(
        Q(account_id=account_id) | Q(account=None), activity__in=["", activity], starts_on__lte=day
    ).order_by(F("account_id").asc(nulls_last=True), "-activity", "-starts_on")
    return rows.values_list("per_hour", flat=True).first()


def hours_cost(minutes: int, per_hour: Decimal) -> Decimal:
    """Rounded to the kopiyka, halves up."""
    return (per_hour * minutes / 60).quantize(KOPIYKA, ROUND_HALF_UP)


def set_tariff(
    *, by: Actor, account: CityAccount | None, activity: str, starts_on: date, per_hour: Decimal
) -> Tariff:
    """A tariff from a day on. Raises LedgerRefused when that day has one."""
    by.require(Permission.FINANCE)
    try:
        with transaction.atomic():
            row = Tariff.objects.create(
                account=account, activity=activity, starts_on=starts_on, per_hour=per_hour
            )
            note(
                by=by,
                action="tariff_set",
                subject=row,
                activity=activity,
                starts_on=starts_on,
                per_hour=per_hour,
            )
    except IntegrityError:
        raise LedgerRefused(
            _("A tariff from %(day)s is there already. Choose another first day.")
            % {"day": day_text(starts_on)},
            "starts_on",
        ) from None
    return row


def set_contribution(
    *, by: Actor, starts_on: date, percent: Decimal, source: str
) -> ContributionRate:
    """The rate from a day on, with the law that says so. Raises LedgerRefused."""
    by.require(Permission.FINANCE)
    try:
        with transaction.atomic():
            row = ContributionRate.objects.create(
                starts_on=starts_on, percent=percent, source=source
            )
            note(
                by=by,
                action="contribution_set",
                subject=row,
                starts_on=starts_on,
                percent=percent,
            )
    except IntegrityError:
        raise LedgerRefused(
            _("A rate from %(day)s is there already. Choose another first day.")
            % {"day": day_text(starts_on)},
            "starts_on",
        ) from None
    return row
