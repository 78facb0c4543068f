"""The only writers of costs and of who bears them. Nothing posted changes; entries correct it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.actors import Actor
from billing.audit import note
from billing.costs.months import require_open
from billing.errors import LedgerRefused
from billing.funding.queries import shares_by_day
from billing.models import Allocation, CityAccount, CostEntry, FundingAgreement
from billing.spreading import KOPIYKA, by_payers, last_of, month_of
from billing.states import EntryKind
from billing.wording import day_text


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What is to be posted: UAH for the days `first` to `last` of one month.

    `agreement`: that payer bears all of it. `source_key`: posted once, whatever happens.
    """

    account: CityAccount
    first: date
    last: date
    kind: EntryKind
    amount: Decimal
    activity: str = ""
    minutes: int | None = None
    per_hour: Decimal | None = None
    description: str = ""
    agreement: FundingAgreement | None = None
    source_key: str | None = None
    kekv: str = ""


def post(*, by: Actor, cost: Cost) -> CostEntry:
    """Posts a cost and its payers' parts; one with a known `source_key` is returned as it stands.

    Raises LedgerRefused: negative or too fine a sum, days of two months, a day without payer, a
    closed month.
    """
    by.require(Permission.FINANCE)
    _check(cost)
    with transaction.atomic():
        CityAccount.objects.select_for_update().get(pk=cost.account.pk)
        if cost.source_key:
            known = CostEntry.objects.filter(source_key=cost.source_key).first()
            if known:
                entry: CostEntry = known
                return entry
        require_open(cost.account.pk, month_of(cost.first))
        entry = _write(by, cost)
        _allocate(entry, cost)
        note(
            by=by,
            action="opening_posted" if cost.kind == EntryKind.OPENING else "cost_posted",
            subject=entry,
            month=entry.month,
            kind=cost.kind,
            amount=cost.amount,
        )
    return entry


def reverse(*, by: Actor, entry: CostEntry, reason: str) -> CostEntry:
    """A counter-entry that undoes an entry to the kopiyka, payer by payer (сторно).

    Raises LedgerRefused without a reason, for what was reversed before, for a counter-entry, and
    in a closed month.
    """
    by.require(Permission.FINANCE)
    if not reason.strip():
        raise LedgerRefused(_("Say why the entry is reversed."), "reason")
    with transaction.atomic():
        CityAccount.objects.select_for_update().get(pk=entry.account_id)
        if entry.reverses_id:
            raise LedgerRefused(_("This is a counter-entry itself. Post the cost anew instead."))
        if CostEntry.objects.filter(reverses=entry).exists():
            raise LedgerRefused(_("This entry is reversed already."))
        require_open(entry.account_id, entry.month)
        made: CostEntry = CostEntry.objects.create(
            account_id=entry.account_id,
            month=entry.month,
            first_day=entry.first_day,
            last_day=entry.last_day,
            kind=entry.kind,
            activity=entry.activity,
            minutes=-entry.minutes if entry.minutes is not None else None,
            per_hour=entry.per_hour,
            amount=-entry.amount,
            description=entry.description,
            agreement_id=entry.agreement_id,
            reverses=entry,
            reason=reason.strip(),
            created_by_id=by.id,
        )
        Allocation.objects.bulk_create(
            Allocation(
                entry=made,
                agreement_id=part.agreement_id,
                kekv=part.kekv,
                month=part.month,
                amount=-part.amount,
            )
            for part in Allocation.objects.filter(entry=entry).order_by("pk")
        )
        note(
            by=by,
            action="cost_reversed",
            subject=made,
            reason=reason,
            entry=entry.pk,
            amount=made.amount,
        )
    return made


def _check(cost: Cost) -> None:
    if cost.last < cost.first:
        raise LedgerRefused(_("The last day is before the first."), "last")
    if cost.last > last_of(cost.first):
        raise LedgerRefused(_("An entry lies within one month. Post one for each month."), "last")
    if cost.amount < 0:
        raise LedgerRefused(
            _("A sum is not negative. Reverse the entry that was wrong instead."), "amount"
        )
    if cost.amount != cost.amount.quantize(KOPIYKA):
        raise LedgerRefused(_("A sum has two decimal places at most."), "amount")
    if cost.kind == EntryKind.SUPPORT and cost.amount:
        raise LedgerRefused(
            _("Technical support costs the city nothing: the developers bear it."), "amount"
        )


def _write(by: Actor, cost: Cost) -> CostEntry:
    entry: CostEntry = CostEntry.objects.create(
        account=cost.account,
        month=month_of(cost.first),
        first_day=cost.first,
        last_day=cost.last,
        kind=cost.kind,
        activity=cost.activity,
        minutes=cost.minutes,
        per_hour=cost.per_hour,
        amount=cost.amount,
        description=cost.description,
        agreement=cost.agreement,
        source_key=cost.source_key,
        created_by_id=by.id,
    )
    return entry


def _parts(cost: Cost) -> dict[int, Decimal]:
    if cost.agreement is not None:
        return {cost.agreement.pk: cost.amount}
    shares = shares_by_day(cost.account.pk, cost.first, cost.last)
    nobody = [day for day, of_day in shares.items() if not of_day]
    if cost.kind == EntryKind.HOURS and len(nobody) < len(shares):
        # A timesheet tells the month and not the day: those who pay in the month bear its hours.
        shares = {day: of_day for day, of_day in shares.items() if of_day}
    elif nobody:
        raise LedgerRefused(
            _("On %(day)s nobody pays for this city, so nobody can bear this cost.")
            % {"day": day_text(nobody[0])},
            "first",
        )
    return by_payers(cost.amount, shares)


def _allocate(entry: CostEntry, cost: Cost) -> None:
    parts = _parts(cost)
    codes = dict(FundingAgreement.objects.filter(pk__in=parts).values_list("pk", "kekv"))
    Allocation.objects.bulk_create(
        Allocation(
            entry=entry,
            agreement_id=agreement,
            kekv=cost.kekv or codes[agreement],
            month=entry.month,
            amount=amount,
        )
        for agreement, amount in parts.items()
    )
