"""What may be wrong with a city: one table, asked of rows in Python and of lists in SQL."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import BigIntegerField, F, Q, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Cast, Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bezpechne.kernel import clock
from provisioning.console.models import CityReport
from tenants.limits import MB, WARN_PERCENT, mails_limit, storage_limit
from tenants.models import City, SchemaVersion
from tenants.states import VISIBLE, CityState
from tenants.versions import code_version

SILENT = timedelta(days=7)
STALE = timedelta(hours=2)
TRIAL_ENDS = timedelta(days=7)


def served_versions() -> frozenset[str]:
    """Fingerprints that this code can serve; one query for the fleet."""
    needed = code_version()
    known = SchemaVersion.objects.values_list("fingerprint", "migrations")
    ahead = {
        fingerprint
        for fingerprint, migrations in known
        if needed.migrations <= {(app, name) for app, name in migrations}
    }
    return frozenset({needed.fingerprint, *ahead})


@dataclass(frozen=True)
class Facts:
    """One city as a problem looks at it."""

    city: City
    report: CityReport
    served: frozenset[str]


@dataclass(frozen=True)
class Problem:
    """`has` and `where` say the same; `tests/…/test_fleet.py` holds them together."""

    key: str
    label: str | Promise
    has: Callable[[Facts], bool]
    where: Callable[[frozenset[str]], Q]


def _limit(field: str, default: int, factor: int) -> CombinedExpression:
    """The least number that is near the limit: whole numbers, rounded up."""
    own = Cast(F(field), BigIntegerField())
    return (Coalesce(own, Value(default, BigIntegerField())) * (factor * WARN_PERCENT) + 99) / 100


def _opened(city: City) -> bool:
    return city.launched and city.state != CityState.SUSPENDED


def _opened_q() -> Q:
    since = Q(launch_on=None) | Q(launch_on__lte=clock.today())
    return since & Q(state__in=VISIBLE - {CityState.SUSPENDED})


def _silent(facts: Facts) -> bool:
    last = facts.report.active_at
    known = facts.report.reported_at is not None
    told = known and facts.city.created_at < clock.now() - SILENT
    return told and _opened(facts.city) and (last is None or last < clock.now() - SILENT)


def _stale(facts: Facts) -> bool:
    told = facts.report.reported_at
    live = facts.city.state != CityState.ARCHIVED
    return live and (told is None or told < clock.now() - STALE)


def _trial_ends(facts: Facts) -> bool:
    ends, state = facts.city.trial_ends_on, facts.city.state
    return state == CityState.TRIAL and ends is not None and ends <= clock.today() + TRIAL_ENDS


def _near(used: int | None, limit: int) -> bool:
    return used is not None and used * 100 >= limit * WARN_PERCENT


PROBLEMS = (
    Problem(
        "behind",
        _("Schema behind the code"),
        lambda f: f.city.schema_version not in f.served,
        lambda served: ~Q(schema_version__in=served),
    ),
    Problem(
        "migration",
        _("A migration failed"),
        lambda f: bool(f.city.migration_error),
        lambda served: ~Q(migration_error=""),
    ),
    Problem(
        "dead",
        _("Jobs that failed for good"),
        lambda f: bool(f.report.dead_jobs),
        lambda served: Q(report__dead_jobs__gt=0),
    ),
    Problem(
        "silent",
        _("Open, and the desk is silent for 7 days"),
        _silent,
        lambda served: (
            _opened_q()
            & Q(report__reported_at__isnull=False, created_at__lt=clock.now() - SILENT)
            & (Q(report__active_at=None) | Q(report__active_at__lt=clock.now() - SILENT))
        ),
    ),
    Problem(
        "nobody",
        _("No account of staff"),
        lambda f: f.report.administrators == 0 and f.report.moderators == 0,
        lambda served: Q(report__administrators=0, report__moderators=0),
    ),
    Problem(
        "storage",
        _("Storage over 80 %"),
        lambda f: _near(f.report.storage_bytes, storage_limit(f.city)),
        lambda served: Q(
            report__storage_bytes__gte=_limit("storage_limit_mb", settings.CITY_STORAGE_MB, MB)
        ),
    ),
    Problem(
        "mails",
        _("E-mails of today over 80 %"),
        lambda f: _near(f.report.mails_today, mails_limit(f.city)),
        lambda served: Q(
            report__mails_today__gte=_limit("mails_a_day", settings.CITY_MAILS_A_DAY, 1)
        ),
    ),
    Problem(
        "trial",
        _("The trial ends within 7 days"),
        _trial_ends,
        lambda served: Q(state=CityState.TRIAL, trial_ends_on__lte=clock.today() + TRIAL_ENDS),
    ),
    Problem(
        "centre",
        _("The centre is not placed"),
        lambda f: f.city.centre is None,
        lambda served: Q(centre_lat=None) | Q(centre_lon=None),
    ),
    Problem(
        "stale",
        _("No figures for two hours"),
        _stale,
        lambda served: (
            ~Q(state=CityState.ARCHIVED)
            & (
                Q(report=None)
                | Q(report__reported_at=None)
                | Q(report__reported_at__lt=clock.now() - STALE)
            )
        ),
    ),
)
BY_KEY = {problem.key: problem for problem in PROBLEMS}


def problems_of(facts: Facts) -> list[Problem]:
    """All that is wrong with one city, worst first."""
    return [problem for problem in PROBLEMS if problem.has(facts)]


def anything(served: frozenset[str]) -> Q:
    """Cities with any problem at all."""
    found = Q()
    for problem in PROBLEMS:
        found |= problem.where(served)
    return found
