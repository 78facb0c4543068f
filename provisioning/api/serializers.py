"""What goes in and out. The document of the API is generated from these."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from bezpechne.kernel import clock
from bezpechne.kernel.logs import mask
from provisioning.gazetteer.places import Place
from provisioning.models import ProvisioningRun
from provisioning.provisioning import RESERVED
from tenants.models import SLUG_PATTERN, City
from tenants.states import CityState


class Strict(serializers.Serializer[Any]):
    """Refuses fields that it does not know: a misspelt launch date must not launch at once."""

    def to_internal_value(self, data: Any) -> Any:
        values = super().to_internal_value(data)
        unknown = set(data) - set(self.fields)
        if unknown:
            known = ", ".join(self.fields)
            raise serializers.ValidationError(
                {
                    name: [f"There is no such field. Known ones: {known}."]
                    for name in sorted(unknown)
                }
            )
        return values


class HromadaOut(serializers.Serializer[Place]):
    """A hromada, or Kyiv. `city` is the slug of its city on the platform, or null."""

    code = serializers.CharField(help_text="KATOTTG")
    name_uk = serializers.CharField(help_text="Adjective, as in the codifier")
    type_uk = serializers.CharField()
    centre_uk = serializers.CharField()
    centre_en = serializers.CharField()
    oblast_uk = serializers.CharField()
    raion_uk = serializers.CharField(help_text="Blank for Kyiv")
    slug = serializers.CharField(help_text="Proposal for the address")
    population = serializers.IntegerField(allow_null=True, help_text="Of the centre")
    point_known = serializers.SerializerMethodField(
        help_text="False: somebody has to place the centre before launch"
    )
    city = serializers.SerializerMethodField()

    def get_point_known(self, place: Place) -> bool:
        return place.lat is not None

    def get_city(self, place: Place) -> str | None:
        slug: str | None = self.context["cities"].get(place.code)
        return slug


class HromadaPage(serializers.Serializer[Any]):
    """`match` says how `items` were found: `exact` names, `nearest` names, or the whole `list`."""

    match = serializers.ChoiceField(["exact", "nearest", "list"])
    items = HromadaOut(many=True)
    next = serializers.URLField(allow_null=True)


class CentreOut(serializers.Serializer[City]):
    """WGS 84 degrees."""

    lat = serializers.FloatField(source="centre_lat")
    lon = serializers.FloatField(source="centre_lon")


class CityOut(serializers.Serializer[City]):
    """A city of the platform."""

    slug = serializers.CharField()
    name_uk = serializers.CharField()
    name_en = serializers.CharField()
    hromada = serializers.CharField(source="katottg", help_text="KATOTTG")
    state = serializers.ChoiceField(CityState.choices)
    launched = serializers.BooleanField(help_text="Open to the public today")
    launch_on = serializers.DateField(allow_null=True)
    trial_ends_on = serializers.DateField(allow_null=True)
    suspended_reason = serializers.CharField()
    centre = serializers.SerializerMethodField(help_text="Null: not placed yet")
    languages = serializers.ListField(child=serializers.CharField())
    url = serializers.SerializerMethodField(help_text="The city's site")
    created_at = serializers.DateTimeField()

    @extend_schema_field(CentreOut(allow_null=True))
    def get_centre(self, city: City) -> dict[str, float] | None:
        return CentreOut(city).data if city.centre else None

    @extend_schema_field(serializers.URLField)
    def get_url(self, city: City) -> str:
        url: str = self.context["urls"].get(city.pk, "")
        return url


class CityPage(serializers.Serializer[Any]):
    """By slug."""

    items = CityOut(many=True)
    next = serializers.URLField(allow_null=True)


class StepOut(serializers.Serializer[Any]):
    """One step of provisioning."""

    name = serializers.CharField()
    milliseconds = serializers.FloatField()


class RunOut(serializers.Serializer[ProvisioningRun]):
    """How a city was made. `way`: `claim` of a spare schema, `replay` of the script, or blank."""

    state = serializers.SerializerMethodField()
    way = serializers.CharField()
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    steps = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()

    def get_state(self, run: ProvisioningRun) -> str:
        if run.finished_at is None:
            return "unfinished"
        return "failed" if run.error else "done"

    @extend_schema_field(StepOut(many=True))
    def get_steps(self, run: ProvisioningRun) -> list[dict[str, Any]]:
        return [{"name": name, "milliseconds": took} for name, took in run.steps]

    def get_error(self, run: ProvisioningRun) -> str:
        return mask(run.error)


class ProblemField(serializers.Serializer[Any]):
    """What is wrong with one field."""

    field = serializers.CharField()
    detail = serializers.CharField()


class ProblemOut(serializers.Serializer[Any]):
    """RFC 9457. `errors` where fields have to be mended, `candidates` where a name is not one place."""

    type = serializers.URLField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = ProblemField(many=True, required=False)  # type: ignore[assignment] # a field here
    candidates = HromadaOut(many=True, required=False)
    city = serializers.CharField(required=False)


class ListQuery(serializers.Serializer[Any]):
    """Of a list, from the query."""

    after = serializers.CharField(
        max_length=60, default="", allow_blank=True, help_text="From `next`"
    )
    limit = serializers.IntegerField(
        min_value=1, max_value=200, default=50, help_text="Items of one answer, up to 200"
    )


class HromadasQuery(ListQuery):
    """Search by name, code or slug; without `q` the whole list."""

    q = serializers.CharField(
        max_length=120, default="", allow_blank=True, help_text="Name, KATOTTG code or slug"
    )
    oblast = serializers.CharField(
        max_length=60, default="", allow_blank=True, help_text="As in the codifier: Полтавська"
    )
    raion = serializers.CharField(
        max_length=60, default="", allow_blank=True, help_text="As in the codifier: Лубенський"
    )


class CitiesQuery(ListQuery):
    """Filter."""

    state = serializers.ChoiceField(CityState.choices, default="", allow_blank=True)


class NewCity(Strict):
    """A name that several hromadas have is answered with all of them: repeat with a code."""

    hromada = serializers.CharField(max_length=120, help_text="KATOTTG code or name")
    oblast = serializers.CharField(
        max_length=60, default="", allow_blank=True, help_text="As in the codifier: Полтавська"
    )
    slug = serializers.RegexField(
        SLUG_PATTERN,
        max_length=40,
        default="",
        allow_blank=True,
        error_messages={
            "invalid": "Small Latin letters and digits, words joined by single hyphens."
        },
    )
    admin_email = serializers.EmailField(
        default="", allow_blank=True, help_text="Gets the invitation to administer the city"
    )
    launch_on = serializers.DateField(
        allow_null=True, default=None, help_text="Opens on this day; without it at once"
    )
    trial_ends_on = serializers.DateField(
        allow_null=True, default=None, help_text="Makes it a trial"
    )

    def validate_slug(self, slug: str) -> str:
        if slug in RESERVED:
            raise serializers.ValidationError(f"“{slug}” is kept for the platform.")
        return slug

    def validate_trial_ends_on(self, day: Any) -> Any:
        if day is not None and day <= clock.today():
            raise serializers.ValidationError("A trial ends on a day to come.")
        return day


class LaunchBody(Strict):
    """Without `on` the city opens at once."""

    on = serializers.DateField(allow_null=True, default=None)


class SuspendBody(Strict):
    """Residents read the reason."""

    reason = serializers.CharField(max_length=500)


class ResumeBody(Strict):
    """Nothing to say."""


def api_url(path: str) -> str:
    """Links are made from BASE_URL, never from the Host header."""
    return f"{settings.BASE_URL}{path}"
