"""Who goes, who comes, and why."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bezpechne.accounts.models import User

NOBODY = 0


class AdministratorForm(forms.Form):
    """`leaving` is chosen from the administrators of now; nobody is chosen beforehand."""

    leaving = forms.TypedChoiceField(
        label=_("Who is gone"),
        coerce=int,
        widget=forms.RadioSelect,
    )
    email = forms.EmailField(
        label=_("E-mail of the new administrator"),
        max_length=254,
        help_text=_("The person gets a link, which works for 7 days, and chooses a password."),
    )
    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    reason = forms.CharField(
        label=_("Reason"),
        min_length=5,
        max_length=500,
        help_text=_("Who asked for it and how you know. The city reads it in its history."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, administrators: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not administrators:
            del self.fields["leaving"]
            return
        field = self.fields["leaving"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101 - declared above
        field.choices = [
            *((user.pk, f"{user.name} ({user.email})") for user in administrators),
            (NOBODY, _("Nobody: one more administrator")),
        ]

    def clean_leaving(self) -> int | None:
        return self.cleaned_data["leaving"] or None


class FactorForm(forms.Form):
    """Whose second factor is lost; chosen from the administrators who have one."""

    # Beside the other form of the page, which has a reason too.
    prefix = "factor"

    account = forms.TypedChoiceField(label=_("Whose"), coerce=int, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"),
        min_length=5,
        max_length=500,
        help_text=_("Who asked for it and how you know. The city reads it in its history."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, administrators: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["account"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101 - declared above
        field.choices = [(user.pk, f"{user.name} ({user.email})") for user in administrators]
