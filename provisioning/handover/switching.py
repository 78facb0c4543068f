"""The day of the change, and what is done when the contract is late: each in one transaction."""

from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.actors import SYSTEM, Actor
from billing.audit import note
from billing.errors import LedgerRefused
from billing.funding import agreements, periods
from billing.funding.periods import Share
from billing.models import FundingAgreement, FundingPeriod, PeriodShare
from billing.spreading import last_of, next_month
from billing.states import PayerKind
from billing.stripe.subscriptions import switch_subscriptions
from billing.wording import day_text
from provisioning import life
from provisioning.handover import telling
from provisioning.handover.actions import locked, move
from provisioning.handover.models import Handover
from provisioning.handover.needs import last_paid, missing
from provisioning.handover.states import Stage
from tenants.models import City
from tenants.states import CityState


def first_days(row: Handover) -> list[date]:
    """Days on which the local budget may begin: the next twelve firsts that the contract covers."""
    if row.contract is None:
        return []
    day, found = next_month(clock.today() - timedelta(days=1)), []
    if clock.today().day == 1:
        day = clock.today()
    for _number in range(12):
        if row.contract.covers(day, day):
            found.append(day)
        day = next_month(day)
    return found


def switch(*, by: Actor, handover: Handover, on: date, expected: str = Stage.CONTRACT) -> Handover:
    """From `on`, the first of a month, the council's contract pays instead of the donor.

    Closes the donor's agreements on the day before, opens the contract until its last day, and
    moves what hangs on them. Raises LedgerRefused: something is missing, another day of a month, a
    day that the contract does not cover or that lies in a closed month.
    """
    by.require(Permission.FINANCE)
    if on.day != 1:
        raise LedgerRefused(_("Payers change on the first day of a month."), "on")
    with transaction.atomic():
        row = locked(handover, expected)
        if lacks := missing(row):
            raise LedgerRefused(" ".join(lacks))
        contract = _contract(row)
        if not contract.covers(on, on):
            raise LedgerRefused(
                _("The contract is valid from %(first)s to %(last)s only.")
                % {"first": day_text(contract.starts_on), "last": day_text(contract.ends_on)},
                "on",
            )
        old = _paying_until(row, on)
        periods.switch(
            by=by, account=row.account, on=on, last=contract.ends_on, shares=[Share(contract)]
        )
        _end(by, old, contract, on)
        _move_subscriptions(by, row, old, on)
        row.switch_on, row.suspends_on = on, None
        move(row, Stage.SWITCH)
        note(
            by=by,
            action="handover_switched",
            subject=row,
            on=on,
            contract=contract.number,
            ended=[agreement.number for agreement in old],
        )
        telling.tell(row, telling.SWITCHED)
        arrive(by, row)
    return row


def arrive(by: Actor, row: Handover) -> bool:
    """On the day itself the local budget pays, and a paused site takes questions again."""
    if row.stage != Stage.SWITCH or row.switch_on is None or row.switch_on > clock.today():
        return False
    move(row, Stage.PAID)
    note(by=by, action="handover_paid", subject=row, on=row.switch_on)
    settle_site(by, row)
    return True


def _contract(row: Handover) -> FundingAgreement:
    if row.contract is None:
        raise LedgerRefused(_("Choose the contract first."))
    return row.contract


def _paying_until(row: Handover, on: date) -> list[FundingAgreement]:
    """Donors' agreements that pay on `on` or later, or did on the day before."""
    shares = PeriodShare.objects.filter(
        period__account_id=row.account_id, period__days__endswith__gte=on
    ).exclude(agreement_id=row.contract_id)
    keys = set(shares.values_list("agreement_id", flat=True))
    return list(FundingAgreement.objects.filter(pk__in=keys).order_by("pk"))


def _end(by: Actor, old: list[FundingAgreement], contract: FundingAgreement, on: date) -> None:
    """An agreement that pays on no day from `on` has no days there either."""
    last = on - timedelta(days=1)
    for agreement in old:
        if agreement.starts_on <= last < agreement.ends_on:
            agreements.change_end(
                by=by,
                agreement=agreement,
                ends_on=last,
                reason=_("The local budget pays from %(day)s, contract %(number)s.")
                % {"day": day_text(on), "number": contract.number},
            )


def _move_subscriptions(by: Actor, row: Handover, old: list[FundingAgreement], on: date) -> None:
    """Payers that use Stripe: rows and jobs alone, Stripe itself is asked after the commit."""
    for ended, begun in [*((agreement, None) for agreement in old), (None, row.contract)]:
        switch_subscriptions(by=by, account=row.account, old=ended, new=begun, on=on)


# --- The contract is late -------------------------------------------------------------------------


def extend_donor(*, by: Actor, handover: Handover, last: date, paper: str) -> Handover:
    """The donor pays on to `last`, the last day of a month, by a supplementary agreement.

    Raises LedgerRefused: not longer than now, no paper, a grant that ends before, no donor.
    """
    by.require(Permission.FINANCE)
    if not paper.strip():
        raise LedgerRefused(_("Name the supplementary agreement."), "paper")
    if last != last_of(last):
        raise LedgerRefused(_("Choose the last day of a month: payers change on a first."), "last")
    with transaction.atomic():
        row = _still_open(handover)
        period = _last_period(row)
        if last <= period.last:
            raise LedgerRefused(
                _("Somebody pays until %(day)s already.") % {"day": day_text(period.last)}, "last"
            )
        shares = list(period.shares.select_related("agreement__payer", "agreement__grant"))
        if any(share.agreement.payer.kind != PayerKind.DONOR for share in shares):
            raise LedgerRefused(_("The last payer is no donor: nothing is to be prolonged."))
        for share in shares:
            agreements.change_end(
                by=by, agreement=share.agreement, ends_on=last, reason=paper.strip()
            )
            share.agreement.refresh_from_db()
        periods.fund(
            by=by,
            account=row.account,
            first=period.last + timedelta(days=1),
            last=last,
            shares=[Share(share.agreement, share.percent) for share in shares],
        )
        row.suspends_on = None
        row.save(update_fields=["suspends_on"])
        note(by=by, action="handover_donor_extended", subject=row, last=last, reason=paper)
        telling.tell(row, telling.EXTENDED)
    return row


