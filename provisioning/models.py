"""Tables of provisioning, all in `public`."""

from typing import Any, ClassVar, NoReturn

from django.db import models
from django.db.models import Deferrable, F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor, ActorKind
from bezpechne.kernel.audit.models import HistoryIsAppendOnly


class Kind(models.TextChoices):
    HROMADA = "H"
    # Kyiv: a city with special status has no hromada.
    CITY = "K"


class Trust(models.TextChoices):
    """Where the point of a centre comes from.

    The first four are the gazetteer's own words (`gazetteer.places`); `OUTLINE` is a point inside
    the loaded outline, taken where the gazetteer has none.
    """

    CHECKED = "checked"
    UNCHECKED = "unchecked"
    MISPLACED = "misplaced"
    MISSING = "missing"
    OUTLINE = "outline"


class Hromada(models.Model):
    """A hromada of Ukraine, or Kyiv: what a city is provisioned from. Lives in the public schema.

    `load_gazetteer` and `load_boundaries` of `provisioning.gazetteer.loading` are the only
    writers. `code` and `centre_code` are KATOTTG codes, names are the codifier's. `lat`, `lon`,
    `west`, `south`, `east` and `north` are WGS 84 degrees with 5 digits; `outline` is a GeoJSON
    geometry (Polygon or MultiPolygon, longitude first) in the same degrees. `name_sort` orders
    by `name_uk` in Ukrainian. `slug` is a proposal: a city keeps its own once it has one.
    """

    code = models.CharField(max_length=19, primary_key=True)
    kind = models.CharField(max_length=1, choices=Kind)
    name_uk = models.CharField(max_length=100)
    type_uk = models.CharField(max_length=20)
    oblast_uk = models.CharField(max_length=50)
    raion_uk = models.CharField(max_length=50, blank=True)
    centre_code = models.CharField(max_length=19)
    centre_uk = models.CharField(max_length=100)
    centre_en = models.CharField(max_length=100)
    slug = models.CharField(max_length=40)
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    population = models.PositiveIntegerField(null=True)
    trust = models.CharField(max_length=10, choices=Trust)
    name_sort = models.CharField(max_length=200)
    outline = models.JSONField(null=True)
    west = models.FloatField(null=True)
    south = models.FloatField(null=True)
    east = models.FloatField(null=True)
    north = models.FloatField(null=True)

    class Meta:
        ordering: ClassVar = ["name_sort", "code"]
        indexes: ClassVar = [
            models.Index(fields=["name_sort", "code"], name="hromada_name_idx"),
        ]
        constraints: ClassVar = [
            # Checked at the end of a statement: a new edition of the codifier may swap two slugs.
            models.UniqueConstraint(
                fields=["slug"], name="hromada_slug_unique", deferrable=Deferrable.IMMEDIATE
            ),
            models.CheckConstraint(
                condition=Q(code__regex=r"^UA\d{17}$") & Q(centre_code__regex=r"^UA\d{17}$"),
                name="hromada_codes_are_katottg",
            ),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="hromada_kind_is_known"),
            models.CheckConstraint(
                condition=Q(
                    lat__isnull=False,
                    lon__isnull=False,
                    trust__in=[Trust.CHECKED, Trust.UNCHECKED, Trust.OUTLINE],
                )
                | Q(
                    lat__isnull=True,
                    lon__isnull=True,
                    trust__in=[Trust.MISPLACED, Trust.MISSING],
                ),
                name="hromada_point_fits_trust",
            ),
            models.CheckConstraint(
                condition=Q(
                    outline__isnull=True,
                    west__isnull=True,
                    south__isnull=True,
                    east__isnull=True,
                    north__isnull=True,
                )
                | Q(
                    outline__isnull=False,
                    west__isnull=False,
                    south__isnull=False,
                    east__isnull=False,
                    north__isnull=False,
                    west__lt=F("east"),
                    south__lt=F("north"),
                ),
                name="hromada_bounds_fit_outline",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name_uk} ({self.code})"


class CityTemplate(models.Model):
    """What a new city starts with. The columns hold what `city_templates.contents` reads.

    A built-in one may be changed and restored, never lost; operators make copies of any.
    """

    code = models.CharField(max_length=40)
    name_uk = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    is_built_in = models.BooleanField(default=False)
    # [{"code": "parking", "name_uk": …, "name_en": …}, …] in the order of the list.
    topics = models.JSONField(default=list)
    # [{"kind": "liaison", "name_uk": …, "name_en": …}, …]; contacts are the city's own matter.
    units = models.JSONField(default=list)
    wording = models.JSONField(default=dict)
    # None: by the bounds of the city.
    zoom = models.PositiveSmallIntegerField(null=True, blank=True)
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "provisioning_city_template"
        ordering = ["-is_built_in", "id"]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="provisioning_city_template_code")
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def name(self) -> str:
        """Name in the language in force."""
        return self.name_en if get_language() == "en" else self.name_uk


class SchemaScript(models.Model):
    """The SQL that makes a city's tables at one version (`schemas.script`)."""

    fingerprint = models.CharField(max_length=16, primary_key=True)
    sql = models.TextField()
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "provisioning_schema_script"

    def __str__(self) -> str:
        return self.fingerprint


