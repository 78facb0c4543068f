"""The reason."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        min_length=5,
        max_length=500,
        help_text=_("The city reads it beside everything you do."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
