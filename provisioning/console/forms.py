"""Forms of the console and of the landing page."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from bezpechne.kernel import clock
from community.questions.forms import TextField, clean_address
from provisioning.console.models import Audience, RequestState
from tenants.models import City
from tenants.states import Basemap


class LimitsForm(forms.Form):
    storage_limit_mb = forms.IntegerField(
        label=_("Storage, MB"),
        required=False,
        min_value=1,
        max_value=10_000_000,
        help_text=format_lazy(
            _("Blank: {most}, the platform's default."), most=settings.CITY_STORAGE_MB
        ),
    )
    mails_a_day = forms.IntegerField(
        label=_("E-mails a day"),
        required=False,
        min_value=1,
        max_value=1_000_000,
        help_text=format_lazy(
            _("Blank: {most}, the platform's default."), most=settings.CITY_MAILS_A_DAY
        ),
    )
    reason = TextField(
        label=_("Reason"),
        max_length=300,
        help_text=_("The city's administrators see it in their history."),
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 300}),
    )


class BasemapForm(forms.Form):
    basemap = forms.ChoiceField(
        label=_("Map under the pins"), choices=Basemap.choices, widget=forms.RadioSelect
    )
    reason = TextField(
        label=_("Reason"),
        max_length=300,
        help_text=_("The city's administrators see it in their history."),
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 300}),
    )

    def clean_basemap(self) -> str:
        """Google's without a key would be OpenStreetMap's under another name."""
        value: str = self.cleaned_data["basemap"]
        if value == Basemap.GOOGLE and not settings.GOOGLE_MAPS_KEY:
            raise forms.ValidationError(
                _("This installation has no key for Google's map. Set GOOGLE_MAPS_KEY first.")
            )
        return value


class JoinForm(forms.Form):
    place = TextField(
        label=_("City or hromada"),
        max_length=120,
        help_text=_("As you call it, with the oblast if there are several of that name."),
    )
    organisation = TextField(
        label=_("Organisation"),
        max_length=200,
        help_text=_("City council, police department, NGO."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    name = TextField(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = TextField(
        label=_("Phone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    message = TextField(
        label=_("Message"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": 2000}),
    )
    # People never see it; programs that fill in everything do.
    website = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )
    consent = forms.BooleanField(
        label=_("I agree to the processing of my name, e-mail and phone to answer this request"),
        error_messages={"required": _("Without your consent we cannot write to you.")},
    )

    def clean_email(self) -> str:
        return clean_address(str(self.cleaned_data["email"]))


class RequestForm(forms.Form):
    state = forms.ChoiceField(label=_("State"), choices=RequestState.choices)
    note = TextField(
        label=_("Note"),
        max_length=2000,
        required=False,
        help_text=_("For operators. Erased together with the names."),
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": 2000}),
    )


_MOMENT = "%Y-%m-%dT%H:%M"


class MomentField(forms.DateTimeField):
    """Day and hour of Kyiv."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_MOMENT)
        super().__init__(widget=widget, input_formats=[_MOMENT, "%Y-%m-%d %H:%M"], **kwargs)


def _next_hour() -> datetime:
    return clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


class AnnouncementForm(forms.Form):
    text_uk = TextField(
        label=_("Text in Ukrainian"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 300}),
    )
    text_en = TextField(
        label=_("Text in English"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 300}),
    )
    starts_at = MomentField(label=_("From"), initial=clock.now)
    ends_at = MomentField(label=_("Until"), initial=_next_hour)
    audience = forms.ChoiceField(
        label=_("Who sees it"),
        choices=Audience.choices,
        initial=Audience.STAFF,
        widget=forms.RadioSelect,
    )
    slugs = TextField(
        label=_("In which cities"),
        max_length=2000,
        required=False,
        help_text=_(
            "Addresses of cities with spaces between, for example “poltava ternopil”. Blank: in all."
        ),
    )

    def clean_slugs(self) -> list[str]:
        wanted = str(self.cleaned_data["slugs"]).lower().replace(",", " ").split()
        known = set(City.objects.filter(slug__in=wanted).values_list("slug", flat=True))
        unknown = [slug for slug in wanted if slug not in known]
        if unknown:
            raise forms.ValidationError(
                _("There is no city with the address “%(slug)s”."), params={"slug": unknown[0]}
            )
        return sorted(known)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        since, until = data.get("starts_at"), data.get("ends_at")
        if since and until and until <= since:
            self.add_error("ends_at", _("The end must be later than the beginning."))
        elif until and until <= clock.now():
            self.add_error("ends_at", _("This is in the past already."))
        return data
