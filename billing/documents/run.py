"""The monthly run of a city: costs from agreements and approved hours, then acts and invoices.

All of one city's month in one transaction: a killed run has done a city or has not touched it, and
each cost has a key, so a repeated run adds what is missing and nothing else.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock, metering
from bezpechne.kernel.activities import Activity
from bezpechne.kernel.actors import Actor
from billing.audit import note
from billing.costs.months import require_open
from billing.costs.posting import Cost, post
from billing.costs.rates import contribution, contribution_rates, hours_cost, tariff_on
from billing.documents.acts import issue_acts
from billing.errors import LedgerRefused
from billing.funding.queries import shares_by_day
from billing.models import (
    Act,
    Allocation,
    CityAccount,
    CostEntry,
    FundingAgreement,
    FundingPeriod,
)
from billing.spreading import last_of, month_of, next_month, part_of_month
from billing.states import Basis, EntryKind
from billing.wording import day_text

# In December acts are signed before the year's money lapses (domain: 20 to 25 December).
DECEMBER_FROM = 20


@dataclass
class Outcome:
    """What a run did; `skipped` says why something was left out."""

    costs: list[CostEntry] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def accounts_to_run(month: date) -> list[int]:
    """Cities that somebody pays for in a month."""
    rows = FundingPeriod.objects.filter(
        days__overlap=(month, next_month(month)), is_pause=False
    ).values_list("account_id", flat=True)
    return sorted(set(rows))


def not_run(month: date) -> set[int]:
    """Of these, the ones whose run was not done: it leaves a line of support in each. Two queries."""
    done = CostEntry.objects.filter(month=month, kind=EntryKind.SUPPORT)
    return set(accounts_to_run(month)) - set(done.values_list("account_id", flat=True))


def run(*, by: Actor, account: CityAccount, month: date) -> Outcome:
    """Posts and bills a month. Raises LedgerRefused for a closed or unfinished month."""
    by.require(Permission.FINANCE)
    month = month_of(month)
    today = clock.today()
    early = month.month == 12 and today >= month.replace(day=DECEMBER_FROM)
    if today <= last_of(month) and not early:
        raise LedgerRefused(
            _("%(month)s is not over yet.") % {"month": day_text(month, "F Y")}, "month"
        )
    done = Outcome()
    with transaction.atomic():
        CityAccount.objects.select_for_update().get(pk=account.pk)
        require_open(account.pk, month)
        before = set(CostEntry.objects.filter(account=account, month=month).values_list("pk"))
        _post_all(by, account, month, done)
        after = CostEntry.objects.filter(account=account, month=month).order_by("pk")
        done.costs = [entry for entry in after if (entry.pk,) not in before]
        done.acts = issue_acts(by=by, account=account, month=month, on=today)
        if done.costs or done.acts:
            note(
                by=by,
                action="month_run",
                subject=account,
                month=month,
                costs=len(done.costs),
                acts=[act.pk for act in done.acts],
            )
    return done


def _post_all(by: Actor, account: CityAccount, month: date, done: Outcome) -> None:
    shares = shares_by_day(account.pk, month, last_of(month))
    funded: dict[int, list[date]] = defaultdict(list)
    for day, of_day in shares.items():
        for key in of_day:
            funded[key].append(day)
    agreements = FundingAgreement.objects.filter(pk__in=funded).order_by("pk")
    for agreement in agreements:
        if agreement.basis == Basis.MONTHLY:
            _post_fee(by, account, month, agreement, funded[agreement.pk])
    by_hours = [row.pk for row in agreements if row.basis == Basis.HOURS]
    if by_hours:
        days = sorted({day for pk in by_hours for day in funded[pk]})
        _post_hours(by, account, month, days, done)
    for agreement in agreements:
        if agreement.contribution_kekv:
            _post_contribution(by, account, month, agreement, funded[agreement.pk], done)
    if funded:
        _post_support(by, account, month, sorted({day for days in funded.values() for day in days}))


def _post_fee(
    by: Actor, account: CityAccount, month: date, agreement: FundingAgreement, days: list[date]
) -> None:
    """A fixed sum for the days that the agreement funds; a month that it funds whole is exact."""
    pay = part_of_month(agreement.monthly_amount, month, days)
    if pay:
        post(
            by=by,
            cost=Cost(
                account=account,
                first=days[0],
                last=days[-1],
                kind=EntryKind.FEE,
                amount=pay,
                agreement=agreement,
                source_key=f"fee:{agreement.pk}:{month:%Y-%m}",
            ),
        )


def _post_hours(
    by: Actor, account: CityAccount, month: date, days: list[date], done: Outcome
) -> None:
    """Approved hours by the tariff of the month's first day; a later run posts what came since."""
    names = [f"hours.{activity}" for activity in Activity.values]
    minutes = metering.months_of([account.schema], names, month, month)
    posted = _posted_minutes(account, month)
    for activity in Activity.values:
        worked = minutes.get((account.schema, month, f"hours.{activity}"), 0)
        more = worked - posted.get(activity, 0)
        if more < 0:
            done.skipped.append(
                _("%(activity)s: fewer hours are approved than were posted. Reverse the cost.")
                % {"activity": Activity(activity).label}
            )
        if more <= 0:
            continue
        per_hour = tariff_on(account.pk, activity, month)
        if per_hour is None:
            done.skipped.append(
                _("%(activity)s: no tariff in %(month)s.")
                % {"activity": Activity(activity).label, "month": day_text(month, "F Y")}
            )
            continue
        post(
            by=by,
            cost=Cost(
                account=account,
                first=days[0],
                last=days[-1],
                kind=EntryKind.HOURS,
                activity=activity,
                minutes=more,
                per_hour=per_hour,
                amount=hours_cost(more, per_hour),
                source_key=f"hours:{account.pk}:{month:%Y-%m}:{activity}:{worked}",
            ),
        )
    if not any(minutes.values()):
        done.skipped.append(
            _("No approved hours in %(month)s: the city’s timesheet is not closed.")
            % {"month": day_text(month, "F Y")}
        )


