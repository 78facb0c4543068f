"""The form of a question. What was typed always comes back; photos that came with it are kept."""

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from community.questions.consent import in_force
from community.questions.models import MAX_TEXT, Topic
from tenants.current import current_city

MOST_TYPED = 200

# Marks that turn the direction of text and hide what follows; emoji joiners stay.
_INVISIBLE = dict.fromkeys(
    [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C, 0xFEFF], None
)
_CONTROL = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127], None)


def clean_text(text: str) -> str:
    """Line ends made equal; control characters and direction marks removed."""
    if text.isprintable():  # a table of units has 350,000 cells
        return text.strip()
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.translate(_CONTROL).translate(_INVISIBLE).strip()


def typed(text: str) -> str:
    """What somebody typed, as PostgreSQL can look for it."""
    return " ".join(clean_text(text.replace("\x00", "")).split())[:MOST_TYPED]


class TextField(forms.CharField):
    """Free text, cleaned of what people do not see."""

    def to_python(self, value: Any) -> str:
        return clean_text(super().to_python(value) or "")


class TopicSelect(forms.Select):
    """Marks private topics, so that the page can say at once what a choice means."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if getattr(getattr(value, "instance", None), "is_private", False):
            option["attrs"]["data-private"] = True
        return option


class TopicField(forms.ModelChoiceField):  # type: ignore[type-arg] # generic only in stubs
    """A topic by its code."""

    widget = TopicSelect

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            Topic.objects.filter(is_active=True),
            to_field_name="code",
            label=_("Topic"),
            empty_label=_("Choose a topic"),
            error_messages={"required": _("Choose what it is about.")},
            **kwargs,
        )

    def label_from_instance(self, obj: Topic) -> str:
        if obj.is_private:
            return _("%(topic)s – not published") % {"topic": obj.name}
        return obj.name


class UUIDsField(forms.Field):
    """A list of keys; what is not a key is dropped."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[UUID]:
        keys = []
        for text in value or []:
            try:
                keys.append(UUID(str(text)))
            except ValueError:
                continue
        return keys


def clean_address(address: str) -> str:
    """Lower case; a bare network address is no mailbox of a resident."""
    if "[" in address:
        raise forms.ValidationError(_("Write an address such as name@example.com."))
    return address.strip().lower()


class AskForm(forms.Form):
    """Four short steps on one page: is it happening now, where, what, who."""

    submit_key = forms.UUIDField(widget=forms.HiddenInput)
    happening_now = forms.TypedChoiceField(
        label=_("Is it happening right now?"),
        choices=[("no", _("No, it can wait")), ("yes", _("Yes, right now"))],
        coerce=lambda value: value == "yes",
        error_messages={"required": _("Say whether it is happening right now.")},
        widget=forms.RadioSelect,
    )
    lat = forms.FloatField(widget=forms.HiddenInput, required=False, min_value=-90, max_value=90)
    lon = forms.FloatField(widget=forms.HiddenInput, required=False, min_value=-180, max_value=180)
    place = TextField(
        label=_("Place in words"),
        max_length=160,
        required=False,
        help_text=_("A street and a building, or what is near. No flat numbers."),
    )
    topic = TopicField()
    text = TextField(
        label=_("Your question"),
        max_length=MAX_TEXT,
        min_length=15,
        help_text=_("What is going on, since when, what you want to know. No names or phones."),
        widget=forms.Textarea(attrs={"rows": 7, "maxlength": MAX_TEXT}),
    )
    name = TextField(
        label=_("Your name"),
        max_length=80,
        help_text=_("The public never sees it."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        help_text=_("For confirmation and for the answer. The public never sees it."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    share_name = forms.BooleanField(
        label=_("The unit that answers may see my name"), required=False
    )
    consent = forms.BooleanField(
        label=_("I agree to the processing of my name and e-mail to answer this question"),
        error_messages={"required": _("Without your consent we cannot write to you.")},
    )
    emergency_seen = forms.BooleanField(required=False, widget=forms.HiddenInput)
    # Keys of photos that are here already, in the resident's order, and those to remove.
    photo = UUIDsField(required=False)
    remove_photo = UUIDsField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {}).setdefault("submit_key", uuid4())
        super().__init__(*args, **kwargs)
        self.privacy = in_force()
        codes = Topic.objects.filter(is_active=True, is_private=True).values_list("code", flat=True)
        # What the page says of each topic, to be sent back with the form.
        self.private_topics = " ".join(codes) or "-"
        if codes:
            self.fields["topic"].help_text = _(
                "Only the moderator and the body that answers read what is marked “not published”."
            )
        if self.privacy.consent:
            self.fields["consent"].label = self.privacy.consent

    def clean_email(self) -> str:
        return clean_address(str(self.cleaned_data["email"]))

    def clean_consent(self) -> bool:
        """What was read is what is agreed to: a notice changed meanwhile is read again."""
        read = self.data.get("consent_version")
        if read and read != self.privacy.version:
            raise forms.ValidationError(
                _("The terms have changed meanwhile. Read them and tick again.")
            )
        return bool(self.cleaned_data["consent"])

    def clean_topic(self) -> Topic:
        """What was promised is what happens: a topic opened or closed meanwhile is chosen again."""
        topic: Topic = self.cleaned_data["topic"]
        told = self.data.get("private_topics")
        if told and topic.is_private != (topic.code in told.split()):
            raise forms.ValidationError(
                _("This topic has just become private: nobody else will read it. Send it again.")
                if topic.is_private
                else _("This topic has just been opened to everybody. Look, and send it again.")
            )
        return topic

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        lat, lon = data.get("lat"), data.get("lon")
        for hidden in ("lat", "lon"):
            self.errors.pop(hidden, None)
        centre = current_city().centre
        data["point_is_rough"] = lat is None or lon is None
        if lat is not None and lon is not None:
            data["point"] = (lat, lon)
            if not current_city().shape.contains(lat, lon):
                self.add_error("place", _("This point is outside the city. Move the pin."))
        elif data.get("place") and centre:
            # No scripts, no map: the words are enough, the desk puts the pin.
            data["point"] = centre
        else:
            self.add_error("place", _("Put the pin on the map, or write the place in words."))
        return data


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code from the e-mail"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "class": "input-code"}
        ),
    )


class AddressForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )

    def clean_email(self) -> str:
        return clean_address(str(self.cleaned_data["email"]))


class ReplyForm(forms.Form):
    text = TextField(
        label=_("Your reply"),
        max_length=MAX_TEXT,
        min_length=2,
        widget=forms.Textarea(attrs={"rows": 5, "maxlength": MAX_TEXT}),
    )
