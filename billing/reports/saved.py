"""Reports that people keep, and have sent to themselves: the only writers of that table."""

from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from bezpechne.accounts.actions import MAIL_JOB
from bezpechne.accounts.models import AccountMail, User
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor
from bezpechne.kernel.mail import outbox
from billing.audit import note
from billing.errors import LedgerRefused
from billing.models import SavedReport
from billing.spreading import month_of

MAIL_KIND = "finance_report"
# Every month has it.
LAST_DAY = 28
MOST = 50


def keep(*, by: Actor, name: str, query: str, monthly_day: int = 0) -> SavedReport:
    """Keeps a report's address under a name; from `monthly_day` on a letter comes each month.

    A day that is over in this month counts from the next one. Raises LedgerRefused: no name, one
    that the person has used, a day that not every month has, too many.
    """
    by.require(Permission.REPORTS)
    name = name.strip()
    if not name:
        raise LedgerRefused(_("Give the report a name."), "name")
    if not 0 <= monthly_day <= LAST_DAY:
        raise LedgerRefused(_("Choose a day from 1 to 28: every month has it."), "monthly_day")
    if SavedReport.objects.filter(owner_id=by.id or 0).count() >= MOST:
        raise LedgerRefused(_("You keep 50 reports. Remove one first."))
    today = clock.today()
    is_over = monthly_day <= today.day
    try:
        with transaction.atomic():
            row = SavedReport.objects.create(
                name=name[:120],
                query=query[:500],
                owner_id=by.id or 0,
                monthly_day=monthly_day,
                sent_for=month_of(today) if monthly_day and is_over else None,
            )
            note(by=by, action="report_saved", subject=row, monthly_day=monthly_day)
    except IntegrityError:
        raise LedgerRefused(_("You keep a report under this name already."), "name") from None
    return row


@transaction.atomic
def remove(*, by: Actor, saved: SavedReport) -> None:
    """One's own. Raises LedgerRefused for another person's."""
    by.require(Permission.REPORTS)
    row = SavedReport.objects.select_for_update().filter(pk=saved.pk, owner_id=by.id or 0).first()
    if row is None:
        raise LedgerRefused(_("This report is not yours, or is removed already."))
    note(by=by, action="report_removed", subject=row)
    row.delete()


def due(today: date) -> list[int]:
    """Kept reports whose letter of this month is not sent yet, a missed day included."""
    waiting = SavedReport.objects.filter(
        Q(sent_for=None) | Q(sent_for__lt=month_of(today)),
        monthly_day__gt=0,
        monthly_day__lte=today.day,
    )
    return list(waiting.order_by("pk").values_list("pk", flat=True))


def send_due() -> int:
    """Letters for every report that is due: once a month each, however often it is called."""
    today = clock.today()
    return sum(_send(key, month_of(today)) for key in due(today))


@transaction.atomic
def _send(key: int, month: date) -> bool:
    """False when another run was quicker, or the owner may not open reports any more."""
    row = (
        SavedReport.objects.select_for_update(skip_locked=True)
        .filter(Q(sent_for=None) | Q(sent_for__lt=month), pk=key)
        .first()
    )
    if row is None:
        return False
    row.sent_for = month
    row.save(update_fields=["sent_for"])
    owner = User.objects.filter(pk=row.owner_id, is_active=True).first()
    if owner is None or Permission.REPORTS not in owner.permissions:
        return False
    posted = outbox.post(
        AccountMail,
        MAIL_JOB,
        kind=MAIL_KIND,
        key=f"{MAIL_KIND}:{row.pk}:{month:%Y-%m}",
        subject_id=row.pk,
        recipient_id=owner.pk,
        language=owner.language,
    )
    return posted is not None


def kept_by(owner_id: int) -> list[SavedReport]:
    return list(SavedReport.objects.filter(owner_id=owner_id).order_by(F("name").asc(), "pk"))
