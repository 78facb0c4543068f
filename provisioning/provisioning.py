"""Makes a city: row, domain, schema with its tables, defaults and the administrator's invitation.

Everything happens in one transaction: a process killed at any step leaves a whole city or none,
and the same call may be repeated.
"""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _
from django_tenants.utils import tenant_context

from bezpechne.accounts.actions import invite
from bezpechne.accounts.permissions import Permission, Role
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor, ActorKind
from bezpechne.kernel.schema import PUBLIC, in_schema
from bezpechne.kernel.sorting import ukrainian_key
from community.answers.models import Unit
from community.answers.states import UnitKind
from community.desk.models import Phrase
from community.desk.phrases import usual_rows
from community.questions.catalogue import START_PRIVATE
from community.questions.models import Tally, Topic
from community.questions.states import QuestionState
from provisioning.city_templates.contents import Contents
from provisioning.city_templates.queries import contents_of, proposed_for, settings_of
from provisioning.gazetteer.places import MISPLACED, MISSING
from provisioning.journal import note
from provisioning.models import Hromada, ProvisioningRun
from provisioning.schemas.stock import lock, make_tables
from tenants.geometry import Bounds
from tenants.models import City, Domain
from tenants.states import CityState
from tenants.versions import code_version

# People a square kilometre in a Ukrainian city, and how far its edge lies beyond that circle:
# gives Kyiv 16.4 km, the radius of its real area.
DENSITY, STRETCH = 3500, 1.3
LEAST_RADIUS_KM = 3.0
# Host names that the platform may need for itself.
RESERVED = frozenset(
    [
        "admin",
        "api",
        "app",
        "assets",
        "console",
        "internal",
        "mail",
        "media",
        "ns",
        "static",
        "status",
        "www",
    ]
)
OPERATOR = Actor(ActorKind.OPERATOR, None, frozenset({Permission.ADMINISTER, Permission.OPERATE}))


class ProvisioningRefused(ValueError):
    """The request cannot be carried out; the text says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Area:
    """Where the city is, as a person drew it; `outline` None: the box alone.

    `centre` is latitude and longitude, `outline` a GeoJSON geometry inside Ukraine.
    """

    bounds: Bounds
    centre: tuple[float, float]
    outline: dict[str, Any] | None = None

    def columns(self) -> dict[str, Any]:
        """For the city's row."""
        return {
            "centre_lat": self.centre[0],
            "centre_lon": self.centre[1],
            "west": self.bounds.west,
            "south": self.bounds.south,
            "east": self.bounds.east,
            "north": self.bounds.north,
            "outline": self.outline,
            "zoom": self.bounds.zoom,
        }


@dataclass(kw_only=True)
class Request:
    """What the operator asked for. Blank is always allowed: the gazetteer's, or nothing yet."""

    hromada: Hromada
    # Blank: nobody is invited yet, and the readiness list says so.
    admin_email: str = ""
    admin_name: str = ""
    slug: str = ""
    name_uk: str = ""
    name_en: str = ""
    # None: the gazetteer's centre and outline.
    area: Area | None = None
    contact_email: str = ""
    contact_phone: str = ""
    police_site_url: str = ""
    launch_on: date | None = None
    trial_ends_on: date | None = None
    # Blank: a trial where it has an end, else active.
    state: str = ""
    # Code of a template; blank: the one that fits the hromada.
    template: str = ""
    # A city whose settings serve as the template instead.
    like: City | None = None
    # A person looked at the bounds on a map.
    bounds_checked: bool = False
    # A retry with the same key gets the same city; blank: the hromada is the key.
    key: str = ""
    # Of everything that was asked; a second request with the key must ask for the same.
    digest: str = ""


@dataclass
class Result:
    """`created` is False when the city existed already; `steps` are seconds by step."""

    city: City
    url: str
    created: bool
    way: str = ""
    steps: dict[str, float] = field(default_factory=dict)


Progress = Callable[[str, float], None]


@dataclass
class _Steps:
    """Times each step and tells about it when it is done."""

    tell: Progress
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def milliseconds(self) -> list[list[object]]:
        """For the record: pairs of step and time, in order."""
        return [[name, round(took * 1000, 1)] for name, took in self.seconds.items()]

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        # Constraints deferred by data would make the next step's ALTER TABLE fail.
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self.seconds[name] = time.perf_counter() - started
        self.tell(name, self.seconds[name])


def fallback_bounds(lat: float, lon: float, population: int | None) -> Bounds:
    """A box around a centre for a city whose outline is not loaded."""
    radius = math.sqrt((population or 0) / DENSITY / math.pi) * STRETCH
    return Bounds.around(lat, lon, max(LEAST_RADIUS_KM, radius))


