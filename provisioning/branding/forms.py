"""The form of a city's branding; every refusal says what would pass."""

import re
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.validators import RegexValidator
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bezpechne.kernel.images import ImageRefused
from bezpechne.kernel.logos import Logo, process
from tenants.colours import DARK, HEX, LEAST, LIGHT, dark_twin, nearest, worst
from tenants.models import City
from tenants.wording import LANGUAGES, TEXTS

LABELS = {
    "tagline": gettext_lazy("Line at the foot of every page"),
    "ask_hint": gettext_lazy("Above the form that asks"),
    "about": gettext_lazy("About the city's service"),
    "contacts": gettext_lazy("Contacts: address, hours"),
    "curtain": gettext_lazy("Before the launch"),
    "closing_note": gettext_lazy("Where questions are not taken"),
}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_PHONE = RegexValidator(
    r"^[+(]?\d[\d ()+,;–-]{2,38}$",
    gettext_lazy("Write it as +380 44 123 45 67; several numbers divided by commas."),
)


def _colour(label: Any, **more: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"type": "color"})
    return forms.CharField(label=label, max_length=7, widget=widget, **more)


class BrandingForm(forms.Form):
    """`fresh` is a logo that came with this sending; `values` what would be published."""

    logo = forms.FileField(
        label=gettext_lazy("Logo"),
        required=False,
        help_text=gettext_lazy(
            "PNG, WebP or JPEG up to 2 MB; a transparent ground stays transparent."
        ),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    no_logo = forms.BooleanField(
        label=gettext_lazy("Without a logo: the platform's mark"), required=False
    )
    accent_light = _colour(
        gettext_lazy("Accent colour"),
        help_text=gettext_lazy("Buttons, links and what is chosen."),
    )
    own_dark = forms.BooleanField(
        label=gettext_lazy("Another colour for the dark theme"),
        required=False,
        help_text=gettext_lazy("Otherwise it is computed: the same hue, lighter."),
    )
    accent_dark = _colour(gettext_lazy("Accent colour, dark theme"), required=False)
    english = forms.BooleanField(label=gettext_lazy("The site is in English too"), required=False)
    contact_email = forms.EmailField(
        label=gettext_lazy("E-mail for residents"),
        required=False,
        help_text=gettext_lazy("Public: replies to letters come here."),
    )
    contact_phone = forms.CharField(
        label=gettext_lazy("Phone for residents"),
        required=False,
        max_length=40,
        validators=[_PHONE],
    )
    police_site_url = forms.CharField(
        label=gettext_lazy("Site of the police"),
        required=False,
        max_length=200,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, city: City, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.city = city
        self.fresh: Logo | None = None
        for key, text in TEXTS.items():
            for language in LANGUAGES:
                self.fields[f"{key}_{language}"] = forms.CharField(
                    label=LABELS[key],
                    required=False,
                    max_length=text.limit,
                    widget=forms.Textarea(
                        attrs={"rows": text.lines, "maxlength": text.limit, "lang": language}
                    ),
                )

    @staticmethod
    def of(city: City) -> dict[str, Any]:
        """Initial values."""
        texts = {
            f"{key}_{language}": city.wording.get(key, {}).get(language, "")
            for key in TEXTS
            for language in LANGUAGES
        }
        return {
            "accent_light": city.accent_light,
            "accent_dark": city.accent_dark,
            "own_dark": city.accent_dark.upper() != dark_twin(city.accent_light),
            "english": "en" in city.languages,
            "contact_email": city.contact_email,
            "contact_phone": city.contact_phone,
            "police_site_url": city.police_site_url,
            **texts,
        }

    @property
    def texts(self) -> list[dict[str, Any]]:
        """The texts by key with a box for each language, for the page."""
        return [
            {
                "label": LABELS[key],
                "limit": TEXTS[key].limit,
                "boxes": [(code, self[f"{key}_{code}"]) for code in LANGUAGES],
            }
            for key in TEXTS
        ]

    def clean_logo(self) -> None:
        file = self.cleaned_data["logo"]
        if not file:
            return
        try:
            self.fresh = process(file, file.size)
        except ImageRefused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def clean_accent_light(self) -> str:
        return self._readable(self.cleaned_data["accent_light"], LIGHT)

    def clean_accent_dark(self) -> str:
        if self.cleaned_data.get("own_dark"):
            return self._readable(self.cleaned_data["accent_dark"], DARK)
        light = self.cleaned_data.get("accent_light")
        return dark_twin(light) if light else ""

    @staticmethod
    def _readable(colour: str, theme: str) -> str:
        if not HEX.fullmatch(colour):
            raise forms.ValidationError(_("Write the colour as #0B57A4."))
        found = worst(colour, theme)
        if not found.passes:
            raise forms.ValidationError(
                _(
                    "It is hard to read: contrast %(ratio)s : 1, and %(least)s : 1 is needed. The nearest colour that passes: %(colour)s."
                ),
                params={
                    "ratio": number_format(found.ratio, 2),
                    "least": number_format(LEAST),
                    "colour": nearest(colour, theme),
                },
                code=f"contrast-{theme}",
            )
        return colour.upper()

    def offer(self, theme: str) -> str:
        """The nearest colour that passes, where the typed one does not."""
        name = f"accent_{theme}"
        codes = {error.code for error in self.errors.as_data().get(name, [])}
        return nearest(self.data[name], theme) if f"contrast-{theme}" in codes else ""

    def clean_police_site_url(self) -> str:
        text: str = self.cleaned_data["police_site_url"].strip()
        if not text:
            return ""
        if "://" not in text:
            text = f"https://{text}"
        if not _is_site(text):
            raise forms.ValidationError(
                _(
                    "Give the address of a site as https://patrolpolice.gov.ua: with https, a name, no password."
                )
            )
        return text

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for key in TEXTS:
            for language in LANGUAGES:
                name = f"{key}_{language}"
                data[name] = _CONTROL.sub("", data.get(name, "").replace("\r\n", "\n")).strip()
        return data

    def values(self, logo: str) -> dict[str, Any]:
        """What would be published, with the logo that the view found."""
        data = self.cleaned_data
        wording = {
            key: {code: data[f"{key}_{code}"] for code in LANGUAGES if data[f"{key}_{code}"]}
            for key in TEXTS
        }
        names = ("accent_light", "accent_dark", "contact_email", "contact_phone", "police_site_url")
        return {
            **{name: data[name] for name in names},
            "logo": logo,
            "languages": LANGUAGES if data["english"] else LANGUAGES[:1],
            "wording": {key: said for key, said in wording.items() if said},
        }


def _is_site(text: str) -> bool:
    """A public https address without a password; the site itself is not asked."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme != "https" or parts.username or parts.password or port not in {None, 443}:
        return False
    try:
        ip_address(host)
    except ValueError:
        return bool(re.fullmatch(r"(?:[\w-]{1,63}\.)+[\w-]{2,63}", host)) and not re.search(
            r"[\s\x00-\x1f\"<>\\]", text
        )
    return False
