"""Form fields for a place in Ukraine."""

from django import forms
from django.utils.translation import gettext_lazy

from tenants.geometry import UKRAINE

_LABELS = {
    "west": gettext_lazy("West"),
    "south": gettext_lazy("South"),
    "east": gettext_lazy("East"),
    "north": gettext_lazy("North"),
    "centre_lat": gettext_lazy("Latitude of the centre"),
    "centre_lon": gettext_lazy("Longitude of the centre"),
}


def degrees(name: str, *, required: bool = False) -> forms.FloatField:
    """A side of the bounds or a coordinate of the centre, by its name in `tenants.places`."""
    lon = name in {"west", "east", "centre_lon"}
    return forms.FloatField(
        label=_LABELS[name],
        required=required,
        min_value=UKRAINE[0] if lon else UKRAINE[1],
        max_value=UKRAINE[2] if lon else UKRAINE[3],
        widget=forms.NumberInput(attrs={"step": "0.00001", "inputmode": "decimal"}),
    )
