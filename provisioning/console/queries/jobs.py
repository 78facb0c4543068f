"""What the queue holds, and who works on it: names of tasks, schemas and ids, nothing more."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from bezpechne.kernel import clock
from provisioning.console.tables import PAGE

# A worker beats every 10 seconds; kernel.queue takes the jobs of one that is silent for 30.
SILENT = timedelta(seconds=30)
LATE = timedelta(minutes=5)

_TASKS = """
SELECT task_name,
       count(*) FILTER (WHERE status = 'todo' AND coalesce(scheduled_at, %(now)s) <= %(now)s),
       count(*) FILTER (WHERE status = 'todo' AND scheduled_at > %(now)s),
       count(*) FILTER (WHERE status = 'doing'),
       count(*) FILTER (WHERE status = 'failed'),
       count(*) FILTER (WHERE status = 'todo' AND attempts > 0)
FROM public.procrastinate_jobs WHERE status IN ('todo', 'doing', 'failed')
GROUP BY 1 ORDER BY 1
"""
_WORKERS = """
SELECT w.id, w.last_heartbeat, j.id, j.task_name, j.args,
       (SELECT max(e.at) FROM public.procrastinate_events e
        WHERE e.job_id = j.id AND e.type = 'started')
FROM public.procrastinate_workers w
LEFT JOIN public.procrastinate_jobs j ON j.worker_id = w.id AND j.status = 'doing'
ORDER BY w.id, j.id
"""
_DEAD = """
SELECT j.id, j.task_name, j.args, j.attempts,
       (SELECT max(e.at) FROM public.procrastinate_events e
        WHERE e.job_id = j.id AND e.type = 'failed')
FROM public.procrastinate_jobs j WHERE j.status = 'failed' AND j.id > %s
ORDER BY j.id LIMIT %s
"""


@dataclass(frozen=True)
class Task:
    """One kind of job: waiting now, waiting for its hour, in work, dead, being tried again."""

    name: str
    waiting: int
    later: int
    doing: int
    dead: int
    again: int


@dataclass(frozen=True)
class Work:
    """One job. `ids` are its arguments without the schema."""

    id: int
    task: str
    schema: str
    ids: str
    at: datetime | None
    attempts: int = 0


@dataclass(frozen=True)
class Worker:
    """`job` None: idle. Stuck: no sign of life, or one job for longer than five minutes."""

    id: int
    beat: datetime
    job: Work | None

    @property
    def is_silent(self) -> bool:
        return self.beat < clock.now() - SILENT

    @property
    def is_late(self) -> bool:
        return bool(self.job and self.job.at and self.job.at < clock.now() - LATE)


def _all(sql: str, given: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall())


def _work(key: int, task: str, given: Any, at: datetime | None, attempts: int = 0) -> Work:
    arguments: dict[str, Any] = json.loads(given) if isinstance(given, str) else dict(given or {})
    schema = str(arguments.pop("schema", ""))
    # Only numbers: whatever else a job may have been given is not for this page.
    ids = ", ".join(
        f"{name} {value}" for name, value in arguments.items() if isinstance(value, int)
    )
    return Work(key, task, schema, ids, at, attempts)


def tasks() -> list[Task]:
    return [Task(*row) for row in _all(_TASKS, {"now": clock.now()})]


def workers() -> list[Worker]:
    """One line for each worker and job in its hands."""
    return [
        Worker(key, beat, _work(job, task, given, at) if job else None)
        for key, beat, job, task, given, at in _all(_WORKERS, [])
    ]


def dead(after: int = 0) -> tuple[list[Work], int]:
    """One page of dead jobs, oldest first, and the key to go on from (0 on the last page)."""
    rows = _all(_DEAD, [after, PAGE + 1])
    works = [
        _work(key, task, given, at, attempts) for key, task, given, attempts, at in rows[:PAGE]
    ]
    return works, works[-1].id if len(rows) > PAGE else 0
