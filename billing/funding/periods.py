"""The only writers of funding periods. One set of payers a day, no gap inside a funded stretch."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.actors import Actor
from billing.audit import note
from billing.costs.months import closed_between
from billing.errors import LedgerRefused
from billing.funding import plans
from billing.models import CityAccount, FundingAgreement, FundingPeriod, PeriodShare
from billing.wording import day_text

WHOLE = Decimal(100)


@dataclass(frozen=True)
class Share:
    """A payer's part of a period, in per cent with two places."""

    agreement: FundingAgreement
    percent: Decimal = WHOLE


def fund(
    *, by: Actor, account: CityAccount, first: date, last: date, shares: Sequence[Share]
) -> FundingPeriod:
    """These agreements pay from `first` to `last`, both included.

    Raises LedgerRefused: days that have payers, a gap to the periods before or after, shares that
    are not 100 %, an agreement that does not cover the days, a closed month.
    """
    by.require(Permission.FINANCE)
    with transaction.atomic():
        _lock(account)
        _check_shares(account, shares, first, last)
        period = _add(account, first, last, "")
        _divide(period, shares)
        _finish(account)
        note(
            by=by,
            action="period_added",
            subject=period,
            first=first,
            last=last,
            shares={str(share.agreement.pk): share.percent for share in shares},
        )
    return period


def pause(
    *, by: Actor, account: CityAccount, first: date, last: date, reason: str
) -> FundingPeriod:
    """Nobody pays from `first` to `last`: said and dated instead of a gap. Raises LedgerRefused."""
    by.require(Permission.FINANCE)
    if not reason.strip():
        raise LedgerRefused(_("Say why nobody pays in these days."), "reason")
    with transaction.atomic():
        _lock(account)
        period = _add(account, first, last, reason.strip())
        _finish(account)
        note(
            by=by,
            action="period_paused",
            subject=period,
            reason=reason,
            first=first,
            last=last,
        )
    return period


def switch(
    *, by: Actor, account: CityAccount, on: date, last: date, shares: Sequence[Share]
) -> FundingPeriod:
    """From `on` these agreements pay instead of whoever would have; what was before `on` stays.

    Periods that begin on `on` or later are replaced. Raises LedgerRefused as `fund` does, and when
    nobody pays on the day before.
    """
    by.require(Permission.FINANCE)
    with transaction.atomic():
        _lock(account)
        _check_shares(account, shares, on, last)
        _cut(account, on)
        if not FundingPeriod.objects.filter(account=account).exists():
            raise LedgerRefused(
                _("Nobody has paid for this city yet. Add a first period instead."), "on"
            )
        period = _add(account, on, last, "")
        _divide(period, shares)
        _finish(account)
        note(
            by=by,
            action="payers_switched",
            subject=period,
            on=on,
            last=last,
            shares={str(share.agreement.pk): share.percent for share in shares},
        )
    return period


def end(*, by: Actor, account: CityAccount, last: date, reason: str) -> None:
    """Nobody pays after `last`; later periods go. Raises LedgerRefused."""
    by.require(Permission.FINANCE)
    if not reason.strip():
        raise LedgerRefused(_("Say why the funding ends."), "reason")
    with transaction.atomic():
        _lock(account)
        _cut(account, last + timedelta(days=1))
        _finish(account)
        note(
            by=by,
            action="period_ended",
            subject=account,
            reason=reason,
            last=last,
        )


# --- Steps ----------------------------------------------------------------------------------------


def _lock(account: CityAccount) -> None:
    """Whoever changes who pays for a city waits for the one before."""
    CityAccount.objects.select_for_update().get(pk=account.pk)


def _check_days(account: CityAccount, first: date, last: date) -> None:
    if last < first:
        raise LedgerRefused(_("The last day is before the first."), "last")
    if month := closed_between(account.pk, first, last):
        raise LedgerRefused(
            _("%(month)s is closed. Reopen it first, with a reason.")
            % {"month": day_text(month, "F Y")},
            "first",
        )


def _check_shares(account: CityAccount, shares: Sequence[Share], first: date, last: date) -> None:
    if not shares:
        raise LedgerRefused(_("Choose at least one agreement."), "shares")
    if len({share.agreement.pk for share in shares}) < len(shares):
        raise LedgerRefused(_("One agreement is there twice."), "shares")
    whole = sum((share.percent for share in shares), Decimal(0))
    if whole != WHOLE:
        raise LedgerRefused(
            _("The shares add up to %(sum)s %%, not to 100 %%.") % {"sum": whole.normalize()},
            "shares",
        )
    if len({share.agreement.basis for share in shares}) > 1:
        raise LedgerRefused(
            _("Payers of the same days pay in the same way: all a fixed sum, or all by hours."),
            "shares",
        )
    for share in shares:
        agreement = share.agreement
        if agreement.account_id != account.pk:
            raise LedgerRefused(_("This agreement is about another city."), "shares")
        if not agreement.covers(first, last):
            raise LedgerRefused(
                _("Agreement %(number)s is valid from %(first)s to %(last)s only.")
                % {
                    "number": agreement.number,
                    "first": day_text(agreement.starts_on),
                    "last": day_text(agreement.ends_on),
                },
                "last",
            )


def _add(account: CityAccount, first: date, last: date, pause_reason: str) -> FundingPeriod:
    _check_days(account, first, last)
    after = last + timedelta(days=1)
    taken = FundingPeriod.objects.filter(account=account, days__overlap=(first, after))
    if held := taken.order_by("days").first():
        raise LedgerRefused(
            _(
                "From %(first)s to %(last)s somebody pays already. Days never have two sets of payers."
            )
            % {"first": day_text(held.first), "last": day_text(held.last)},
            "first",
        )
    _check_neighbours(account, first, after)
    return FundingPeriod.objects.create(
        account=account,
        days=DateRange(first, after),
        is_pause=bool(pause_reason),
        reason=pause_reason,
    )


def _check_neighbours(account: CityAccount, first: date, after: date) -> None:
    """A new period touches those that exist, so that no day between them is nobody's."""
    periods = FundingPeriod.objects.filter(account=account)
    before = periods.filter(days__endswith__lte=first).order_by("-days").first()
    behind = periods.filter(days__startswith__gte=after).order_by("days").first()
    if before and before.days.upper != first:
        _refuse_gap(before.days.upper, first - timedelta(days=1))
    if behind and behind.days.lower != after:
        _refuse_gap(after, behind.days.lower - timedelta(days=1))


def _refuse_gap(first: date, last: date) -> None:
    raise LedgerRefused(
        _(
            "From %(first)s to %(last)s nobody would pay. Begin on the day after the last period,"
            " or enter a pause with its reason."
        )
        % {"first": day_text(first), "last": day_text(last)},
        "first",
    )


def _divide(period: FundingPeriod, shares: Sequence[Share]) -> None:
    PeriodShare.objects.bulk_create(
        PeriodShare(period=period, agreement=share.agreement, percent=share.percent)
        for share in shares
    )


def _cut(account: CityAccount, on: date) -> None:
    """Takes away everything from `on` on; the period that holds `on` ends the day before."""
    later = FundingPeriod.objects.filter(account=account, days__endswith__gt=on)
    last = later.order_by("-days").first()
    if last is None:
        return
    _check_days(account, on, last.last)
    later.filter(days__startswith__gte=on).delete()
    for period in FundingPeriod.objects.filter(account=account, days__contains=on):
        period.days = DateRange(period.first, on)
        period.save(update_fields=["days"])


def _finish(account: CityAccount) -> None:
    """Rules that the database keeps for the end of a transaction are asked now, then the plan."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    plans.rewrite(account)
