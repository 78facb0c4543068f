"""Each city's figures go into its one row in `public`, a few cities a minute.

Pages read those rows and never a city. Every minute the 60 cities whose turn is longest ago are
visited: 1,470 cities in 25 minutes, three cities every minute. A visit is 11 small statements, about
10 ms of a processor: a minute's work is under a second whatever the size of the fleet. Cities
that nobody can use (archived) or whose schema is behind the code keep their last figures.
"""

import logging
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q
from django_tenants.utils import tenant_context

from bezpechne.kernel import clock, metering, queue, sweeping
from bezpechne.kernel.schema import PUBLIC, in_schema
from bezpechne.kernel.sorting import ukrainian_key
from bezpechne.kernel.stored import StorageUnavailable
from provisioning.console.models import CityReport
from provisioning.models import Hromada
from tenants.models import City
from tenants.states import CityState
from tenants.versions import is_behind

logger = logging.getLogger(__name__)

BATCH = 60
# Listing a city's files is slow: 15 in ten minutes go round 1,470 cities within a day.
WEIGHED_AT_ONCE = 15
WEIGHED_EVERY = timedelta(hours=24)

METERS = {
    "questions_week": "questions.week",
    "in_moderation": "questions.moderation",
    "waiting": "questions.waiting",
    "overdue": "questions.overdue",
    "answered": "questions.answered",
    "published": "questions.published",
    "administrators": "staff.administrators",
    "moderators": "staff.moderators",
    "signed_in_at": "staff.signed_in_at",
    "active_at": "staff.active_at",
    "storage_bytes": "usage.file_bytes",
    "mails_today": "usage.mails_today",
}


def keep_row(city: City) -> None:
    """The row by which lists find and order the city; its figures stay."""
    hromada = Hromada.objects.filter(pk=city.katottg).only("oblast_uk").first()
    row = CityReport(
        city_id=city.pk,
        name_sort=ukrainian_key(city.name_uk)[:200],
        oblast=hromada.oblast_uk if hromada else "",
    )
    CityReport.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["city"],
        update_fields=["name_sort", "oblast"],
    )


def on_city_saved(
    sender: Any, instance: City, update_fields: frozenset[str] | None, **more: Any
) -> None:
    """Receiver of post_save; changes that touch neither name nor place cost nothing."""
    if update_fields is None or {"name_uk", "katottg"} & set(update_fields):
        keep_row(instance)


def _turns(field: str, most: int, *, every: timedelta = timedelta(0)) -> list[CityReport]:
    """The rows that wait longest, and at least that long, with their turn already taken."""
    due = Q(**{field: None}) | Q(**{f"{field}__lte": clock.now() - every})
    rows = list(
        CityReport.objects.select_related("city")
        .defer("city__outline")
        .filter(due)
        .exclude(city__state=CityState.ARCHIVED)
        .order_by(F(field).asc(nulls_first=True), "pk")[:most]
    )
    CityReport.objects.filter(pk__in=[row.pk for row in rows]).update(**{field: clock.now()})
    return rows


def report_some(most: int = BATCH) -> int:
    """Visits the cities whose turn it is; returns how many reported."""
    with in_schema(PUBLIC):
        # Rows of cities that were written past `save`.
        for city in City.objects.filter(report=None).only("name_uk", "katottg")[:1000]:
            keep_row(city)
        rows, dead = _turns("tried_at", most), queue.dead_by_schema()
        done = sum(report(row, dead.get(row.city.schema_name, 0)) for row in rows)
    if not connection.in_atomic_block:
        # A backend remembers the tables of every city that it ever read: 0.2 MB each.
        connection.close()
    return done


def report(row: CityReport, dead_jobs: int) -> bool:
    """Writes down one city's figures; the last ones stay when they cannot be had."""
    values: dict[str, Any] = {"dead_jobs": dead_jobs, "fault": ""}
    done = False
    if is_behind(row.city):
        values["fault"] = "SchemaBehind"
    else:
        try:
            with tenant_context(row.city), transaction.atomic():
                figures = metering.read()
        except DatabaseError as error:
            values["fault"] = type(error).__name__[:80]
        else:
            values |= {field: figures.get(name) for field, name in METERS.items()}
            values["reported_at"] = clock.now()
            done = True
    CityReport.objects.filter(pk=row.pk).update(**values)
    return done


def weigh_some(most: int = WEIGHED_AT_ONCE) -> int:
    """Sets the running totals of bytes to what is really stored; returns how many cities.

    The same listing finds files that no row names. A storage that fails ends the round; these
    cities are the next ones.
    """
    rows = _turns("weighed_at", most, every=WEIGHED_EVERY)
    for done, row in enumerate(rows):
        try:
            with tenant_context(row.city):
                metering.put(metering.FILE_BYTES, sweeping.tidy())
        except StorageUnavailable as error:
            logger.warning("Files are not weighed: %s.", error.reason)
            left = [later.pk for later in rows[done:]]
            CityReport.objects.filter(pk__in=left).update(weighed_at=None)
            return done
    return len(rows)
