"""Payers, grants, tranches and exchange rates: the only writers of those tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor
from billing.audit import note
from billing.errors import LedgerRefused
from billing.models import ExchangeRate, FundingAgreement, Grant, GrantLine, Payer, Tranche
from billing.spreading import KOPIYKA
from billing.wording import day_text


def _differences(old: models.Model | None, new: models.Model, names: Sequence[str]) -> list[str]:
    """Names of the fields that changed; values of contacts stay out of the history."""
    if old is None:
        return []
    return [name for name in names if getattr(old, name) != getattr(new, name)]


PAYER_FIELDS = (
    "kind",
    "name",
    "name_en",
    "edrpou",
    "iban",
    "bank",
    "budget_code",
    "address",
    "signatory",
    "contact_name",
    "contact_email",
    "contact_phone",
    "language",
    "notice_uk",
    "notice_en",
)


def save_payer(*, by: Actor, payer: Payer) -> Payer:
    """Adds or changes a payer whose fields a form has cleaned.

    Raises LedgerRefused for a second payer with one EDRPOU, and for another kind once agreements
    name the payer: their sources follow from it.
    """
    by.require(Permission.FINANCE)
    with transaction.atomic():
        old = Payer.objects.select_for_update().filter(pk=payer.pk).first() if payer.pk else None
        if old and old.kind != payer.kind and old.agreements.exists():
            raise LedgerRefused(
                _("This payer has agreements, so its kind stays. Add another payer instead."),
                "kind",
            )
        same = Payer.objects.filter(edrpou=payer.edrpou).exclude(edrpou="").exclude(pk=payer.pk)
        if twin := same.first():
            raise LedgerRefused(
                _("“%(name)s” has this EDRPOU code already.") % {"name": twin.name}, "edrpou"
            )
        # The rest of an old row is written by others, perhaps since the form read it.
        payer.save(update_fields=PAYER_FIELDS if old else None)
        note(
            by=by,
            action="payer_changed" if old else "payer_added",
            subject=payer,
            changed=_differences(old, payer, PAYER_FIELDS),
        )
    return payer


def set_active(*, by: Actor, payer: Payer, active: bool) -> None:
    """A closed payer is offered nowhere. Raises LedgerRefused while it pays for a city."""
    by.require(Permission.FINANCE)
    with transaction.atomic():
        row = Payer.objects.select_for_update().get(pk=payer.pk)
        today = clock.today()
        paying = FundingAgreement.objects.filter(
            payer=row, shares__period__days__endswith__gt=today
        )
        if not active and paying.exists():
            raise LedgerRefused(_("This payer pays for a city today or later."))
        if row.is_active == active:
            return
        row.is_active = active
        row.save(update_fields=["is_active"])
        action = "payer_opened" if active else "payer_closed"
        note(by=by, action=action, subject=row)


@dataclass(frozen=True)
class Line:
    """A line of a grant's budget, in the grant's currency."""

    name: str
    amount: Decimal


def save_grant(*, by: Actor, grant: Grant, lines: Sequence[Line]) -> Grant:
    """Adds or changes a grant. Lines that agreements use are kept.

    Raises LedgerRefused: nothing or less, lines that exceed the grant or are there twice, reversed
    dates, a number that the donor's grant has, a line in use that is missing.
    """
    by.require(Permission.FINANCE)
    if grant.amount <= 0:
        raise LedgerRefused(_("The sum is more than nothing."), "amount")
    if grant.ends_on < grant.starts_on:
        raise LedgerRefused(_("The last day is before the first."), "ends_on")
    names = [line.name for line in lines]
    if len(set(names)) < len(names):
        raise LedgerRefused(_("Two lines have one name."), "lines")
    if sum((line.amount for line in lines), Decimal(0)) > grant.amount:
        raise LedgerRefused(_("The lines are more than the grant."), "lines")
    try:
        with transaction.atomic():
            is_new = grant.pk is None
            grant.save()
            _keep_lines(grant, lines)
            note(
                by=by,
                action="grant_added" if is_new else "grant_changed",
                subject=grant,
                amount=grant.amount,
                currency=grant.currency,
            )
    except IntegrityError:
        raise LedgerRefused(
            _("This donor has a grant with this number already."), "number"
        ) from None
    return grant


def _keep_lines(grant: Grant, lines: Sequence[Line]) -> None:
    known = {line.name: line for line in grant.lines.all()}
    for position, line in enumerate(lines):
        GrantLine.objects.update_or_create(
            grant=grant, name=line.name, defaults={"amount": line.amount, "position": position}
        )
    gone = [row for name, row in known.items() if name not in {line.name for line in lines}]
    for row in gone:
        if row.agreements.exists():
            raise LedgerRefused(
                _("An agreement is paid from the line “%(name)s”, so it stays.")
                % {"name": row.name},
                "lines",
            )
        row.delete()


def rate_on(currency: str, day: date) -> ExchangeRate | None:
    """The rate known for that very day: another day's would be a guess."""
    return ExchangeRate.objects.filter(currency=currency, day=day).first()


