"""Figures about the fleet for Prometheus: three queries, however many cities there are."""

from collections import Counter
from collections.abc import Iterator

from django.db.models import Count, Q
from prometheus_client.core import GaugeMetricFamily, Metric

from bezpechne.kernel.metrics import gauge
from tenants.models import City, SchemaVersion
from tenants.states import CityState
from tenants.versions import code_version


def versions_behind() -> set[str]:
    """Of the versions that cities have, those that lack a migration of this release."""
    wanted = code_version()
    held = set(City.objects.values_list("schema_version", flat=True).order_by().distinct())
    held.discard(wanted.fingerprint)
    enough = {
        row.fingerprint
        for row in SchemaVersion.objects.filter(pk__in=held)
        if wanted.migrations <= {(app, name) for app, name in row.migrations}
    }
    return held - enough


def fleet() -> Iterator[Metric]:
    """Cities by state, those this release cannot serve, those whose migration failed."""
    behind = versions_behind()
    groups = (
        City.objects.order_by()
        .values("state", "schema_version")
        .annotate(cities=Count("pk"), failed=Count("pk", filter=~Q(migration_error="")))
    )
    states: Counter[str] = Counter()
    late = failed = 0
    for group in groups:
        states[group["state"]] += group["cities"]
        late += group["cities"] if group["schema_version"] in behind else 0
        failed += group["failed"]
    by_state = GaugeMetricFamily("bezpechne_cities", "Cities by state.", labels=["state"])
    for state in CityState.values:
        by_state.add_metric([str(state)], states[str(state)])
    yield by_state
    yield gauge("cities_behind", "Cities whose schema is behind this release's code.", late)
    yield gauge("cities_migration_failed", "Cities whose last migration failed.", failed)
