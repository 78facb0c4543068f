"""Forms of the city's place."""

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenants.fields import degrees
from tenants.models import City
from tenants.outlines import MAX_BYTES, OutlineRefused, OwnOutline, read_outline
from tenants.places import CENTRE, SIDES, ZOOMS, problem, values_of
from tenants.states import Basemap

# Characters; requests without a file are smaller than 256 kB.
MAX_PASTED = 150_000


class PlaceForm(forms.Form):
    """`values()` for `tenants.actions.place`."""

    west, south, east, north = (degrees(side, required=True) for side in SIDES)
    centre_lat, centre_lon = (degrees(name, required=True) for name in CENTRE)
    zoom = forms.TypedChoiceField(
        label=gettext_lazy("How near the map opens"),
        choices=[(zoom, format_lazy(gettext_lazy("{zoom} of 16"), zoom=zoom)) for zoom in ZOOMS],
        coerce=int,
        help_text=gettext_lazy("12 shows a city of 20 km; a larger number is nearer."),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, city: City, **kwargs: Any) -> None:
        kwargs.setdefault("initial", values_of(city))
        super().__init__(*args, **kwargs)

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in (*SIDES, *CENTRE, "zoom")}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and (found := problem(data)):
            self.add_error(*found)
        return data


class BasemapForm(forms.Form):
    """What lies under the pins."""

    basemap = forms.ChoiceField(
        label=gettext_lazy("The map is by"), choices=Basemap.choices, widget=forms.RadioSelect
    )


class OutlineForm(forms.Form):
    """`own` after `is_valid()`; `fault` names what the administrator may have put right.

    `text`: what was sent, as a file or pasted, so that it need not be chosen again.
    """

    outline_file = forms.FileField(
        label=gettext_lazy("GeoJSON file"),
        required=False,
        help_text=gettext_lazy("Up to 1 MB and 20,000 points; one polygon or multipolygon."),
        widget=forms.FileInput(attrs={"accept": ".geojson,.json,application/geo+json"}),
    )
    outline_text = forms.CharField(
        label=gettext_lazy("Or pasted here"),
        required=False,
        max_length=MAX_PASTED,
        help_text=gettext_lazy("Up to 150 kB; a larger outline as a file."),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )
    swap_axes = forms.BooleanField(label=gettext_lazy("Turn the axes"), required=False)
    repair = forms.BooleanField(label=gettext_lazy("Mend the outline"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fault = ""
        self.text = ""
        self.own: OwnOutline | None = None

    @property
    def keeps_text(self) -> bool:
        """Whether a file that may be put right fits into the page; else it is chosen again."""
        return bool(self.fault) and len(self.text) <= MAX_PASTED

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if self.errors:
            return data
        try:
            self.text = self._text(data)
            self.own = read_outline(self.text, swap=data["swap_axes"], repair=data["repair"])
        except OutlineRefused as refusal:
            self.fault = refusal.kind
            self.add_error("outline_file", str(refusal))
        return data

    def _text(self, data: dict[str, Any]) -> str:
        file = data.get("outline_file")
        if not file:
            return str(data.get("outline_text") or "")
        content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise OutlineRefused(_("The outline is larger than 1 MB. Simplify it and try again."))
        try:
            return str(content.decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise OutlineRefused(_("This is not GeoJSON.")) from None
