"""Who pays for a city from which day on, as subscriptions at Stripe.

A subscription says who pays; it never bills. Bills follow acts, whose sums Stripe cannot know, so
the whole term of a subscription is free at Stripe and the ledger's invoices are mirrored instead:
a month is never asked for twice.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor
from billing.audit import note
from billing.models import CityAccount, FundingAgreement, Payer, StripeObject
from billing.states import StripeGoal, StripeKind
from billing.stripe import subscription_calls as calls
from billing.stripe.intents import aim, is_on, key_of, metadata_of, midnight, want
from billing.stripe.objects import by_key, customer_of, customer_row, ensure, made_since, price_of
from billing.stripe_gateway import Seen

NEVER_MADE = "never made"
_OVER = {"canceled", "completed"}
_KINDS = (StripeKind.SUBSCRIPTION, StripeKind.SCHEDULE)
_DEAD = Q(goal=StripeGoal.ENDED, ends_on__lte=F("starts_on"))


@dataclass(frozen=True)
class Switch:
    """Both sides of a hand-over at Stripe; None for a payer that has nothing to do with it."""

    ended: StripeObject | None
    begun: StripeObject | None


def subscribe(*, by: Actor, agreement: FundingAgreement, on: date) -> StripeObject | None:
    """The agreement's payer pays for its city from `on`; a later day is scheduled.

    None when the payer does not use Stripe. A repeated call returns the same row; one with another
    day moves what has not begun.
    """
    by.require(Permission.FINANCE)
    marked = Payer.objects.filter(pk=agreement.payer_id, stripe_since__isnull=False)
    if not is_on() or not marked.exists():
        return None
    with transaction.atomic():
        CityAccount.objects.select_for_update().get(pk=agreement.account_id)
        known = StripeObject.objects.filter(kind__in=_KINDS, agreement=agreement)
        kept = None
        for row in known.filter(ends_on__gt=on).exclude(_DEAD):
            starts_on, _ends_on = row.term
            if starts_on == on or starts_on <= clock.today():
                kept = row
            else:
                end(row, starts_on)
        return kept or _begin(agreement, on, known.count() + 1)


def switch_subscriptions(
    *,
    by: Actor,
    account: CityAccount,
    old: FundingAgreement | None,
    new: FundingAgreement | None,
    on: date,
) -> Switch:
    """From `on` the new agreement's payer pays instead of the old one's: one intent, two sides.

    Repeated with the same day it changes nothing; with another day it moves the switch. Call it in
    the transaction of the hand-over.
    """
    by.require(Permission.FINANCE)
    with transaction.atomic():
        CityAccount.objects.select_for_update().get(pk=account.pk)
        ended = None
        rows = StripeObject.objects.filter(kind__in=_KINDS, account=account, agreement=old)
        for row in rows.exclude(_DEAD) if old else ():
            end(row, on)
            ended = row
        begun = subscribe(by=by, agreement=new, on=on) if new else None
        if ended or begun:
            note(
                by=by,
                action="stripe_switched",
                subject=account,
                on=on,
                ended=ended.pk if ended else None,
                begun=begun.pk if begun else None,
            )
    return Switch(ended, begun)


def end_all(payer: Payer, on: date) -> None:
    """The payer uses Stripe no longer: nothing runs from `on` on."""
    rows = StripeObject.objects.filter(kind__in=_KINDS, payer=payer, ends_on__gt=on)
    for row in rows.exclude(_DEAD):
        end(row, on)


def running(day: date) -> QuerySet[StripeObject]:
    """What has begun by a day and does not end on it."""
    rows = StripeObject.objects.filter(kind__in=_KINDS, starts_on__lte=day, ends_on__gt=day)
    return rows.exclude(_DEAD)


def _begin(agreement: FundingAgreement, on: date, number: int) -> StripeObject:
    key = key_of(
        StripeKind.SUBSCRIPTION,
        account=agreement.account,
        payer=agreement.payer,
        period=f"{on:%Y-%m-%d}.{agreement.pk}.{number}",
    )
    return want(
        StripeKind.SCHEDULE if on > clock.today() else StripeKind.SUBSCRIPTION,
        key,
        payer=agreement.payer,
        account=agreement.account,
        agreement=agreement,
        starts_on=on,
        ends_on=agreement.ends_on + timedelta(days=1),
    )


def end(row: StripeObject, on: date) -> None:
    """What ends before it begins is taken back whole."""
    on = max(on, row.term[0])
    if row.ends_on != on or row.goal != StripeGoal.ENDED:
        aim(row, StripeGoal.ENDED, ends_on=on)


# --- Steps of the job -----------------------------------------------------------------------------


def bring_subscription(row: StripeObject) -> str:
    """One that began at once. Stripe's word for its state; raises StripeFailed."""
    if _was_never_made(row):
        return NEVER_MADE
    _ensure(row)
    if row.goal == StripeGoal.ENDED:
        return _stop(row, row.stripe_id)
    return str(calls.subscription(row.stripe_id)["status"])


def bring_schedule(row: StripeObject) -> str:
    """One that begins later. Its subscription refuses an end of its own until it is released."""
    if _was_never_made(row):
        return NEVER_MADE
    _ensure(row)
    seen = calls.schedule(row.stripe_id)
    status = str(seen["status"])
    if row.goal != StripeGoal.ENDED or status in _OVER:
        return status
    if status == "not_started":
        if row.is_dead:
            status = str(calls.cancel_schedule(row.stripe_id)["status"])
        # Else it ends once it runs: Stripe tells when that is.
        return status
    subscription = seen.get("released_subscription") or seen["subscription"]
    if status == "active":
        calls.release_schedule(row.stripe_id)
    return _stop(row, subscription)


def _ensure(row: StripeObject) -> None:
    agreement = FundingAgreement.objects.select_related("payer").get(stripe_objects=row)
    customer = customer_of(agreement.payer)
    ensure(row, lambda: _found(row, customer), lambda key: _make(key, row, agreement, customer))


def _found(row: StripeObject, customer: str) -> Seen | None:
    listed = calls.schedules if row.kind == StripeKind.SCHEDULE else calls.subscriptions
    return by_key(row, listed(customer=customer, since=made_since(row)))


def _make(key: str, row: StripeObject, agreement: FundingAgreement, customer: str) -> Seen:
    begins, until = (midnight(day) for day in row.term)
    metadata = metadata_of(row)
    price = price_of(agreement.monthly_amount)
    if row.kind == StripeKind.SCHEDULE:
        return calls.create_schedule(
            key, customer=customer, price=price, since=begins, until=until, metadata=metadata
        )
    return calls.create_subscription(
        key, customer=customer, price=price, until=until, metadata=metadata
    )


def _was_never_made(row: StripeObject) -> bool:
    """Over before it was made: nothing to do, once it is looked for."""
    is_over = row.is_dead or row.term[1] <= clock.today()
    if row.stripe_id or row.payer is None or not is_over:
        return False
    customer = customer_row(row.payer).stripe_id
    return not customer or _found(row, customer) is None


def _stop(row: StripeObject, subscription: str) -> str:
    seen = calls.subscription(subscription)
    moment = midnight(row.term[1])
    if seen["status"] in _OVER:
        return str(seen["status"])
    if moment <= clock.now().timestamp():
        seen = calls.end_subscription(subscription)
    elif seen["cancel_at"] != moment:
        seen = calls.cancel_subscription_at(subscription, moment)
    return str(seen["status"])
