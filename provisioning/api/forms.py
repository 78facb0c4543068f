"""The operator's form for a new token."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from provisioning.api.tokens import DAYS
from provisioning.models import Scope


class TokenForm(forms.Form):
    """Which program, what it may do, for how long."""

    name = forms.CharField(
        label=_("Program"),
        max_length=60,
        help_text=_("Which program will use it, for example “Register of Poltava oblast”."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose what the token may do.")},
    )
    days = forms.TypedChoiceField(
        label=_("Valid for"),
        coerce=int,
        choices=[
            (days, ngettext_lazy("%(n)s day", "%(n)s days", "n") % {"n": days}) for days in DAYS
        ],
        initial=90,
    )
