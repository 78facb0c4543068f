"""The city row and its domains, in `public`."""

from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import get_language
from django_tenants.models import DomainMixin, TenantMixin

from bezpechne.kernel import clock
from tenants.geometry import Bounds, Outline
from tenants.states import ASKING, CLOSED, VISIBLE, Basemap, CityState

SLUG_PATTERN = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"


def both_languages() -> list[str]:
    """Default of City.languages: the first is the one at `/`."""
    return ["uk", "en"]


class City(TenantMixin):
    """One tenant. Coordinates are WGS 84 degrees; `outline` is a GeoJSON geometry or None.

    A city whose centre is None has no trusted point yet: its staff are asked to place it.
    """

    auto_create_schema = False  # provisioning creates schemas, in its own transaction
    auto_drop_schema = False

    name_uk = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    katottg = models.CharField(max_length=19)
    slug = models.CharField(max_length=40, validators=[RegexValidator(SLUG_PATTERN)])
    state = models.CharField(max_length=12, choices=CityState.choices, default=CityState.ACTIVE)
    # Where a suspended city returns to.
    resume_state = models.CharField(max_length=12, choices=CityState.choices, blank=True)
    suspended_reason = models.TextField(blank=True)
    trial_ends_on = models.DateField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    # The day from which an archived city may be deleted; None while nobody asked for it.
    deletion_on = models.DateField(null=True, blank=True)
    exported_at = models.DateTimeField(null=True, blank=True)
    export_sha256 = models.CharField(max_length=64, blank=True)
    # Fingerprint of the migrations that the city's schema has (tenants.versions).
    schema_version = models.CharField(max_length=16, blank=True)
    migrated_at = models.DateTimeField(null=True, blank=True)
    migration_error = models.TextField(blank=True)
    # The provisioning template that gave the defaults.
    template_code = models.CharField(max_length=40, blank=True)
    west = models.FloatField(null=True, blank=True)
    south = models.FloatField(null=True, blank=True)
    east = models.FloatField(null=True, blank=True)
    north = models.FloatField(null=True, blank=True)
    centre_lat = models.FloatField(null=True, blank=True)
    centre_lon = models.FloatField(null=True, blank=True)
    zoom = models.PositiveSmallIntegerField(default=12)
    outline = models.JSONField(null=True, blank=True)
    time_zone = models.CharField(max_length=40, default="Europe/Kyiv")
    launch_on = models.DateField(null=True, blank=True)
    accent_light = models.CharField(
        max_length=7, default="#0B57A4", validators=[RegexValidator(r"^#[0-9A-Fa-f]{6}$")]
    )
    accent_dark = models.CharField(
        max_length=7, default="#7DB8F5", validators=[RegexValidator(r"^#[0-9A-Fa-f]{6}$")]
    )
    contact_email = models.EmailField(blank=True)
    contact_phone = models.CharField(max_length=40, blank=True)
    # Name of the file in the city's own storage; blank: the platform's mark.
    logo = models.CharField(max_length=120, blank=True)
    police_site_url = models.URLField(blank=True)
    languages = models.JSONField(default=both_languages)
    # Texts that a city says in its own words, by key and language; absent: the platform's.
    wording = models.JSONField(default=dict, blank=True)
    # None: the platform's default (settings.CITY_STORAGE_MB, CITY_MAILS_A_DAY).
    storage_limit_mb = models.PositiveIntegerField(null=True, blank=True)
    mails_a_day = models.PositiveIntegerField(null=True, blank=True)
    basemap = models.CharField(max_length=10, choices=Basemap.choices, default=Basemap.OSM)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "tenants_city"
        constraints = [
            models.UniqueConstraint(fields=["slug"], name="tenants_city_slug_unique"),
            models.UniqueConstraint(fields=["katottg"], name="tenants_city_katottg_unique"),
            models.CheckConstraint(
                name="tenants_city_bounds_order",
                condition=models.Q(west=None)
                | models.Q(west__lt=models.F("east"), south__lt=models.F("north")),
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)  # type: ignore[no-untyped-call] # django-tenants has no types

    @property
    def name(self) -> str:
        """Name in the language in force."""
        return self.name_en if get_language() == "en" else self.name_uk

    @property
    def site_name(self) -> str:
        """«Безпечне · Полтава»."""
        return f"Безпечне · {self.name}" if get_language() != "en" else f"Bezpechne · {self.name}"

    @property
    def launched(self) -> bool:
        """Open to the public; by the calendar of Kyiv. A draft or an archived city never is."""
        opened = self.launch_on is None or self.launch_on <= clock.today()
        return opened and self.state in VISIBLE

    @property
    def days_to_launch(self) -> int:
        """Whole days left, 0 once launched."""
        return max(0, ((self.launch_on or date.min) - clock.today()).days)

    @property
    def takes_questions(self) -> bool:
        return self.state in ASKING

    @property
    def is_closed(self) -> bool:
        """Archived or being deleted: no visitor, no e-mail, no periodic work."""
        return self.state in CLOSED

    @property
    def is_listed(self) -> bool:
        """Named to the public: a draft and a closed city are not."""
        return self.state in VISIBLE

    @property
    def bounds(self) -> Bounds | None:
        """The box, or None while nobody has drawn it."""
        if None in {self.west, self.south, self.east, self.north}:
            return None
        return Bounds(self.west or 0, self.south or 0, self.east or 0, self.north or 0)

    @property
    def centre(self) -> tuple[float, float] | None:
        """Latitude and longitude, or None while nobody trusts a point."""
        if self.centre_lat is None or self.centre_lon is None:
            return None
        return self.centre_lat, self.centre_lon

    @cached_property
    def shape(self) -> Outline:
        """Answers whether a point is inside; kept with the cached row."""
        return Outline(self.outline, self.bounds)


class SchemaVersion(models.Model):
    """One set of migrations that a city's schema may have, under its fingerprint."""

    fingerprint = models.CharField(max_length=16, primary_key=True)
    # [["accounts", "0001_initial"], …]
    migrations = models.JSONField()

    class Meta:
        db_table = "tenants_schema_version"

    def __str__(self) -> str:
        return self.fingerprint


class MapSession(models.Model):
    """A session of Google's map for a language (tenants.basemaps); shared by all cities."""

    language = models.CharField(max_length=2, primary_key=True)
    session = models.TextField(blank=True)
    expires_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    # Why the last attempt failed; blank when it did not.
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "tenants_map_session"

    def __str__(self) -> str:
        return self.language


class Domain(DomainMixin):
    """A host name of a city, without scheme and port.

    One that is not primary redirects to the primary one. One that is not verified yet is not
    served: its owner has not shown that the name is theirs.
    """

    verified_at = models.DateTimeField(null=True, blank=True, default=clock.now)
    # What the owner puts into a TXT record; blank for the platform's own subdomains.
    token = models.CharField(max_length=64, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    check_error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "tenants_domain"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant"],
                name="tenants_domain_one_primary",
                condition=models.Q(is_primary=True),
            )
        ]

    def __str__(self) -> str:
        return str(self.domain)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.domain = self.domain.strip().lower()
        super().save(*args, **kwargs)  # type: ignore[no-untyped-call] # django-tenants has no types

    @property
    def url(self) -> str:
        """Scheme and port come from BASE_URL: behind one server all hosts share them."""
        base = urlsplit(settings.BASE_URL)
        return f"{base.scheme}://{self.domain}" + (f":{base.port}" if base.port else "")


class Geography(models.Model):
    """Where a city was before a change, or an outline that somebody tries; goes with the city.

    `values` are those of `tenants.places.FIELDS`. A draft is shown and not in force; each city
    has at most one.
    """

    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=clock.now)
    actor_kind = models.CharField(max_length=12)
    actor_id = models.BigIntegerField(null=True)
    is_draft = models.BooleanField(default=False)
    values = models.JSONField()

    class Meta:
        db_table = "tenants_geography"
        constraints = [
            models.UniqueConstraint(
                fields=["city"],
                name="tenants_geography_one_draft",
                condition=models.Q(is_draft=True),
            )
        ]
        indexes = [models.Index(fields=["city", "-id"], name="tenants_geography_city")]

    def __str__(self) -> str:
        return f"geography {self.pk} of city {self.city_id}"
