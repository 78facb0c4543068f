"""Forms of the second factor."""

from django import forms
from django.utils.translation import gettext_lazy as _


class CodeField(forms.CharField):
    """Digits of an app or a recovery code; spaces and dashes do not matter."""

    def __init__(self, label: object, help_text: object = "") -> None:
        super().__init__(
            label=label,  # type: ignore[arg-type] # a lazy string
            help_text=help_text,  # type: ignore[arg-type] # same
            max_length=40,
            widget=forms.TextInput(
                attrs={
                    "inputmode": "numeric",
                    "autocomplete": "one-time-code",
                    "class": "input-code input-code--long",
                    "autocapitalize": "off",
                    "spellcheck": "false",
                }
            ),
        )


class AppCodeForm(forms.Form):
    """Shows that the app has the secret."""

    code = CodeField(
        _("Code from the app"), _("Six digits; the app changes them every 30 seconds.")
    )


class CodeForm(forms.Form):
    code = CodeField(_("Code"), _("Six digits from the app, or one of your recovery codes."))


class ReplaceForm(forms.Form):
    """The new app shows that it has the secret, the old one that the person may."""

    new_code = CodeField(_("Code from the new app"))
    code = CodeField(
        _("Code from the old app"), _("No longer have it? One of your recovery codes does too.")
    )
