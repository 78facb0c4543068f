"""A person's month and the hours in it, in minutes: whole quarters of an hour."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import ExtractDay
from django.db.models.lookups import Exact, LessThanOrEqual

from bezpechne.accounts.models import User
from bezpechne.kernel import clock
from bezpechne.kernel.activities import Activity
from community.timesheet.states import SheetState

QUARTER = 15
DAY = 24 * 60
MAX_NOTE = 200


class KyivDate(models.Func):
    """Day of Kyiv's calendar of a moment."""

    template = "(%(expressions)s AT TIME ZONE 'Europe/Kyiv')::date"
    output_field = models.DateField()


def person_key() -> "models.ForeignKey[User, User]":
    """Accounts are closed and never deleted; on the platform's host there is no table to look in.

    The unique constraints begin with it: an index of its own would be one more.
    """
    return models.ForeignKey(User, on_delete=models.DO_NOTHING, related_name="+", db_index=False)


class Timesheet(models.Model):
    """One month of one person. No row: nothing was ever written.

    `version` rises with each change, so that nobody approves or overwrites what they did not see.
    """

    person = person_key()
    month = models.DateField()
    state = models.CharField(max_length=10, choices=SheetState.choices, default=SheetState.OPEN)
    version = models.PositiveIntegerField(default=0)
    submitted_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    # Why the administrator gave it back; blank once it is submitted again.
    return_reason = models.TextField(blank=True)

    class Meta:
        db_table = "timesheet_month"
        ordering = ["-month", "id"]
        constraints = [
            models.UniqueConstraint(fields=["person", "month"], name="timesheet_month_once"),
            models.CheckConstraint(
                name="timesheet_month_first_day", condition=Exact(ExtractDay("month"), 1)
            ),
            # Knows the states too: another one fits nowhere.
            models.CheckConstraint(
                name="timesheet_month_state_dated",
                condition=Q(state="open")
                | Q(state="submitted", submitted_at__isnull=False)
                | Q(state__in=["approved", "closed"], approved_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["month", "state"], name="timesheet_month_state"),
        ]

    def __str__(self) -> str:
        return f"timesheet {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state == SheetState.OPEN


class WorkEntry(models.Model):
    """What a person did of one activity on one day. Its month is the day's: nothing else says so."""

    person = person_key()
    day = models.DateField()
    activity = models.CharField(max_length=20, choices=Activity.choices)
    minutes = models.PositiveSmallIntegerField()
    note = models.CharField(max_length=MAX_NOTE, blank=True)
    written_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "timesheet_entry"
        ordering = ["day", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "day", "activity"], name="timesheet_entry_once"
            ),
            models.CheckConstraint(
                name="timesheet_entry_activity_known", condition=Q(activity__in=Activity.values)
            ),
            models.CheckConstraint(
                name="timesheet_entry_minutes", condition=Q(minutes__gt=0, minutes__lte=DAY)
            ),
            models.CheckConstraint(
                name="timesheet_entry_quarters", condition=Exact(F("minutes") % QUARTER, 0)
            ),
            # A day of Kyiv's calendar that had begun when it was written down.
            models.CheckConstraint(
                name="timesheet_entry_not_ahead",
                condition=LessThanOrEqual(F("day"), KyivDate("written_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"work entry {self.pk}"
