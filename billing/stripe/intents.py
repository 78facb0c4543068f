"""What has to be at Stripe, written in the transaction of the ledger's change, with its job."""

from datetime import date, datetime, time
from typing import Any

from django.conf import settings

from bezpechne.kernel import clock, queue
from billing.models import CityAccount, FundingAgreement, Payer, StripeObject
from billing.states import StripeGoal, StripeKind, StripeStatus

# Name of our key in the metadata of every object at Stripe.
KEY = "bez_key"


def is_on() -> bool:
    """Whether this installation has an account at Stripe."""
    return bool(settings.STRIPE_API_KEY)


def key_of(
    kind: StripeKind,
    *,
    payer: Payer | None = None,
    account: CityAccount | None = None,
    period: str = "",
) -> str:
    """`bez:{env}:{op}:{city}:{payer}:{period}`; a version and a step follow in a call's key.

    The city by its KATOTTG code, which no renaming changes.
    """
    city = account.katottg if account else "-"
    whose = payer.pk if payer else "-"
    return f"bez:{settings.ENVIRONMENT}:{kind}:{city}:{whose}:{period or '-'}"


def own(kind: StripeKind, key: str, **about: Any) -> StripeObject:
    """The row of what another object needs, made on first use; it has no job and waits for none."""
    about = {"kind": kind, "status": StripeStatus.DONE, **about}
    row, _made = StripeObject.objects.get_or_create(key=key, defaults=about)
    return row


def want(kind: StripeKind, key: str, **about: Any) -> StripeObject:
    """Writes the intent and its job; a repeated call finds the row and has no effect."""
    row, made = StripeObject.objects.get_or_create(key=key, defaults={"kind": kind, **about})
    if made:
        drive_later(row)
    return row


def aim(row: StripeObject, goal: StripeGoal, ends_on: date | None = None) -> None:
    """Another goal for an object; its job begins again."""
    row.goal, row.status, row.error, row.attempts = goal, StripeStatus.WAITING, "", 0
    row.ends_on = ends_on or row.ends_on
    row.save(update_fields=["goal", "status", "error", "attempts", "ends_on"])
    drive_later(row)


def drive_later(row: StripeObject) -> None:
    """The job of one object, in the current transaction."""
    queue.defer("billing.stripe_drive", pk=row.pk)


def metadata_of(row: StripeObject) -> dict[str, str]:
    """What an object at Stripe says of itself: our key, and what an accountant asks for."""
    found: dict[str, str] = {KEY: row.key}
    agreement: FundingAgreement | None = row.agreement
    if row.payer_id:
        found["payer_id"] = str(row.payer_id)
    if row.account:
        found["city_katottg"] = row.account.katottg
    if agreement:
        found |= {
            "contract_no": agreement.number,
            "kpkvk": agreement.kpkvk,
            "kekv": agreement.kekv,
        }
    return {name: value for name, value in found.items() if value}


def midnight(day: date) -> int:
    """The beginning of a day in Kyiv, in seconds of Unix time."""
    return int(datetime.combine(day, time(), clock.KYIV).timestamp())
