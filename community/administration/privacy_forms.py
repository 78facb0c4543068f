"""The form of the privacy notice."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from community.questions.actions.privacy import FIELDS
from community.questions.forms import TextField


def _text(label: Any, most: int, rows: int) -> TextField:
    widget = forms.Textarea(attrs={"rows": rows, "maxlength": most})
    return TextField(label=label, max_length=most, required=False, widget=widget)


class PrivacyForm(forms.Form):
    """`seen`: the mark of the values that the form was filled with."""

    controller = TextField(
        label=_("Controller"),
        max_length=200,
        help_text=_("The council or the organisation that decides about personal data here."),
    )
    controller_code = forms.RegexField(
        r"^\d{8}$",
        label=_("EDRPOU code"),
        required=False,
        error_messages={"invalid": _("The code has 8 digits.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    address = TextField(label=_("Address"), max_length=300)
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    officer = TextField(
        label=_("Responsible person"),
        max_length=200,
        required=False,
        help_text=_("A position is enough; a name is shown to everybody."),
    )
    months_kept = forms.IntegerField(
        label=_("Months that name and e-mail are kept after closing"),
        min_value=1,
        max_value=60,
        help_text=_("Then they are deleted by themselves and cannot be brought back."),
    )
    log_months = forms.IntegerField(label=_("Months that logs are kept"), min_value=1, max_value=36)
    consent_uk = _text(_("Beside the tick, in Ukrainian"), 300, 2)
    consent_en = _text(_("Beside the tick, in English"), 300, 2)
    more_uk = _text(_("What the city adds, in Ukrainian"), 3000, 5)
    more_en = _text(_("What the city adds, in English"), 3000, 5)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in FIELDS}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for name in ("consent", "more"):
            if bool(data.get(f"{name}_uk")) != bool(data.get(f"{name}_en")):
                lacking = f"{name}_en" if data.get(f"{name}_uk") else f"{name}_uk"
                self.add_error(lacking, _("The site is in both languages: give this text too."))
        return data