def suspend(*, by: Actor, handover: Handover, until: date, reason: str) -> Handover:
    """After the last paid day nobody pays until `until`: the site stays readable, asking is closed.

    The ledger gets a dated pause with the reason. Raises LedgerRefused.
    """
    by.require(Permission.FINANCE)
    if not reason.strip():
        raise LedgerRefused(
            _("Say why nobody pays: residents read it where they would ask."), "reason"
        )
    with transaction.atomic():
        row = _still_open(handover)
        period = _last_period(row)
        first = period.last + timedelta(days=1)
        periods.pause(by=by, account=row.account, first=first, last=until, reason=reason)
        row.suspends_on = first
        row.save(update_fields=["suspends_on"])
        note(
            by=by,
            action="handover_suspended",
            subject=row,
            reason=reason,
            first=first,
            last=until,
        )
        telling.tell(row, telling.SUSPENDED)
        pause_site(by, row)
    return row


def _still_open(handover: Handover) -> Handover:
    """A hand-over whose next payer is not settled. Raises LedgerRefused."""
    row = locked(handover)
    if row.stage in {Stage.SWITCH, Stage.PAID, Stage.CLOSED}:
        raise LedgerRefused(
            _("The hand-over is at “%(stage)s”: nothing is late.")
            % {"stage": row.get_stage_display()}
        )
    return row


def _last_period(row: Handover) -> FundingPeriod:
    found = FundingPeriod.objects.filter(account_id=row.account_id).order_by("-days").first()
    if found is None or found.is_pause:
        raise LedgerRefused(
            _("Nobody pays at the end of the plan: there is nothing to go on from.")
        )
    return found


def pause_site(by: Actor, row: Handover) -> bool:
    """On the first unpaid day, however many times it is asked."""
    if row.suspends_on is None or row.suspends_on > clock.today() or row.is_suspended:
        return False
    city = _city(row)
    if city is None or city.state not in {CityState.TRIAL, CityState.ACTIVE}:
        return False
    pause = FundingPeriod.objects.filter(
        account_id=row.account_id, is_pause=True, days__contains=row.suspends_on
    ).first()
    life.stop(by=by, city=city, reason=pause.reason if pause else "", action="suspended")
    row.is_suspended = True
    row.save(update_fields=["is_suspended"])
    return True


def settle_site(by: Actor, row: Handover) -> None:
    """A trial becomes an active city; one that this hand-over paused takes questions again.

    An operator's own suspension stays.
    """
    city = _city(row)
    if city is not None and (row.is_suspended or city.state == CityState.TRIAL):
        life.settle(by=by, city=city)
    if row.is_suspended:
        row.is_suspended = False
        row.save(update_fields=["is_suspended"])
        note(by=by, action="handover_resumed", subject=row)


def _city(row: Handover) -> City | None:
    cities = City.objects.select_for_update(of=("self",))
    return cities.filter(account=row.account_id).first()


# --- Each year anew -------------------------------------------------------------------------------


def begin_renewal(*, by: Actor, handover: Handover, expected: str = Stage.PAID) -> Handover:
    """The request for the next year's budget is to be made. Raises LedgerRefused."""
    by.require(Permission.FINANCE)
    with transaction.atomic():
        row = locked(handover, expected)
        move(row, Stage.RENEWAL)
        note(by=by, action="handover_advanced", subject=row, stage=row.stage, due_on=row.due_on)
    return row


def renew(*, by: Actor, handover: Handover, expected: str = Stage.RENEWAL) -> Handover:
    """The next contract pays from the day after the last paid one. Raises LedgerRefused."""
    by.require(Permission.FINANCE)
    with transaction.atomic():
        row = locked(handover, expected)
        if lacks := missing(row):
            raise LedgerRefused(" ".join(lacks))
        contract, last = _contract(row), last_paid(row)
        if last is None:
            raise LedgerRefused(_("Nobody has paid for this city yet."))
        periods.switch(
            by=by,
            account=row.account,
            on=last + timedelta(days=1),
            last=contract.ends_on,
            shares=[Share(contract)],
        )
        row.suspends_on = None
        move(row, Stage.PAID)
        note(by=by, action="handover_renewed", subject=row, contract=contract.number)
        telling.tell(row, telling.RENEWED)
        settle_site(by, row)
    return row


def walk(today: date) -> int:
    """What the calendar does: payers that begin today, sites that are paused from today."""
    due = Handover.objects.filter(stage=Stage.SWITCH, switch_on__lte=today) | (
        Handover.objects.filter(suspends_on__lte=today, is_suspended=False)
    )
    return sum(_walk_one(key) for key in due.values_list("pk", flat=True).order_by("pk"))


@transaction.atomic
def _walk_one(key: int) -> bool:
    row = locked(Handover(pk=key))
    return arrive(SYSTEM, row) or pause_site(SYSTEM, row)
