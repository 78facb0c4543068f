"""States of a person's month and the only changes allowed between them."""

from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _


class SheetState(models.TextChoices):
    """OPEN: the person writes. Everything else can only be read, until the month is open again."""

    OPEN = "open", _("Being filled in")
    SUBMITTED = "submitted", _("Waiting for approval")
    APPROVED = "approved", _("Approved")
    CLOSED = "closed", _("Closed")


S = SheetState
ALLOWED: dict[str, frozenset[str]] = {
    S.OPEN: frozenset({S.SUBMITTED}),
    S.SUBMITTED: frozenset({S.OPEN, S.APPROVED}),
    S.APPROVED: frozenset({S.OPEN, S.CLOSED}),
    S.CLOSED: frozenset({S.OPEN}),
}
# Whose hours the city's figures hold.
COUNTED = (S.APPROVED, S.CLOSED)


class TimesheetRefused(ValueError):
    """Hours that cannot be, or a page that was old; the text is shown to the person.

    `day` and `activity` name the place where it is to be mended, when there is one.
    """

    def __init__(self, text: str, day: date | None = None, activity: str = "") -> None:
        super().__init__(text)
        self.day, self.activity = day, activity
