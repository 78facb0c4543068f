"""Letters that were not sent yet and other work of a city: it waits in `public`, and moves along."""

import json
from typing import Any

from django.db import connection
from procrastinate.contrib.django import app

from bezpechne.kernel.schema import PUBLIC, in_schema
from provisioning.portability.refusals import RestoreRefused

# A job that was being done is done again: mails are marked only after they were sent.
_PENDING = """
SELECT task_name, args - 'schema', priority, scheduled_at, status = 'failed'
FROM public.procrastinate_jobs
WHERE args->>'schema' = %s AND status IN ('todo', 'doing', 'failed') ORDER BY id
"""


def pending(schema: str) -> list[dict[str, Any]]:
    """Jobs that wait, run, or failed for good; arguments are ids."""
    with connection.cursor() as cursor:
        cursor.execute(_PENDING, [schema])
        return [
            {
                "task": task,
                # Django's connection hands JSON over as text.
                "args": json.loads(args) if isinstance(args, str) else args,
                "priority": priority,
                "at": at.isoformat() if at else None,
                "dead": dead,
            }
            for task, args, priority, at, dead in cursor.fetchall()
        ]


def bring(schema: str, jobs: list[dict[str, Any]]) -> list[str]:
    """Queues them for the restored city; returns the names of tasks that this release lacks.

    What a city of this name left in the queue goes: its numbers would meet other rows now.
    """
    unknown = set()
    with in_schema(PUBLIC), connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM public.procrastinate_jobs"
            " WHERE args->>'schema' = %s AND status IN ('todo', 'failed')",
            [schema],
        )
        for job in jobs:
            task, ids = job.get("task"), job.get("args")
            if not isinstance(task, str) or not isinstance(ids, dict) or not _numbers(ids):
                raise RestoreRefused("A waiting job of the archive is not one of this product.")
            if task not in app.tasks:
                unknown.add(task)
                continue
            number = app.configure_task(name=task, priority=_number(job.get("priority"))).defer(
                schema=schema, **ids
            )
            # Set here: a moment in the past is a moment that has come.
            cursor.execute(
                "UPDATE public.procrastinate_jobs SET scheduled_at = %s,"
                " status = (CASE WHEN %s THEN 'failed' ELSE 'todo' END)"
                "::public.procrastinate_job_status WHERE id = %s",
                [job.get("at"), bool(job.get("dead")), number],
            )
    return sorted(unknown)


def _numbers(ids: dict[str, Any]) -> bool:
    return all(type(value) is int for value in ids.values()) and "schema" not in ids


def _number(value: Any) -> int:
    return value if type(value) is int else 0