def add_rates(*, by: Actor, currency: str, rates: dict[date, Decimal], source: str) -> int:
    """Rates by day; days that are known with the same rate are left. Returns how many are new.

    Raises LedgerRefused for a day that is known with another rate.
    """
    by.require(Permission.FINANCE)
    with transaction.atomic():
        known = dict(
            ExchangeRate.objects.filter(currency=currency, day__in=rates).values_list("day", "rate")
        )
        for day, rate in sorted(rates.items()):
            if day in known and known[day] != rate:
                raise LedgerRefused(
                    _("For %(day)s the rate %(rate)s is known already.")
                    % {"day": day_text(day), "rate": known[day].normalize()}
                )
        new = [
            ExchangeRate(currency=currency, day=day, rate=rate, source=source)
            for day, rate in sorted(rates.items())
            if day not in known
        ]
        made = ExchangeRate.objects.bulk_create(new)
        if made:
            note(
                by=by,
                action="rates_added",
                subject=made[0],
                currency=currency,
                days=len(made),
                source=source,
            )
    return len(made)


def add_tranche(
    *,
    by: Actor,
    grant: Grant,
    received_on: date,
    amount: Decimal,
    rate: Decimal | None = None,
    rate_source: str = "",
    reference: str = "",
) -> Tranche:
    """Money of a grant. Without `rate` the known one of the day counts; UAH has the rate 1.

    Raises LedgerRefused: no rate for the day, more than the grant, not positive, in the future.
    """
    by.require(Permission.FINANCE)
    if amount <= 0:
        raise LedgerRefused(_("The sum is more than nothing."), "amount")
    if received_on > clock.today():
        raise LedgerRefused(_("The day is in the future."), "received_on")
    with transaction.atomic():
        Grant.objects.select_for_update().get(pk=grant.pk)
        got = sum(grant.tranches.values_list("amount", flat=True), Decimal(0))
        if got + amount > grant.amount:
            raise LedgerRefused(_("All tranches together are more than the grant."), "amount")
        rate, rate_source = _rate(grant.currency, received_on, rate, rate_source)
        tranche = Tranche.objects.create(
            grant=grant,
            received_on=received_on,
            amount=amount,
            rate=rate,
            rate_source=rate_source,
            amount_uah=(amount * rate).quantize(KOPIYKA, ROUND_HALF_UP),
            reference=reference,
        )
        note(
            by=by,
            action="tranche_added",
            subject=tranche,
            payer_id=grant.payer_id,
            amount=amount,
            currency=grant.currency,
            rate=rate,
        )
    return tranche


def _rate(currency: str, day: date, rate: Decimal | None, source: str) -> tuple[Decimal, str]:
    if currency == "UAH":
        return Decimal(1), ""
    if rate is not None:
        return rate, source
    known = rate_on(currency, day)
    if known is None:
        raise LedgerRefused(
            _("No rate of %(currency)s is known for %(day)s. Enter it, or load a file of rates.")
            % {"currency": currency, "day": day_text(day)},
            "rate",
        )
    return known.rate, known.source


def reverse_tranche(*, by: Actor, tranche: Tranche, reason: str) -> Tranche:
    """A row with the opposite sums. Raises LedgerRefused without a reason, or the second time."""
    by.require(Permission.FINANCE)
    if not reason.strip():
        raise LedgerRefused(_("Say why the tranche is reversed."), "reason")
    with transaction.atomic():
        Grant.objects.select_for_update().get(pk=tranche.grant_id)
        if tranche.reverses_id or Tranche.objects.filter(reverses=tranche).exists():
            raise LedgerRefused(_("This tranche is reversed already."))
        made = Tranche.objects.create(
            grant_id=tranche.grant_id,
            received_on=tranche.received_on,
            amount=-tranche.amount,
            rate=tranche.rate,
            rate_source=tranche.rate_source,
            amount_uah=-tranche.amount_uah,
            reference=tranche.reference,
            reverses=tranche,
        )
        note(
            by=by,
            action="tranche_reversed",
            subject=made,
            payer_id=tranche.grant.payer_id,
            reason=reason,
            amount=tranche.amount,
        )
    return made
