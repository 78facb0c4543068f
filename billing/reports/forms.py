"""Keeping a report, and making a link to one."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.reports.asking import read_month
from billing.reports.saved import LAST_DAY


class MonthField(forms.CharField):
    """A first day of a month, from «2026-05» or «05.2026»."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "month"}), max_length=10, **kwargs)

    def clean(self, value: Any) -> Any:
        month = read_month(str(super().clean(value)))
        if month is None:
            raise ValidationError(_("Enter a month as 2026-05."))
        return month


class KeepForm(forms.Form):
    """`query` is the address of the report on the page."""

    name = forms.CharField(label=gettext_lazy("Name of the report"), max_length=120)
    monthly_day = forms.TypedChoiceField(
        label=gettext_lazy("A letter each month"),
        choices=[
            (0, gettext_lazy("No letter")),
            *((day, day) for day in range(1, LAST_DAY + 1)),
        ],
        coerce=int,
        initial=0,
        help_text=gettext_lazy(
            "On this day you get a link to the report. Sums are never in the letter."
        ),
    )
    query = forms.CharField(widget=forms.HiddenInput, max_length=500, required=False)


class LinkForm(forms.Form):
    """Its payer or city comes from the report that it is made for."""

    label = forms.CharField(
        label=gettext_lazy("For whom"),
        max_length=120,
        help_text=gettext_lazy(
            "So that you know it again in the list: “Council, budget committee”."
        ),
    )
    first = MonthField(label=gettext_lazy("First month"))
    last = MonthField(label=gettext_lazy("Final month"))
    last_day = forms.DateField(
        label=gettext_lazy("Works until"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("A year from today at most."),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"), choices=[("uk", "Українська"), ("en", "English")]
    )
