"""Forms of hours: a day or a month as a grid of days and activities."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bezpechne.kernel.activities import Activity
from community.questions.forms import TextField
from community.timesheet.actions.writing import Days, Work
from community.timesheet.models import DAY, MAX_NOTE, QUARTER, WorkEntry
from community.timesheet.states import TimesheetRefused
from community.timesheet.suggestions import Days as Suggested
from community.timesheet.suggestions import Suggestion
from community.timesheet.wording import hours_text, minutes_from


class HoursField(forms.CharField):
    """Quarters of an hour as minutes; None for a blank and for 0. What was typed comes back."""

    def __init__(self, label: str, activity: Activity) -> None:
        self.activity = activity
        # The table's head and the row's head say the same to the eye.
        attrs = {"inputmode": "decimal", "autocomplete": "off", "aria-label": label}
        super().__init__(label=label, required=False, max_length=12, widget=forms.TextInput(attrs))

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        minutes = minutes_from(text)
        if minutes is None or minutes % QUARTER:
            raise ValidationError(
                _("Give hours in quarters: 0.25, 0.5, 1.75 or 1:45."), code="quarters"
            )
        if minutes > DAY:
            raise ValidationError(_("A day has 24 hours."), code="day")
        return minutes or None


@dataclass(frozen=True)
class DayRow:
    """A line of the grid. `minutes`: what is stored for the day."""

    day: date
    cells: list[forms.BoundField]
    notes: list[forms.BoundField]
    minutes: int
    suggested: list[tuple[Activity, Suggestion]]

    @property
    def is_weekend(self) -> bool:
        return self.day.weekday() > 4

    @property
    def lines(self) -> Iterator[tuple[Activity, forms.BoundField, forms.BoundField]]:
        """Hours and note of each activity, for a page of one day."""
        return zip(Activity, self.cells, self.notes, strict=True)


class HoursForm(forms.Form):
    """Hours of some days. `use`: blank days begin with what the product suggests, until saved."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        days: Iterable[date],
        entries: Iterable[WorkEntry],
        version: int,
        suggested: Suggested,
        use: bool = False,
        notes: bool = False,
    ) -> None:
        self.days, self.suggested, self.with_notes = list(days), suggested, notes
        self.known = {(entry.day, entry.activity): entry for entry in entries}
        super().__init__(data, initial={"seen": version})
        for day in self.days:
            self._add(day, use)

    def _add(self, day: date, use: bool) -> None:
        blank = not any((day, activity) in self.known for activity in Activity.values)
        hints = self.suggested.get(day, {}) if use and blank else {}
        for activity in Activity:
            name, entry = f"{day}_{activity}", self.known.get((day, activity))
            told = {"day": date_format(day, "j E"), "activity": activity.label}
            self.fields[name] = HoursField(_("%(day)s, %(activity)s") % told, activity)
            minutes = entry.minutes if entry else getattr(hints.get(activity), "minutes", 0)
            self.initial[name] = hours_text(minutes) if minutes else ""
            if self.with_notes:
                self.fields[f"{name}_note"] = TextField(
                    label=gettext_lazy("Note"), max_length=MAX_NOTE, required=False
                )
                self.initial[f"{name}_note"] = entry.note if entry else ""

    @cached_property
    def rows(self) -> list[DayRow]:
        return [
            DayRow(
                day,
                [self[f"{day}_{activity}"] for activity in Activity],
                [self[f"{day}_{activity}_note"] for activity in Activity if self.with_notes],
                sum(
                    self.known[day, activity].minutes
                    for activity in Activity
                    if (day, activity) in self.known
                ),
                self._hints(day),
            )
            for day in self.days
        ]

    def _hints(self, day: date) -> list[tuple[Activity, Suggestion]]:
        hints = self.suggested.get(day, {})
        return [(activity, hints[activity]) for activity in Activity if activity in hints]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for day in self.days:
            if sum(data.get(f"{day}_{activity}") or 0 for activity in Activity) > DAY:
                self.add_error(f"{day}_{Activity.values[0]}", _("A day has 24 hours."))
            for activity in Activity if self.with_notes else ():
                name = f"{day}_{activity}"
                if data.get(f"{name}_note") and not data.get(name) and name not in self.errors:
                    self.add_error(name, _("A note belongs to hours. Give the hours too."))
        return data

    @property
    def work(self) -> Days:
        """Of the days that were sent: one that the page did not have stays as it is."""
        data = self.cleaned_data
        return {
            day: {
                activity: Work(
                    data[f"{day}_{activity}"],
                    data[f"{day}_{activity}_note"] if self.with_notes else None,
                )
                for activity in Activity.values
                if data[f"{day}_{activity}"]
            }
            for day in self.days
            if any(f"{day}_{activity}" in self.data for activity in Activity.values)
        }

    def refuse(self, refusal: TimesheetRefused) -> None:
        """Puts what an action said where it is to be mended."""
        name = f"{refusal.day}_{refusal.activity or Activity.values[0]}"
        self.add_error(name if name in self.fields else None, str(refusal))


class ReasonForm(forms.Form):
    """The person reads it on the month's page."""

    reason = TextField(
        label=gettext_lazy("Reason"),
        max_length=1000,
        min_length=5,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
