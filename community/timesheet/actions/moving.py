"""The one place where a month changes its state; the approved figures follow."""

from django.utils.translation import gettext as _

from bezpechne.kernel.actors import Actor
from bezpechne.kernel.audit.models import record
from community.timesheet import meters
from community.timesheet.models import Timesheet
from community.timesheet.queries import entries_of
from community.timesheet.states import ALLOWED, COUNTED, SheetState, TimesheetRefused


def check_seen(sheet: Timesheet, seen: int | None) -> None:
    """Raises TimesheetRefused when somebody has changed the month since it was looked at."""
    if seen is not None and seen != sheet.version:
        raise TimesheetRefused(_("The hours have changed since you opened this page. Look again."))


def move(
    sheet: Timesheet,
    to: SheetState,
    *,
    by: Actor,
    action: str,
    note: str = "",
    **changes: object,
) -> None:
    """Changes the state of a month whose row is held, with history. Raises TimesheetRefused."""
    before = sheet.state
    if to not in ALLOWED[before]:
        raise TimesheetRefused(
            _("This cannot be done now: the month is “%(state)s”. The page was out of date.")
            % {"state": sheet.get_state_display()}
        )
    sheet.state, sheet.version = to, sheet.version + 1
    for field, value in changes.items():
        setattr(sheet, field, value)
    sheet.save()
    record(
        by=by,
        subject=sheet,
        action=action,
        old={"state": before},
        new={"state": str(to), "minutes": sum(entries_of(sheet).values_list("minutes", flat=True))},
        note=note,
    )
    if (before in COUNTED) != (to in COUNTED):
        meters.recount([sheet.month])
