"""Work that must survive: jobs in PostgreSQL, committed together with the action that causes them.

The queue is procrastinate, in `public`. A job's arguments are the schema and ids, because every
city can read that table: never an address, a token or a text.
"""

import json
import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

from asgiref.sync import async_to_sync
from django.db import connection, transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job

from bezpechne.kernel import clock, trace
from bezpechne.kernel.schema import current_schema, in_schema

logger = logging.getLogger(__name__)

# Waits 3, 9, 27 s … 5.5 h: a mail server that is down for half a day loses nothing. After the
# last attempt the job is in the dead list (`manage.py queue`).
RETRY = RetryStrategy(max_attempts=10, exponential_wait=3)


class CityGone(LookupError):
    """The city of a job was deleted: nothing is left to do, and nothing to try again."""


class Later(Exception):
    """Raised by a job that has to wait: it is put back for the moment `at`, as if never tried."""

    def __init__(self, at: datetime) -> None:
        super().__init__(at)
        self.at = at


CityHook = Callable[[str], AbstractContextManager[None]]
_enter_schema: CityHook = in_schema


def set_city_hook(hook: CityHook) -> None:
    """Lets `tenants` say how a job enters its city; the kernel knows schemas only."""
    global _enter_schema  # noqa: PLW0603 - one hook for the process, set once at start
    _enter_schema = hook


def task(name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Registers a function as a job; it runs inside the city that deferred it."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        def run(*, schema: str, request_id: str = "", **ids: int) -> None:
            try:
                with trace.traced(request_id), _enter_schema(schema):
                    _timed(name, function, ids)
            except CityGone:
                logger.info("Job %s of %s is dropped: the city is deleted.", name, schema)
            except Later as later:
                given = {"schema": schema, "request_id": request_id}
                app.configure_task(name=name, schedule_at=later.at).defer(**given, **ids)

        app.task(name=name, retry=RETRY)(run)
        return function

    return register


def _timed(name: str, function: Callable[..., None], ids: dict[str, int]) -> None:
    """Runs a job with one line about it in the log, which names city and request."""
    started = time.perf_counter()
    outcome = "failed"
    try:
        function(**ids)
        outcome = "done"
    finally:
        milliseconds = round((time.perf_counter() - started) * 1000, 1)
        logger.info("%s %s", name, outcome, extra={"task": name, "ms": milliseconds})


def defer(name: str, **ids: int) -> None:
    """Schedules a job in the current transaction for the current schema.

    The job's log lines carry the id of the request that caused it.
    """
    cause = {"request_id": trace.request_id()} if trace.request_id() else {}
    app.configure_task(name=name).defer(schema=current_schema(), **cause, **ids)


def _read(job: Job) -> Job:
    """Django's connection hands JSON over as text, which procrastinate does not expect."""
    given: object = job.task_kwargs
    return job.evolve(task_kwargs=json.loads(given)) if isinstance(given, str) else job


def dead_jobs() -> list[Job]:
    """Jobs that used up their attempts, oldest first."""
    failed = map(_read, app.job_manager.list_jobs(status="failed"))
    return sorted(failed, key=lambda job: job.id or 0)


def dead_by_schema() -> dict[str, int]:
    """How many dead jobs each schema has; one query for all of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT args->>'schema', count(*) FROM public.procrastinate_jobs"
            " WHERE status = 'failed' GROUP BY 1"
        )
        return {schema or "": number for schema, number in cursor.fetchall()}


def dead_arguments(task: str, schema: str, argument: str, most: int) -> list[int]:
    """An argument of the newest dead jobs of one kind and schema, newest first; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (args->>%s)::bigint FROM public.procrastinate_jobs WHERE status = 'failed'"
            " AND task_name = %s AND args->>'schema' = %s ORDER BY id DESC LIMIT %s",
            [argument, task, schema, most],
        )
        return [number for (number,) in cursor.fetchall() if number is not None]


def retry_dead(job_id: int | None = None) -> int:
    """Puts one dead job, or all of them, back into the queue; returns how many."""
    jobs = [job for job in dead_jobs() if job_id in {None, job.id}]
    for job in jobs:
        _put_back(job)
    return len(jobs)


def _put_back(job: Job) -> None:
    """Into the queue, due at once.

    A periodic job whose next turn waits already is forgotten instead: that one does the same, and
    two may not wait.
    """
    try:
        with transaction.atomic():
            app.job_manager.retry_job_by_id(job_id=job.id or 0, retry_at=clock.now())
    except UniqueViolation:
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM public.procrastinate_jobs"
                " WHERE id = %s AND status IN ('doing', 'failed')",
                [job.id],
            )


def delete_dead(job_id: int) -> bool:
    """Forgets one dead job for good; False when it is not dead (any more)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM public.procrastinate_jobs WHERE id = %s AND status = 'failed'", [job_id]
        )
        return bool(cursor.rowcount)


def recover_stalled() -> int:
    """Puts back jobs whose worker died without a word (no heartbeat for 30 s)."""
    stalled = list(async_to_sync(app.job_manager.get_stalled_jobs)())
    for job in stalled:
        _put_back(job)
    return len(stalled)
