"""Closing a month of a city, and opening it again with a reason."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor
from billing.audit import note
from billing.errors import LedgerRefused
from billing.models import CityAccount, ClosedMonth
from billing.spreading import last_of, month_of
from billing.wording import day_text


def closed_between(account_id: int, first: date, last: date) -> date | None:
    """The first closed month that these days touch."""
    rows = ClosedMonth.objects.filter(
        account_id=account_id, reopened_at=None, month__range=(month_of(first), last)
    )
    return rows.order_by("month").values_list("month", flat=True).first()


def require_open(account_id: int, month: date) -> None:
    """Raises LedgerRefused for a closed month."""
    if closed_between(account_id, month, month):
        raise LedgerRefused(
            _("%(month)s is closed. Reopen it first, with a reason.")
            % {"month": day_text(month, "F Y")}
        )


@transaction.atomic
def close(*, by: Actor, account: CityAccount, month: date) -> ClosedMonth:
    """Nothing more is posted into the month. Raises LedgerRefused.

    A month can be closed after its last day, once what was posted stands in acts.
    """
    by.require(Permission.FINANCE)
    CityAccount.objects.select_for_update().get(pk=account.pk)
    month = month_of(month)
    if closed_between(account.pk, month, month):
        raise LedgerRefused(_("%(month)s is closed already.") % {"month": day_text(month, "F Y")})
    if clock.today() <= last_of(month):
        raise LedgerRefused(_("%(month)s is not over yet.") % {"month": day_text(month, "F Y")})
    row = ClosedMonth.objects.create(account=account, month=month, closed_by_id=by.id)
    note(by=by, action="month_closed", subject=row, month=month)
    return row


@transaction.atomic
def reopen(*, by: Actor, account: CityAccount, month: date, reason: str) -> None:
    """Raises LedgerRefused without a reason, and for a month that is open."""
    by.require(Permission.FINANCE)
    if not reason.strip():
        raise LedgerRefused(_("Say why the month is opened again."), "reason")
    rows = ClosedMonth.objects.select_for_update().filter(
        account=account, month=month_of(month), reopened_at=None
    )
    row = rows.first()
    if row is None:
        raise LedgerRefused(_("%(month)s is open.") % {"month": day_text(month, "F Y")})
    row.reopened_at, row.reopened_by_id, row.reason = clock.now(), by.id, reason.strip()
    row.save(update_fields=["reopened_at", "reopened_by_id", "reason"])
    note(
        by=by,
        action="month_reopened",
        subject=row,
        reason=reason,
        month=row.month,
    )
