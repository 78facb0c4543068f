"""Forms of units and of answers."""

import re
from typing import Any

from django import forms
from django.core.validators import MinLengthValidator, URLValidator
from django.utils.translation import gettext_lazy as _

from community.answers.actions.answering import MAX_LETTERS, Words
from community.answers.letters import MAX_BYTES as MAX_LETTER
from community.answers.letters import LetterRefused, Scan, check
from community.answers.models import Unit
from community.answers.states import LinkScope, UnitKind
from community.answers.unit_field import UnitField
from community.questions.forms import TextField, clean_address
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
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 300}),
    )
    next_step = TextField(
        label=_("What happens next and by when"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 500}),
    )

    def words(self) -> Words:
        data = self.cleaned_data
        return Words(text=data["text"], competence=data["competence"], next_step=data["next_step"])


class DraftForm(WordsForm):
    """The same while it is being written: nothing has to be there yet."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = False
        text = self.fields["text"]
        text.validators = [
            rule for rule in text.validators if not isinstance(rule, MinLengthValidator)
        ]


def _letter_input(accept: str, **more: Any) -> FilesInput:
    """One that shows what was chosen and adds to it (ask.js)."""
    return FilesInput(
        attrs={
            "accept": accept,
            "data-photos": "",
            "data-max-files": MAX_LETTERS,
            "data-max-bytes": MAX_LETTER,
            "data-text-remove": _("Remove"),
            "data-text-too-big": _("A file is larger than 10 MB."),
            "data-text-too-many": _("Up to 5 letters can be attached to an answer."),
            **more,
        }
    )


class AnswerForm(WordsForm):
    """The unit's own answer with letters: files, and pages of a paper letter by the camera."""

    letters = LettersField(
        label=_("Scanned letters"),
        required=False,
        help_text=_(
            "PDF or photos, up to 5, 10 MB each. The moderator sees them, the public does not."
        ),
        widget=_letter_input("application/pdf,image/jpeg,image/png,image/webp"),
    )
    camera = LettersField(
        label=_("Photograph a paper letter"),
        required=False,
        help_text=_("Opens the camera of a phone. Take every page, one after the other."),
        widget=_letter_input("image/jpeg", capture="environment"),
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        both = [*data.get("letters", []), *data.get("camera", [])]
        if len(both) > MAX_LETTERS:
            self.add_error("camera", _("Up to 5 letters can be attached to an answer."))
        return {**data, "letters": both}


class PassBackForm(forms.Form):
    reason = TextField(
        label=_("Why, and whose it may be"),
        max_length=1000,
        min_length=5,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


# Letters of any alphabet, and what stands between them in names.
_NAME = re.compile(r"[^\W\d_][^\W\d_ .'’\u02bc-]*(?:[ .'’\u02bc-]+[^\W\d_]+\.?)*")
_MAILBOX = re.compile(r"[a-z0-9.!#$%&*+/=?^_{|}~-]+@[a-z0-9.-]+", re.IGNORECASE)


class PassOnForm(forms.Form):
    """A colleague; `domain` is the mail domain of the unit."""

    name = forms.CharField(
        label=_("Colleague's name"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    email = forms.EmailField(
        label=_("Colleague's e-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    note = TextField(
        label=_("Note for the colleague"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 500}),
    )

    def __init__(self, *args: Any, domain: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if domain:
            self.fields["email"].help_text = _("An address that ends with @%(domain)s.") % {
                "domain": domain
            }

    def clean_name(self) -> str:
        """One line that is a name: it stands in a letter and on the page."""
        name = str(self.cleaned_data["name"])
        if not _NAME.fullmatch(name):
            raise forms.ValidationError(_("Write a name in letters, for example Olena Koval."))
        return name

    def clean_email(self) -> str:
        email = clean_address(str(self.cleaned_data["email"]))
        if not _MAILBOX.fullmatch(email):
            raise forms.ValidationError(_("Write an address such as name@example.com."))
        return email


class UnitForm(forms.ModelForm):  # type: ignore[type-arg] # generic only in stubs
    """A unit, its place in the tree, its contacts and what a resident needs to apply to it.

    `seen`: the mark of the values that the form was filled with.
    """

    kind = forms.ChoiceField(label=_("Kind"), choices=UnitKind.choices)
    name_uk = TextField(label=_("Name in Ukrainian"), max_length=160)
    name_en = TextField(label=_("Name in English"), max_length=160, required=False)
    parent = UnitField(
        "all",
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
    link_scope = forms.ChoiceField(
        label=_("The link in a letter opens"),
        choices=LinkScope.choices,
        required=False,
        help_text=_(
            "With all questions, whoever reads one letter of the unit can answer every open one."
        ),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Unit
        fields = [
            *("name_uk", "name_en", "kind", "parent", "email", "phone", "hours"),
            *("address", "how_to_apply", "web", "legal_basis", "link_scope"),
        ]
        labels = {"email": _("E-mail")}
        help_texts = {"email": _("Questions go here. Without it the unit cannot be chosen.")}

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"] or "").strip().lower()

    def clean_link_scope(self) -> str:
        return str(self.cleaned_data["link_scope"] or LinkScope.QUESTION)
