"""Fields and forms that all pages about money use."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.errors import LedgerRefused

_BLANKS = re.compile(r"[\s'\u2019]")


class MoneyField(forms.DecimalField):
    """«1 234,56», «1234.56» or «1 234»; blanks group, a comma or a point parts kopiykas."""

    widget = forms.TextInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_digits": 12, "decimal_places": 2, "localize": False, **kwargs})
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def to_python(self, value: Any) -> Any:
        text = _BLANKS.sub("", str(value or "")).replace(",", ".")
        if text and not re.fullmatch(r"-?\d+(\.\d+)?", text, re.ASCII):
            raise ValidationError(_("This is no sum. Write it like 1234,56."))
        return super().to_python(text)


class DayField(forms.DateField):
    """A day, by the browser's own calendar."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(widget=widget, input_formats=["%Y-%m-%d", "%d.%m.%Y"], **kwargs)

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        if day and not 2010 <= day.year <= 2100:
            raise ValidationError(_("This year is too far away."))
        return day


class RowField(forms.ModelChoiceField):  # type: ignore[type-arg] # generic only in stubs
    """A choice among rows that `MoneyForm.offer` gives; `named` says what each is called."""

    def __init__(self, *, named: Callable[[Any], str], **kwargs: Any) -> None:
        super().__init__(queryset=None, **kwargs)
        self.named = named

    def label_from_instance(self, obj: Any) -> str:
        return self.named(obj)


class MoneyForm(forms.Form):
    """A form whose action may refuse: the sentence goes to the field that it is about."""

    def offer(self, name: str, rows: "models.QuerySet[Any]") -> None:
        """The rows that a RowField chooses among."""
        cast(RowField, self.fields[name]).queryset = rows

    def refuse(self, refusal: LedgerRefused) -> None:
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.sentence)


class ReasonForm(MoneyForm):
    """What cannot be undone without a trace asks why."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Stays in the history."),
    )
