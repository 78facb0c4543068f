"""Forms of the desk."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bezpechne.accounts.models import User
from bezpechne.accounts.permissions import CITY_ROLES, Role
from community.answers.forms import AnswerForm, WordsForm
from community.answers.states import Channel
from community.answers.unit_field import UnitField
from community.desk.finding import known
from community.desk.models import MAX_NOTE, MAX_PHRASE, Phrase, PhraseKind, Reminders
from community.desk.phrases import problems
from community.questions.actions.moderating import Public, version_of
from community.questions.forms import TextField, TopicField
from community.questions.models import MAX_TEXT, Question, Topic
from community.questions.words import number_in
from tenants.current import current_city

ROLE_CHOICES = [(role.value, role.label) for role in Role if role in CITY_ROLES]


class PublicForm(forms.Form):
    """What the public will see; what the resident wrote stays beside it."""

    topic = TopicField()
    text = TextField(
        label=_("Text for the public"),
        max_length=MAX_TEXT,
        min_length=5,
        widget=forms.Textarea(attrs={"rows": 8, "maxlength": MAX_TEXT}),
    )
    place = TextField(label=_("Place in words"), max_length=160, required=False)
    lat = forms.FloatField(widget=forms.HiddenInput)
    lon = forms.FloatField(widget=forms.HiddenInput)
    # What was shown when the form was opened.
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    photos: Any = forms.ModelMultipleChoiceField(
        queryset=None, required=False, label=_("Photos that the public may see")
    )

    def __init__(self, *args: Any, question: Question, **kwargs: Any) -> None:
        photos = question.photos.all()
        kwargs["initial"] = {
            "topic": question.topic,
            "text": question.public_text or question.text,
            "place": question.public_place or question.place,
            "lat": question.lat,
            "lon": question.lon,
            "seen": version_of(question),
            "photos": [photo.pk for photo in photos if photo.is_public],
        }
        super().__init__(*args, **kwargs)
        self.fields["photos"].queryset = photos  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        lat, lon = data.get("lat"), data.get("lon")
        if lat is None or lon is None or not current_city().shape.contains(lat, lon):
            self.add_error("place", _("This point is outside the city. Move the pin."))
        return data

    def public(self) -> Public:
        data = self.cleaned_data
        return Public(
            text=data["text"],
            place=data["place"],
            topic=data["topic"],
            point=(data["lat"], data["lon"]),
            photos=[photo.pk for photo in data["photos"]],
        )


class ReasonForm(forms.Form):
    """A reason in words; who reads it is said by the page."""

    reason = TextField(
        label=_("Reason"),
        max_length=1000,
        min_length=5,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class QuestionTopicForm(forms.Form):
    topic = TopicField()


class AskBackForm(forms.Form):
    text = TextField(
        label=_("What the resident should make clear"),
        max_length=1000,
        min_length=5,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class RouteForm(forms.Form):
    # The liaison first and chosen.
    unit = UnitField("to_route", label=_("Unit"), empty_label=None)
    note = TextField(
        label=_("Note for the unit"),
        max_length=500,
        required=False,
        help_text=_("Only the unit reads it."),
    )


class FilterUnitForm(forms.Form):
    """Whose questions a list shows."""

    unit = UnitField(
        "active", label=_("Unit"), required=False, empty_label=pgettext_lazy("units", "all")
    )


class BulkUnitForm(forms.Form):
    """Where the ticked questions go."""

    unit = UnitField("to_route", label=_("Unit"), empty_label=None)


class EnterForm(AnswerForm):
    """An answer that came by phone or on paper."""

    unit = UnitField("active", label=_("Unit"))
    channel = forms.ChoiceField(
        label=_("How it came"),
        choices=[(choice.value, choice.label) for choice in (Channel.PHONE, Channel.PAPER)],
        widget=forms.RadioSelect,
    )
    field_order = ["unit", "channel", "text", "competence", "next_step", "letters"]


class PublishAnswerForm(WordsForm):
    """`seen` is the moment of the answer that the desk had before it."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean_seen(self) -> datetime | None:
        return parse_datetime(self.cleaned_data["seen"]) if self.cleaned_data["seen"] else None


