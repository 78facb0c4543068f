"""Filters of the log; they stand in the address."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.administration.activity import Wanted, people
from community.administration.activity_words import ACTORS, KINDS

_MOST = 2**31


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(
        label=label, required=False, widget=widget, input_formats=["%Y-%m-%d", "%d.%m.%Y"]
    )


class ActivityForm(forms.Form):
    """`wanted()` leaves out what cannot be read."""

    who = forms.ChoiceField(label=gettext_lazy("Who"), required=False)
    what = forms.ChoiceField(label=gettext_lazy("What about"), required=False)
    first = _day(gettext_lazy("From"))
    last = _day(gettext_lazy("To"))
    number = forms.IntegerField(
        label=gettext_lazy("Question №"), required=False, min_value=1, max_value=_MOST
    )
    before = forms.IntegerField(required=False, min_value=1, max_value=2**62)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everybody: list[tuple[str, Any]] = [("", _("all"))]
        kinds = [(str(kind), label) for kind, label in ACTORS.items()]
        self.fields["who"].choices = everybody + kinds + people()  # type: ignore[attr-defined] # Field has no choices in stubs
        self.fields["what"].choices = everybody + list(KINDS.items())  # type: ignore[attr-defined] # same

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        if first and last and first > last:
            self.add_error("last", _("The last day is before the first."))
        return data

    def wanted(self) -> Wanted:
        data = self.cleaned_data
        names = ("who", "what", "first", "last", "number", "before")
        return Wanted(**{name: data[name] for name in names if data.get(name)})
