"""Forms of units and of answers."""

from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from bezpechne.kernel.images import MAX_BYTES
from community.answers.actions.answering import MAX_LETTERS, Words
from community.answers.letters import LetterRefused, Scan, check
from community.answers.models import Unit
from community.answers.states import UnitKind
from community.questions.forms import TextField
from community.questions.models import MAX_TEXT


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class LettersField(forms.FileField):
    """Several scanned letters, each checked by content."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Scan]:
        files = [file for file in (data or []) if file]
        if len(files) > MAX_LETTERS:
            raise forms.ValidationError(_("Up to 5 letters can be attached to an answer."))
        scans = []
        for file in files:
            try:
                scans.append(check(super().clean(file)))
            except LetterRefused as refusal:
                raise forms.ValidationError(f"{file.name}: {refusal}") from refusal
        return scans


class WordsForm(forms.Form):
    """What an answer says; `words()` after validation."""

    text = TextField(
        label=_("Answer"),
        max_length=MAX_TEXT,
        min_length=10,
        help_text=_("Plain words: what was found out, what was or will be done."),
        widget=forms.Textarea(attrs={"rows": 8, "maxlength": MAX_TEXT}),
    )
    competence = TextField(
        label=_("Who is responsible"),
        max_length=300,
        required=False,
        help_text=_("The body that decides about it, if it is not you."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    next_step = TextField(
        label=_("What happens next and by when"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def words(self) -> Words:
        data = self.cleaned_data
        return Words(text=data["text"], competence=data["competence"], next_step=data["next_step"])


class AnswerForm(WordsForm):
    """The unit's own answer with letters."""

    letters = LettersField(
        label=_("Scanned letters"),
        required=False,
        help_text=_("PDF or JPEG, up to 10 MB each. The moderator sees them, the public does not."),
        widget=FilesInput(attrs={"accept": "application/pdf,image/jpeg", "data-max": MAX_BYTES}),
    )


class PassBackForm(forms.Form):
    reason = TextField(
        label=_("Why, and whose it may be"),
        max_length=1000,
        min_length=5,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class UnitForm(forms.ModelForm):  # type: ignore[type-arg] # generic only in stubs
    """A unit, its place in the tree, its contacts and what a resident needs to apply to it.

    `seen`: the mark of the values that the form was filled with.
    """

    kind = forms.ChoiceField(label=_("Kind"), choices=UnitKind.choices)
    name_uk = TextField(label=_("Name in Ukrainian"), max_length=160)
    name_en = TextField(label=_("Name in English"), max_length=160, required=False)
    parent = forms.ModelChoiceField(
        Unit.objects.all(),
        label=_("Part of"),
        required=False,
        empty_label=_("Of nothing above it"),
    )
    phone = TextField(label=_("Phone"), max_length=40, required=False)
    hours = TextField(label=_("Working hours"), max_length=120, required=False)
    address = TextField(label=_("Address"), max_length=200, required=False)
    how_to_apply = TextField(
        label=_("How to apply"),
        max_length=1000,
        required=False,
        help_text=_("What a resident brings or writes when applying there in person."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    web = forms.URLField(
        label=_("Web page"),
        max_length=200,
        required=False,
        assume_scheme="https",
        validators=[URLValidator(["http", "https"])],
    )
    legal_basis = TextField(
        label=_("Legal basis"),
        max_length=300,
        required=False,
        help_text=_("The law or the statute that makes it competent."),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Unit
        fields = [
            *("name_uk", "name_en", "kind", "parent", "email", "phone", "hours"),
            *("address", "how_to_apply", "web", "legal_basis"),
        ]
        labels = {"email": _("E-mail")}
        help_texts = {"email": _("Questions go here. Without it the unit cannot be chosen.")}

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"] or "").strip().lower()
