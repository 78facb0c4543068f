"""The form of one step of a city's life."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from provisioning.life_steps import Step
from provisioning.names import same_name
from tenants.models import City

_DAY_FORMATS = ["%Y-%m-%d", "%d.%m.%Y"]


def _day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=widget,
        input_formats=_DAY_FORMATS,
    )


class StepForm(forms.Form):
    """Has only the fields that the step names. `expected` is `life.seen` of the page."""

    expected = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    on = _day(
        gettext_lazy("Launch day"),
        required=False,
        help_text=gettext_lazy("Blank: the city opens today."),
    )
    until = _day(gettext_lazy("Last day of the trial"))
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        help_text=gettext_lazy("Residents read it where they would ask."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    note = forms.CharField(
        label=gettext_lazy("Why"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("For the journal; no names."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    name = forms.CharField(
        label=gettext_lazy("Name of the city"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, step: Step, city: City) -> None:
        super().__init__(data, prefix=step.code)
        self.city = city
        for field in set(self.fields) - {"expected", *step.fields}:
            del self.fields[field]
        if "name" in self.fields:
            self.fields["name"].help_text = _("To confirm, type: %(name)s") % {"name": city.name_uk}

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if not same_name(name, self.city.name_uk):
            raise forms.ValidationError(
                _("This is another name. Type “%(name)s”.") % {"name": self.city.name_uk}
            )
        return name