class CorrectForm(WordsForm):
    """A published answer corrected in sight of whoever reads it."""

    note = TextField(
        label=_("What was corrected"),
        max_length=300,
        min_length=5,
        help_text=_("Whoever reads the answer sees this note with today's date."),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    field_order = ["text", "competence", "next_step", "note"]


class NoteForm(forms.Form):
    submit_key = forms.UUIDField(widget=forms.HiddenInput)
    text = TextField(
        label=_("Note for colleagues"),
        max_length=MAX_NOTE,
        min_length=2,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {}).setdefault("submit_key", uuid4())
        super().__init__(*args, **kwargs)


class JoinForm(forms.Form):
    """The other question by its number, as people write it."""

    number = TextField(
        label=_("Number of the question that says the same"),
        max_length=24,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def clean_number(self) -> Question:
        number = number_in(self.cleaned_data["number"])
        found = known().filter(pk=number).first() if number is not None else None
        if found is None:
            raise forms.ValidationError(_("There is no such question here. Check the number."))
        return found


class PhraseForm(forms.ModelForm):  # type: ignore[type-arg] # generic only in stubs
    """A phrase; placeholders that its kind does not know are named."""

    kind = forms.ChoiceField(label=_("Where it is used"), choices=PhraseKind.choices)
    topic = forms.ModelChoiceField(
        Topic.objects.all(),
        label=_("Topic"),
        required=False,
        empty_label=pgettext_lazy("topics", "all"),
        help_text=_("For questions on it the phrase is offered first, for others further down."),
    )
    title = TextField(
        label=_("Short title"), max_length=80, help_text=_("You choose by it. Nobody else sees it.")
    )
    text_uk = TextField(
        label=_("Text in Ukrainian"),
        max_length=MAX_PHRASE,
        min_length=5,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    text_en = TextField(
        label=_("Text in English"),
        max_length=MAX_PHRASE,
        required=False,
        help_text=_("For residents who write in English. Blank: they get the Ukrainian one."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Phrase
        fields = ["kind", "topic", "title", "text_uk", "text_en"]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for field in ("text_uk", "text_en"):
            for sentence in problems(data.get(field) or "", data.get("kind", "")):
                self.add_error(field, sentence)
        same = Phrase.objects.filter(kind=data.get("kind"), title=data.get("title"))
        if same.exclude(pk=self.instance.pk).exists():
            self.add_error("title", _("There is a phrase with this title. Choose another one."))
        return data


class RemindersForm(forms.ModelForm):  # type: ignore[type-arg] # generic only in stubs
    """Which letters one person wants."""

    at_once = forms.BooleanField(
        label=_("At once when something urgent comes"),
        required=False,
        help_text=_("A question that is marked as happening now or has words of an emergency."),
    )
    daily = forms.BooleanField(
        label=_("Once a day: what waits"),
        required=False,
        help_text=_("No letter on a day when nothing waits."),
    )
    hour = forms.TypedChoiceField(
        label=_("When"),
        choices=[(hour, f"{hour}:00") for hour in range(24)],
        coerce=int,
        initial=9,
    )
    working_days = forms.BooleanField(label=_("Only from Monday to Friday"), required=False)

    class Meta:
        model = Reminders
        fields = ["at_once", "daily", "hour", "working_days"]


class InviteForm(forms.Form):
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    name = TextField(label=_("Name"), max_length=120, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=ROLE_CHOICES, initial=Role.MODERATOR)

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).strip().lower()
        if User.objects.filter(email=email, is_active=True).exists():
            raise forms.ValidationError(_("This address already has an account here."))
        return email
