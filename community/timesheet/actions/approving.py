"""What the city's administrator does with a submitted month."""

from django.db import transaction
from django.utils.translation import gettext as _

from bezpechne.accounts.models import User
from bezpechne.accounts.permissions import Permission, Role
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor, ActorKind
from community.timesheet.actions.moving import check_seen, move
from community.timesheet.models import Timesheet
from community.timesheet.states import COUNTED, SheetState, TimesheetRefused


def _administrator(by: Actor) -> None:
    """The city answers for the hours that others pay: nobody of the platform approves them."""
    by.require(Permission.ADMINISTER)
    if by.acting is not None:
        raise TimesheetRefused(
            _("Hours are approved by the city’s own administrator, not by who acts for one.")
        )


def _held(sheet: Timesheet) -> Timesheet:
    """The month as it is now; with it everybody's of that month, because their sum is counted."""
    rows = Timesheet.objects.select_for_update().filter(month=sheet.month).order_by("pk")
    return next(row for row in rows if row.pk == sheet.pk)


def must_ask_another(by: Actor, person: int) -> bool:
    """One's own hours are approved by another administrator, where the city has one."""
    if by.kind != ActorKind.STAFF or by.id != person:
        return False
    others = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True)
    return others.exclude(pk=person).exists()


@transaction.atomic
def approve(*, by: Actor, sheet: Timesheet, seen: int | None = None) -> Timesheet:
    """The hours are right: the city's figures of the month hold them from now on.

    `seen` is the version that the administrator had before them. Raises TimesheetRefused.
    """
    _administrator(by)
    sheet = _held(sheet)
    check_seen(sheet, seen)
    if must_ask_another(by, sheet.person_id):
        raise TimesheetRefused(_("These are your own hours. Another administrator approves them."))
    move(sheet, SheetState.APPROVED, by=by, action="hours_approved", approved_at=clock.now())
    return sheet


@transaction.atomic
def send_back(*, by: Actor, sheet: Timesheet, reason: str) -> Timesheet:
    """A submitted month goes back to the person, who reads the reason on its page."""
    _administrator(by)
    sheet = _held(sheet)
    if sheet.state != SheetState.SUBMITTED:
        raise TimesheetRefused(_("Only hours that wait for approval can be returned."))
    move(sheet, SheetState.OPEN, by=by, action="hours_returned", note=reason, return_reason=reason)
    return sheet


@transaction.atomic
def close(*, by: Actor, sheet: Timesheet) -> Timesheet:
    """Nothing more is expected to change in an approved month."""
    _administrator(by)
    sheet = _held(sheet)
    move(sheet, SheetState.CLOSED, by=by, action="hours_closed")
    return sheet


@transaction.atomic
def reopen(*, by: Actor, sheet: Timesheet, reason: str) -> Timesheet:
    """A mistake in an approved or closed month: its hours leave the figures until approved anew."""
    _administrator(by)
    sheet = _held(sheet)
    if sheet.state not in COUNTED:
        raise TimesheetRefused(_("Only an approved month can be opened again."))
    move(sheet, SheetState.OPEN, by=by, action="hours_reopened", note=reason, return_reason=reason)
    return sheet