def geography(hromada: Hromada) -> dict[str, Any]:
    """Centre, bounds and zoom; without a trusted point the staff are asked to place the centre."""
    if hromada.lat is None or hromada.lon is None or hromada.trust in {MISPLACED, MISSING}:
        return {"centre_lat": None, "centre_lon": None, "zoom": 6}
    if hromada.west is not None:
        bounds = Bounds(hromada.west, hromada.south or 0, hromada.east or 0, hromada.north or 0)
    else:
        bounds = fallback_bounds(hromada.lat, hromada.lon, hromada.population)
    return {
        "centre_lat": hromada.lat,
        "centre_lon": hromada.lon,
        "west": bounds.west,
        "south": bounds.south,
        "east": bounds.east,
        "north": bounds.north,
        "outline": hromada.outline,
        "zoom": bounds.zoom,
    }


def _existing(request: Request, slug: str) -> Result | None:
    """The city of an earlier run; refuses when the slug or the hromada is somebody else's."""
    if request.key:
        run = ProvisioningRun.objects.get(request_key=request.key)
        if run.katottg != request.hromada.code or run.request_digest != request.digest:
            raise ProvisioningRefused(_("This request key was used for another request."))
    found = City.objects.defer("outline").filter(Q(katottg=request.hromada.code) | Q(slug=slug))
    rows = list(found.order_by("pk"))
    by_code = next((row for row in rows if row.katottg == request.hromada.code), None)
    by_slug = next((row for row in rows if row.slug == slug), None)
    if by_code is None and by_slug is None:
        host = f"{slug}.{settings.BASE_HOST}"
        if Domain.objects.filter(domain=host).exists():
            raise ProvisioningRefused(
                f"“{slug}” was another city's slug, and links in letters lead there."
                " Give another --slug."
            )
        return None
    if CityState.DELETED in {row.state for row in rows}:
        raise ProvisioningRefused(
            f"The last city of “{slug}” is being deleted. Try again in some minutes."
        )
    if by_code and (not request.slug or by_code.slug == slug):
        domain = Domain.objects.get(tenant=by_code, is_primary=True)
        return Result(by_code, domain.url, created=False)
    if by_code:
        raise ProvisioningRefused(
            _("%(city)s is on the platform already as “%(slug)s”.")
            % {"city": by_code.name_uk, "slug": by_code.slug}
        )
    raise ProvisioningRefused(
        _("The slug “%(slug)s” is taken by another city. Choose another one.") % {"slug": slug}
    )


def _seed(contents: Contents) -> None:
    """What every city starts with, in four statements; runs inside its schema."""
    Topic.objects.bulk_create(
        Topic(
            code=line.code,
            name_uk=line.name_uk,
            name_en=line.name_en,
            position=position,
            is_private=line.code in START_PRIVATE,
        )
        for position, line in enumerate(contents.topics)
    )
    Tally.objects.bulk_create(Tally(state=state) for state in QuestionState.values)
    Phrase.objects.bulk_create(usual_rows())
    Unit.objects.bulk_create(
        Unit(
            name_uk=line.name_uk,
            name_en=line.name_en,
            # bulk_create calls no save().
            name_sort=ukrainian_key(line.name_uk)[:200],
            kind=line.kind,
            is_liaison=line.kind == UnitKind.LIAISON,
        )
        for line in contents.units
    )


def _contents(request: Request) -> tuple[str, Contents]:
    """The template's code and what it says."""
    if request.like is not None:
        return request.like.template_code, settings_of(request.like)
    code = request.template or proposed_for(request.hromada)
    try:
        return code, contents_of(code)
    except LookupError:
        raise ProvisioningRefused(_("There is no template “%(code)s”.") % {"code": code}) from None


def provision(
    request: Request, tell: Progress = lambda name, seconds: None, by: Actor = OPERATOR
) -> Result:
    """Creates the city, or returns the one that an earlier run has created.

    `tell` is called after each step with its name and seconds. Raises ProvisioningRefused.
    """
    by.require(Permission.OPERATE)
    # Inviting is an administrator's right, and this city has none yet.
    by = replace(by, permissions=by.permissions | {Permission.ADMINISTER})
    slug = request.slug or request.hromada.slug
    if slug in RESERVED:
        raise ProvisioningRefused(
            _("The slug “%(slug)s” is kept for the platform. Choose another one.") % {"slug": slug}
        )
    run = _begin_run(by, request, slug)
    steps = _Steps(tell)
    try:
        with in_schema(PUBLIC), transaction.atomic():
            result = _provision(by, request, slug, steps)
            _end_run(run, result, steps)
    except Exception as error:
        # A killed process leaves the row without an end: the console shows it as interrupted.
        _fail_run(run, error, steps)
        raise
    return result


