"""The end of a deleted city: its files, then its schema, domains, jobs and row.

Files go first, while the row still keeps the slug: a new city of that name would have the same
prefix in the storage. Everything else goes in one transaction. A crash in between leaves a row in
the state `deleted`, and the next run (the queue tries again; so does the hourly task) finishes.
"""

from django.db import connection, transaction

from bezpechne.kernel import queue
from bezpechne.kernel.actors import SYSTEM
from bezpechne.kernel.files import remove_city_files
from bezpechne.kernel.schema import PUBLIC, in_schema
from provisioning.life import REMOVE_JOB
from provisioning.models import JournalEntry
from provisioning.schemas.building import drop_schema
from tenants.models import City
from tenants.states import CityState

# A job that runs right now is left to its worker: it finds no city and ends (`queue.CityGone`).
_FORGET_JOBS = """
DELETE FROM public.procrastinate_jobs WHERE args->>'schema' = %s AND status <> 'doing'
"""
# Deleted cities whose job is neither waiting nor running: it used up its attempts, or was lost.
_STUCK = """
SELECT id FROM public.tenants_city c WHERE state = 'deleted' AND NOT EXISTS (
    SELECT FROM public.procrastinate_jobs j WHERE j.task_name = %s
    AND (j.args->>'city_id')::bigint = c.id AND j.status IN ('todo', 'doing'))
"""


def queue_stuck() -> int:
    """Starts the removal again where it stopped; returns for how many cities."""
    with in_schema(PUBLIC):
        with connection.cursor() as cursor:
            cursor.execute(_STUCK, [REMOVE_JOB])
            stuck = [pk for (pk,) in cursor.fetchall()]
        for pk in stuck:
            queue.defer(REMOVE_JOB, city_id=pk)
    return len(stuck)


def remove(city_id: int) -> None:
    """Does nothing for a city that is gone already, or that nobody deleted."""
    with in_schema(PUBLIC):
        city = City.objects.filter(pk=city_id, state=CityState.DELETED).first()
        if city is None:
            return
        remove_city_files(city.schema_name)
        _remove_rows(city)


@transaction.atomic
def _remove_rows(city: City) -> None:
    locked = City.objects.select_for_update().filter(pk=city.pk, state=CityState.DELETED).first()
    if locked is None:
        return
    # Not by `note`: it would write into the city too, whose tables may be broken or gone.
    JournalEntry.objects.create(
        actor_kind=SYSTEM.kind,
        slug=locked.slug,
        city_id=locked.pk,
        action="deleted",
        detail={"schema": locked.schema_name, "sha256": locked.export_sha256},
    )
    drop_schema(locked.schema_name)
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_JOBS, [locked.schema_name])
    # With its domains.
    City.objects.filter(pk=locked.pk).delete()
