"""The one page of a new city: what was typed always comes back."""

from datetime import timedelta
from typing import Any, cast
from uuid import uuid4

from django import forms
from django.core.validators import URLValidator
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from bezpechne.kernel import clock
from community.questions.forms import TextField
from provisioning.city_templates.queries import proposed_for
from provisioning.gazetteer.war import occupation_of
from provisioning.models import CityTemplate, Hromada
from provisioning.provisioning import Area, Request, geography
from provisioning.wizard.slugs import free_slug, slug_problem
from tenants.fields import degrees
from tenants.geometry import Bounds
from tenants.models import City
from tenants.outlines import OutlineRefused, OwnOutline, read_outline
from tenants.places import CENTRE, SIDES, problem
from tenants.states import CityState
from tenants.versions import is_behind

PLACE = (*SIDES, *CENTRE)
GAZETTEER, OWN, NONE = "gazetteer", "own", "none"
TRIAL_DAYS = 90


class Day(forms.DateField):
    """A browser's own calendar."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(widget=widget, input_formats=["%Y-%m-%d"], **kwargs)


class CityForm(forms.Form):
    """After `is_valid()`: `area`, `notes` and `wanted()`.

    `outline_text` is an outline given earlier, in this form or as a file: it need not be given
    again. `fault` names what the operator may have put right (`outlines.SWAPPED`, `CROSSING`).
    """

    key = forms.UUIDField(widget=forms.HiddenInput)
    name_uk = TextField(label=gettext_lazy("Name in Ukrainian"), max_length=80)
    name_en = TextField(label=gettext_lazy("Name in English"), max_length=80)
    slug = TextField(label=gettext_lazy("Name in the address"), max_length=100)
    west, south, east, north = (degrees(side) for side in SIDES)
    centre_lat, centre_lon = degrees("centre_lat"), degrees("centre_lon")
    outline_from = forms.ChoiceField(label=gettext_lazy("Outline"), widget=forms.RadioSelect)
    outline_file = forms.FileField(
        label=gettext_lazy("GeoJSON file"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".geojson,.json,application/geo+json"}),
    )
    outline_text = forms.CharField(
        label=gettext_lazy("Or pasted here"),
        required=False,
        help_text=gettext_lazy("Up to 200 kB; a larger outline as a file."),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )
    swap_axes = forms.BooleanField(label=gettext_lazy("Turn the axes"), required=False)
    repair = forms.BooleanField(label=gettext_lazy("Mend the outline"), required=False)
    bounds_checked = forms.BooleanField(
        label=gettext_lazy("I have looked at the map: the bounds are right"), required=False
    )
    contact_email = forms.EmailField(
        label=gettext_lazy("Contact e-mail"),
        required=False,
        help_text=gettext_lazy("Shown to residents; letters are answered there."),
    )
    contact_phone = TextField(label=gettext_lazy("Contact phone"), max_length=40, required=False)
    police_site_url = forms.URLField(
        label=gettext_lazy("Page of the police that links to this site"),
        required=False,
        assume_scheme="https",
        validators=[URLValidator(["http", "https"])],
    )
    admin_name = TextField(
        label=gettext_lazy("Administrator's name"), max_length=120, required=False
    )
    admin_email = forms.EmailField(
        label=gettext_lazy("Administrator's e-mail"),
        required=False,
        help_text=gettext_lazy("The invitation goes there at once. May wait."),
    )
    launch_on = Day(
        label=gettext_lazy("Launch date"),
        required=False,
        help_text=gettext_lazy("Until then visitors see “opening soon”. Empty: open at once."),
    )
    state = forms.ChoiceField(
        label=gettext_lazy("How it begins"),
        choices=[
            (CityState.TRIAL, gettext_lazy("On trial, until a date")),
            (CityState.ACTIVE, gettext_lazy("Paid for, without an end")),
            (CityState.DRAFT, gettext_lazy("As a draft: staff prepare, the public sees nothing")),
        ],
        widget=forms.RadioSelect,
    )
    trial_ends_on = Day(
        label=gettext_lazy("The trial ends on"),
        error_messages={"required": gettext_lazy("Give the last day of the trial.")},
    )
    template = forms.ChoiceField(
        label=gettext_lazy("Template"),
        help_text=gettext_lazy("Topics, units and texts that the city starts with."),
    )
    like = TextField(
        label=gettext_lazy("Or with the settings of a city"),
        required=False,
        max_length=80,
        help_text=gettext_lazy(
            "Its name or its name in the address. Topics, units and texts are taken, "
            "never contacts, people or questions."
        ),
        widget=forms.TextInput(attrs={"list": "living-cities", "autocomplete": "off"}),
    )
    occupied_ok = forms.BooleanField(
        label=gettext_lazy("Yes, make a city here: I know whether the hromada is occupied"),
        required=False,
    )

    def __init__(self, *args: Any, hromada: Hromada, kept_outline: str = "", **kwargs: Any) -> None:
        self.hromada, self.kept_outline = hromada, kept_outline
        kwargs["initial"] = {**self._proposed(), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        on_trial = not self.is_bound or self.data.get("state") == CityState.TRIAL
        self.fields["trial_ends_on"].required = on_trial
        self.fault = ""
        self.area: Area | None = None
        self.own: OwnOutline | None = None
        self.notes: list[str] = []
        self._city: City | None = None
        self.fields["slug"].widget.attrs |= {
            "hx-get": reverse("platform:new_city_slug"),
            "hx-trigger": "input changed delay:300ms",
            "hx-target": "#slug-state",
            "autocomplete": "off",
            "spellcheck": "false",
        }
        english = get_language() == "en"
        self._choices("template").choices = [
            (code, en if english else uk)
            for code, uk, en in CityTemplate.objects.values_list("code", "name_uk", "name_en")
        ]
        self._choices("outline_from").choices = [
            *([(GAZETTEER, _("From the gazetteer"))] if hromada.outline else []),
            (OWN, _("My own (GeoJSON)")),
            (NONE, _("None: the box of the bounds")),
        ]

    def _choices(self, name: str) -> forms.ChoiceField:
        return cast(forms.ChoiceField, self.fields[name])

    def _proposed(self) -> dict[str, Any]:
        place = geography(self.hromada)
        return {
            "key": uuid4(),
            "name_uk": self.hromada.centre_uk,
            "name_en": self.hromada.centre_en,
            "slug": free_slug(self.hromada.slug),
            **{name: place.get(name) for name in PLACE},
            "outline_from": GAZETTEER if self.hromada.outline else NONE,
            "state": CityState.TRIAL,
            "trial_ends_on": clock.today() + timedelta(days=TRIAL_DAYS),
            "template": proposed_for(self.hromada),
        }

    @property
    def asks_about_war(self) -> bool:
        return bool(occupation_of(self.hromada.code))

    # --- One field ------------------------------------------------------------------------------

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if problem := slug_problem(slug):
            raise forms.ValidationError(problem)
        return slug

    def clean_admin_email(self) -> str:
        return str(self.cleaned_data["admin_email"]).lower()

    def clean_occupied_ok(self) -> bool:
        if self.asks_about_war and not self.cleaned_data["occupied_ok"]:
            raise forms.ValidationError(_("Say yes if a city shall be made here."))
        return bool(self.cleaned_data["occupied_ok"])

    def clean_launch_on(self) -> Any:
        day = self.cleaned_data["launch_on"]
        if day and day < clock.today():
            raise forms.ValidationError(_("This day is past. Leave it empty to open at once."))
        return day

    def clean_like(self) -> str:
        name: str = self.cleaned_data["like"]
        if not name:
            return ""
        cities = City.objects.filter(slug=name.lower()) or City.objects.filter(name_uk__iexact=name)
        if len(cities) != 1:
            raise forms.ValidationError(
                _("No city here is called so. Give its name in the address, for example poltava.")
                if not cities
                else _("Several cities are called so. Give the name in the address.")
            )
        if is_behind(cities[0]):
            raise forms.ValidationError(_("This city waits for its update. Try again later."))
        self._city = cities[0]
        return name

    # --- Together -------------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self._check_trial(data)
        self._read_outline(data)
        if not self.errors.keys() & {*PLACE, "outline_text", "outline_from"}:
            self._place(data)
        return data

    def _check_trial(self, data: dict[str, Any]) -> None:
        if data.get("state") != CityState.TRIAL:
            data["trial_ends_on"] = None
        elif data.get("trial_ends_on") and data["trial_ends_on"] <= clock.today():
            self.add_error("trial_ends_on", _("A trial ends in the future."))

    def _read_outline(self, data: dict[str, Any]) -> None:
        if data.get("outline_from") != OWN:
            return
        try:
            self.own = read_outline(
                self.kept_outline,
                swap=bool(data.get("swap_axes")),
                repair=bool(data.get("repair")),
            )
        except OutlineRefused as refusal:
            self.fault = refusal.kind
            self.add_error("outline_text", str(refusal))
        else:
            self.notes += self.own.notes

    def _place(self, data: dict[str, Any]) -> None:
        """Bounds, centre and outline together; nothing at all where nobody knows the place."""
        given = [data.get(name) for name in PLACE]
        untouched = all(data.get(side) == self.initial.get(side) for side in SIDES)
        if self.own and untouched:
            given[:4] = [getattr(self.own.bounds, side) for side in SIDES]
        if self.own and given[4:] == [None, None]:
            given[4:] = list(self.own.inside)
        if given == [None] * len(PLACE) and self.hromada.lat is None:
            self.notes.append(_("Nobody has placed the centre: the city's staff will be asked."))
            return
        missing = [name for name, value in zip(PLACE, given, strict=True) if value is None]
        for name in missing:
            self.add_error(name, _("Give this number too, or drag the map's handles."))
        if missing:
            return
        west, south, east, north, lat, lon = (float(value or 0) for value in given)
        if found := problem(dict(zip(PLACE, given, strict=True))):
            self.add_error(*found)
        else:
            self._take(Bounds(west, south, east, north), (lat, lon), data)

    def _take(self, bounds: Bounds, centre: tuple[float, float], data: dict[str, Any]) -> None:
        source = data.get("outline_from")
        outline = self.hromada.outline if source == GAZETTEER else None
        outline = self.own.geometry if self.own else outline
        self.area = Area(bounds=bounds, centre=centre, outline=outline)
        if self.own and not _holds(bounds, self.own.bounds):
            self.notes.append(_("The bounds cut off a part of the outline: nobody can ask there."))
        lat, lon = self.hromada.lat, self.hromada.lon
        if lat is not None and lon is not None and not bounds.contains(lat, lon):
            self.notes.append(
                _("The centre of the hromada in the gazetteer is outside the bounds.")
            )

    def wanted(self) -> Request:
        """What provisioning is asked for."""
        data = self.cleaned_data
        return Request(
            hromada=self.hromada,
            area=self.area,
            key=str(data["key"]),
            like=self._city,
            **{
                name: data[name]
                for name in (
                    *("name_uk", "name_en", "slug", "admin_email", "admin_name", "state"),
                    *("contact_email", "contact_phone", "police_site_url"),
                    *("launch_on", "trial_ends_on", "template", "bounds_checked"),
                )
            },
        )


def _holds(outer: Bounds, inner: Bounds) -> bool:
    return (
        outer.west <= inner.west
        and outer.south <= inner.south
        and outer.east >= inner.east
        and outer.north >= inner.north
    )
