"""Forms of the desk."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from bezpechne.accounts.models import User
from bezpechne.accounts.permissions import CITY_ROLES, Role
from community.answers.forms import AnswerForm, WordsForm
from community.answers.models import Unit
from community.answers.queries import units_to_route
from community.answers.states import Channel
from community.questions.actions.moderating import Public
from community.questions.forms import TextField, TopicField
from community.questions.models import MAX_TEXT, Question
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


class AskBackForm(forms.Form):
    text = TextField(
        label=_("What the resident should make clear"),
        max_length=1000,
        min_length=5,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class RouteForm(forms.Form):
    # The liaison first and chosen; a queryset is read anew for each form.
    unit = forms.ModelChoiceField(units_to_route(), label=_("Unit"), empty_label=None)
    note = TextField(
        label=_("Note for the unit"),
        max_length=500,
        required=False,
        help_text=_("Only the unit reads it."),
    )


class EnterForm(AnswerForm):
    """An answer that came by phone or on paper."""

    unit = forms.ModelChoiceField(queryset=Unit.objects.filter(is_active=True), label=_("Unit"))
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
    """A published answer corrected in sight of the public."""

    note = TextField(
        label=_("What was corrected"),
        max_length=300,
        min_length=5,
        help_text=_("The public sees this note with today's date."),
    )
    field_order = ["text", "competence", "next_step", "note"]


class InviteForm(forms.Form):
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    name = TextField(label=_("Name"), max_length=120, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=ROLE_CHOICES, initial=Role.MODERATOR)

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).strip().lower()
        if User.objects.filter(email=email, is_active=True).exists():
            raise forms.ValidationError(_("This address already has an account here."))
        return email
