"""Small forms of the resident's private page."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from community.answers.models import MAX_COMMENT
from community.questions.forms import TextField


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "maxlength": MAX_COMMENT})


class WithdrawForm(forms.Form):
    reason = TextField(
        label=_("Why, if you want to say"),
        max_length=MAX_COMMENT,
        required=False,
        help_text=_("The moderator sees it and may tell the unit; the public never sees it."),
        widget=_area(3),
    )


class LanguageForm(forms.Form):
    language = forms.ChoiceField(label=_("Language of letters"), choices=settings.LANGUAGES)


class HelpedForm(forms.Form):
    helped = forms.TypedChoiceField(
        choices=[("yes", _("Yes")), ("no", _("No"))],
        coerce=lambda value: value == "yes",
        error_messages={
            "required": _("Say whether the answer helped."),
            "invalid_choice": _("Say whether the answer helped."),
        },
    )


class CommentForm(forms.Form):
    text = TextField(
        label=_("What was good or is missing"),
        max_length=MAX_COMMENT,
        required=False,
        help_text=_("The moderator sees it and may tell the unit; the public never sees it."),
        widget=_area(3),
    )


class ReopenForm(forms.Form):
    reason = TextField(
        label=_("What does the answer not say"),
        max_length=MAX_COMMENT,
        min_length=10,
        help_text=_("You can ask once. The moderator decides and writes to you."),
        widget=_area(4),
    )
