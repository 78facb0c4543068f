"""Agreements of payers about cities: the only writer of that table."""

from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.actors import Actor
from billing.audit import note
from billing.errors import LedgerRefused
from billing.models import CityAccount, FundingAgreement, FundingPeriod
from billing.states import KEKV_OF, SOURCES_OF, PayerKind, Source
from billing.wording import day_text


def add(*, by: Actor, agreement: FundingAgreement) -> FundingAgreement:
    """Adds an agreement whose fields a form has cleaned; it pays for no day yet.

    Sums and terms stay as they were signed: a supplementary agreement (`amends`) changes them.
    Raises LedgerRefused.
    """
    by.require(Permission.FINANCE)
    _check(agreement)
    try:
        with transaction.atomic():
            agreement.save(force_insert=True)
            note(
                by=by,
                action="agreement_added",
                subject=agreement,
                number=agreement.number,
                first=agreement.starts_on,
                last=agreement.ends_on,
                monthly=agreement.monthly_amount,
            )
    except IntegrityError:
        raise LedgerRefused(
            _("This payer has an agreement with this number about this city already."), "number"
        ) from None
    return agreement


def change_end(
    *, by: Actor, agreement: FundingAgreement, ends_on: date, reason: str
) -> FundingAgreement:
    """Another last day, as a supplementary agreement or a notice says.

    Raises LedgerRefused without a reason, and for days that the agreement pays for.
    """
    by.require(Permission.FINANCE)
    if not reason.strip():
        raise LedgerRefused(_("Name the paper that changes the term."), "reason")
    with transaction.atomic():
        CityAccount.objects.select_for_update().get(pk=agreement.account_id)
        row = FundingAgreement.objects.select_for_update().get(pk=agreement.pk)
        if ends_on < row.starts_on:
            raise LedgerRefused(_("The last day is before the first."), "ends_on")
        paid = FundingPeriod.objects.filter(shares__agreement=row).order_by("-days").first()
        if paid and paid.days.upper > ends_on + timedelta(days=1):
            raise LedgerRefused(
                _("The agreement pays until %(day)s. Change the payers from a day on first.")
                % {"day": day_text(paid.last)},
                "ends_on",
            )
        old, row.ends_on = row.ends_on, ends_on
        if ends_on > old:
            _check_grant(row)
        row.save(update_fields=["ends_on"])
        note(
            by=by,
            action="agreement_ended",
            subject=row,
            reason=reason,
            old=old,
            new=ends_on,
        )
    return row


def _check(agreement: FundingAgreement) -> None:
    if agreement.ends_on < agreement.starts_on:
        raise LedgerRefused(_("The last day is before the first."), "ends_on")
    if agreement.monthly_amount < 0:
        raise LedgerRefused(_("The sum is negative."), "monthly_amount")
    kind = PayerKind(agreement.payer.kind)
    if Source(agreement.source) not in SOURCES_OF[kind]:
        raise LedgerRefused(_("This payer’s money does not come from there."), "source")
    if kind == PayerKind.LOCAL_BUDGET and not agreement.kpkvk:
        raise LedgerRefused(
            _("A local budget pays under a programme: enter its seven digits."), "kpkvk"
        )
    expected = KEKV_OF[agreement.engagement][0]
    if kind == PayerKind.LOCAL_BUDGET and agreement.kekv != expected:
        raise LedgerRefused(
            _("A moderator who is engaged so is paid under %(code)s.") % {"code": expected}, "kekv"
        )
    if agreement.grant is not None:
        _check_grant(agreement)


def _check_grant(agreement: FundingAgreement) -> None:
    grant = agreement.grant
    if grant is None:
        return
    if grant.payer_id != agreement.payer_id:
        raise LedgerRefused(_("This grant is another donor’s."), "grant")
    if agreement.starts_on < grant.starts_on or agreement.ends_on > grant.ends_on:
        raise LedgerRefused(
            _("The grant runs from %(first)s to %(last)s only.")
            % {"first": day_text(grant.starts_on), "last": day_text(grant.ends_on)},
            "ends_on",
        )
    if agreement.grant_line and agreement.grant_line.grant_id != grant.pk:
        raise LedgerRefused(_("This line is another grant’s."), "grant_line")