class Scope(models.TextChoices):
    """What a token opens; each one alone, writing does not include reading."""

    HROMADAS_READ = "hromadas:read", _("Read hromadas")
    CITIES_READ = "cities:read", _("Read cities")
    CITIES_WRITE = "cities:write", _("Make cities and change their state")


class ApiToken(models.Model):
    """Lets a program in. The token itself is shown once and kept nowhere.

    `name` says which program, never which person.
    """

    name = models.CharField(max_length=60)
    token_hash = models.CharField(max_length=64)
    # Its last four characters: tells tokens apart in a list.
    hint = models.CharField(max_length=4)
    # Values of Scope.
    scopes = models.JSONField()
    made_by_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    # By the hour: a busy program does not write a row with each call.
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "provisioning_api_token"
        constraints = [
            models.UniqueConstraint(fields=["token_hash"], name="provisioning_api_token_hash"),
            models.UniqueConstraint(
                fields=["name"],
                name="provisioning_api_token_live_name",
                condition=models.Q(revoked_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"API token {self.pk}"

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= clock.now()

    @property
    def is_live(self) -> bool:
        return self.revoked_at is None and not self.is_expired

    @property
    def scope_names(self) -> list[str]:
        """For people."""
        return [str(Scope(scope).label) for scope in self.scopes if scope in Scope.values]

    @property
    def actor(self) -> Actor:
        """Making a city invites its administrator, hence the second permission."""
        writes = Scope.CITIES_WRITE in self.scopes
        may = {Permission.OPERATE, Permission.ADMINISTER} if writes else set()
        return Actor(ActorKind.TOKEN, self.pk, frozenset(may))


class MigrationScript(models.Model):
    """The SQL that leads from one version to the next, recorded on the template.

    `sql` blank: the way holds Python and each city goes it by Django's executor.
    """

    before = models.CharField(max_length=16)
    after = models.CharField(max_length=16)
    sql = models.TextField(blank=True)
    # ["questions.0004_add_weight", …], for the plan that people read.
    migrations = models.JSONField()
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "provisioning_migration_script"
        constraints = [
            models.UniqueConstraint(
                fields=["before", "after"], name="provisioning_migration_script_way"
            )
        ]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


class BrandingVersion(models.Model):
    """How a city looked before a change; goes with the city. `values` are of branding.values."""

    city = models.ForeignKey("tenants.City", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=clock.now)
    actor_kind = models.CharField(max_length=12)
    actor_id = models.BigIntegerField(null=True)
    values = models.JSONField()
    # Names of the values that the change replaced.
    changed = models.JSONField()

    class Meta:
        db_table = "provisioning_branding_version"
        indexes = [models.Index(fields=["city", "-id"], name="provisioning_branding_city")]

    def __str__(self) -> str:
        return f"branding {self.pk} of city {self.city_id}"


class SpareSchema(models.Model):
    """A schema with empty tables that waits for a city."""

    schema_name = models.CharField(max_length=63, primary_key=True)
    fingerprint = models.CharField(max_length=16)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "provisioning_spare_schema"

    def __str__(self) -> str:
        return self.schema_name


class ProvisioningRun(models.Model):
    """One call that made a city, or tried to; the time of each step in milliseconds.

    A second call with the same `request_key` gets the first one's city.
    """

    request_key = models.CharField(max_length=80)
    # SHA-256 of what an API call asked for: a key answers for one request alone.
    request_digest = models.CharField(max_length=64, blank=True, db_default="")
    slug = models.CharField(max_length=40)
    katottg = models.CharField(max_length=19)
    started_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True)
    # [["schema", 2.1], …] in the order in which they happened.
    steps = models.JSONField(default=list)
    # `claim` of a spare schema or `replay` of the script.
    way = models.CharField(max_length=8, blank=True)
    error = models.TextField(blank=True)
    operator_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "provisioning_run"
        constraints = [
            models.UniqueConstraint(fields=["request_key"], name="provisioning_run_key_unique")
        ]

    def __str__(self) -> str:
        return f"run {self.pk} of {self.slug}"


class JournalQuerySet(models.QuerySet["JournalEntry"]):
    """Reads and nothing else."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise HistoryIsAppendOnly

    def delete(self) -> NoReturn:
        raise HistoryIsAppendOnly

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise HistoryIsAppendOnly


class JournalEntry(models.Model):
    """What the platform's people did; outlives the city. No names or addresses of residents."""

    at = models.DateTimeField(default=clock.now)
    actor_kind = models.CharField(max_length=12)
    actor_id = models.BigIntegerField(null=True)
    # Slug at that time; blank where no city is concerned.
    slug = models.CharField(max_length=40, blank=True)
    city_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=60)
    reason = models.TextField(blank=True)
    detail = models.JSONField(default=dict)

    objects = JournalQuerySet.as_manager()

    class Meta:
        db_table = "provisioning_journal"
        indexes = [
            models.Index(fields=["city_id", "id"], name="provisioning_journal_city"),
            models.Index(fields=["action", "id"], name="provisioning_journal_action"),
        ]

    def __str__(self) -> str:
        return f"{self.slug or 'platform'}: {self.action}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise HistoryIsAppendOnly
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise HistoryIsAppendOnly