def _provision(by: Actor, request: Request, slug: str, steps: _Steps) -> Result:
    # Two requests for one name or slug give one city and one clear answer; always in one order,
    # so that two requests never wait for each other.
    for name in sorted({f"slug:{slug}", f"code:{request.hromada.code}"}):
        lock(f"bezpechne.provision.{name}")
    existing = _existing(request, slug)
    if existing:
        return existing
    code, contents = _contents(request)
    with steps.step("city"):
        city = _make_row(request, slug, code, contents)
        domain = Domain(domain=f"{slug}.{settings.BASE_HOST}", tenant=city, is_primary=True)
        # `save` would look for other domains of the city: it has none yet.
        domain.save_base(force_insert=True)
    with steps.step("tables"):
        way = make_tables(city.schema_name)
    with tenant_context(city), translation.override("uk"):
        with steps.step("defaults"):
            _seed(contents)
        with steps.step("administrator"):
            if request.admin_email:
                invite(
                    by=by,
                    email=request.admin_email,
                    name=request.admin_name,
                    role=Role.ADMINISTRATOR,
                )
            _write_down(by, city, request, way)
    return Result(city, domain.url, created=True, way=way, steps=steps.seconds)


def _write_down(by: Actor, city: City, request: Request, way: str) -> None:
    source = {"like": request.like.slug} if request.like else {"template": city.template_code}
    note(by=by, city=city, action="provisioned", slug=city.slug, way=way, **source)
    if request.bounds_checked:
        note(by=by, city=city, action="bounds_checked")


def _begin_run(by: Actor, request: Request, slug: str) -> ProvisioningRun:
    """Committed before the work, so that a killed process leaves a trace."""
    operator = by.id if by.kind == ActorKind.OPERATOR else None
    run = ProvisioningRun(
        request_key=request.key or request.hromada.code,
        slug=slug,
        katottg=request.hromada.code,
        operator_id=operator,
        request_digest=request.digest,
    )
    with in_schema(PUBLIC):
        # What an earlier call with this key asked for stays, and is compared in `_existing`.
        ProvisioningRun.objects.bulk_create(
            [run],
            update_conflicts=True,
            unique_fields=["request_key"],
            update_fields=["error", "finished_at", "operator_id"],
        )
    return run


def _end_run(run: ProvisioningRun, result: Result, steps: _Steps) -> None:
    # Field by field: of two calls with one key the second must not blank what the first wrote.
    run.finished_at = clock.now()
    fields = ["finished_at"]
    if result.created:
        run.slug, run.katottg, run.way = result.city.slug, result.city.katottg, result.way
        run.steps = steps.milliseconds
        fields += ["slug", "katottg", "way", "steps"]
    run.save(update_fields=fields)


def _fail_run(run: ProvisioningRun, error: Exception, steps: _Steps) -> None:
    with in_schema(PUBLIC):
        run.error = str(error)[:500] or type(error).__name__
        run.steps, run.finished_at = steps.milliseconds, clock.now()
        run.save(update_fields=["error", "steps", "finished_at"])


def _make_row(request: Request, slug: str, code: str, contents: Contents) -> City:
    hromada = request.hromada
    trial = CityState.TRIAL if request.trial_ends_on else CityState.ACTIVE
    city = City(
        schema_name=f"city_{slug.replace('-', '_')}",
        slug=slug,
        name_uk=request.name_uk or hromada.centre_uk,
        name_en=request.name_en or hromada.centre_en,
        katottg=hromada.code,
        launch_on=request.launch_on,
        state=request.state or trial,
        trial_ends_on=request.trial_ends_on,
        contact_email=request.contact_email,
        contact_phone=request.contact_phone,
        police_site_url=request.police_site_url,
        template_code=code,
        wording=contents.wording,
        schema_version=code_version().fingerprint,
        migrated_at=clock.now(),
        **(request.area.columns() if request.area else geography(hromada)),
    )
    city.zoom = contents.zoom if contents.zoom and city.centre else city.zoom
    city.accent_light = contents.accent_light or city.accent_light
    city.accent_dark = contents.accent_dark or city.accent_dark
    # `_existing` has looked for the same slug and code, under the locks of both; the database holds
    # its constraints anyway.
    city.full_clean(exclude=["outline"], validate_unique=False, validate_constraints=False)
    city.save()
    return city
