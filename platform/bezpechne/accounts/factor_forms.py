"""Forms of the second factor."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bezpechne.accounts.models import User
from bezpechne.kernel import throttle

# Letters in a browser's answer: a real one has about two thousand.
MOST_CREDENTIAL = 20_000


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


class EnrolForm(AppCodeForm):
    """With `user`, whose session goes on, the password too: a stolen session sets nothing up."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ["code", "password"]

    def __init__(self, *args: Any, user: User | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if user is None:
            del self.fields["password"]

    def clean_password(self) -> str:
        """Within the limits of sign-in: it is the same guess."""
        assert self.user is not None  # noqa: S101 - the field is gone otherwise
        given: str = self.cleaned_data["password"]
        wait = throttle.turn("own_password", str(self.user.pk), throttle.growing(5))
        if wait > throttle.NO_WAIT:
            raise forms.ValidationError(
                _("Too many attempts. Try again in %(wait)s."),
                params={"wait": throttle.in_words(wait)},
            )
        if not self.user.check_password(given):
            raise forms.ValidationError(_("The password is not right."))
        throttle.forget("own_password", str(self.user.pk))
        return given


class PasskeyName(forms.Form):
    name = forms.CharField(
        label=_("Name of the passkey"),
        max_length=60,
        help_text=_("So that you know it in the list: “Work laptop”, “Key on the ring”."),
    )


class CredentialField(forms.JSONField):
    """What the browser answered; checked by `passkeys`."""

    def __init__(self) -> None:
        super().__init__(widget=forms.HiddenInput)

    def to_python(self, value: Any) -> Any:
        """Raises ValidationError for what is no object, or longer than any answer."""
        if isinstance(value, str) and len(value) > MOST_CREDENTIAL:
            raise forms.ValidationError(_("This is no passkey."))
        try:
            found = super().to_python(value)
        except RecursionError as error:
            raise forms.ValidationError(_("This is no passkey.")) from error
        if found is not None and not isinstance(found, dict):
            raise forms.ValidationError(_("This is no passkey."))
        return found


class AddPasskeyForm(PasskeyName):
    credential = CredentialField()


class UsePasskeyForm(forms.Form):
    credential = CredentialField()


class CodeForm(forms.Form):
    code = CodeField(_("Code"), _("Six digits from the app, or one of your recovery codes."))


class ReplaceForm(forms.Form):
    """The new app shows that it has the secret, the old one that the person may."""

    new_code = CodeField(_("Code from the new app"))
    code = CodeField(
        _("Code from the old app"), _("No longer have it? One of your recovery codes does too.")
    )