def _posted_minutes(account: CityAccount, month: date) -> dict[str, int]:
    """By activity, as they were posted: what was reversed since is not posted anew by itself."""
    rows = CostEntry.objects.filter(
        account=account, month=month, kind=EntryKind.HOURS, reverses=None
    )
    sums = rows.values_list("activity").annotate(minutes=Sum("minutes")).order_by()
    return {activity: minutes or 0 for activity, minutes in sums}


def _post_contribution(
    by: Actor,
    account: CityAccount,
    month: date,
    agreement: FundingAgreement,
    days: list[date],
    done: Outcome,
) -> None:
    """What lacks of the contribution on everything that this agreement pays as wages in the month."""
    parts = Allocation.objects.filter(agreement=agreement, month=month)
    pay, posted = (
        sum(parts.filter(entry__kind__in=kinds).values_list("amount", flat=True), Decimal("0.00"))
        for kinds in (_PAY, (EntryKind.CONTRIBUTION,))
    )
    due = contribution(pay, month, contribution_rates()) - posted
    if due < 0:
        done.skipped.append(
            _("Agreement %(number)s: pay was reversed; reverse its contribution too.")
            % {"number": agreement.number}
        )
    elif due:
        post(
            by=by,
            cost=Cost(
                account=account,
                first=days[0],
                last=days[-1],
                kind=EntryKind.CONTRIBUTION,
                amount=due,
                agreement=agreement,
                kekv=agreement.contribution_kekv,
            ),
        )


_PAY = (EntryKind.FEE, EntryKind.HOURS)


def _post_support(by: Actor, account: CityAccount, month: date, days: list[date]) -> None:
    """Technical support stands in the ledger with nothing: the developers bear it."""
    post(
        by=by,
        cost=Cost(
            account=account,
            first=days[0],
            last=days[0],
            kind=EntryKind.SUPPORT,
            amount=Decimal("0.00"),
            source_key=f"support:{account.pk}:{month:%Y-%m}",
        ),
    )
