"""How the queue is doing, in two queries; what it holds is `kernel.queue`'s."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import connection

from bezpechne.kernel import clock

# A worker writes a heartbeat every 10 seconds; recover_stalled gives up on it after 30.
SILENT = timedelta(seconds=30)

_JOBS = """
SELECT count(*) FILTER (WHERE status = 'todo' AND coalesce(scheduled_at, %(now)s) <= %(now)s),
       count(*) FILTER (WHERE status = 'todo' AND scheduled_at > %(now)s),
       count(*) FILTER (WHERE status = 'doing'),
       count(*) FILTER (WHERE status = 'failed'),
       count(*) FILTER (WHERE status = 'doing' AND (w.id IS NULL OR last_heartbeat < %(silent)s))
FROM public.procrastinate_jobs j LEFT JOIN public.procrastinate_workers w ON w.id = j.worker_id
"""
_AGES = """
SELECT (SELECT extract(epoch FROM %(now)s - min(coalesce(j.scheduled_at, e.at)))
        FROM public.procrastinate_jobs j
        LEFT JOIN public.procrastinate_events e ON e.job_id = j.id AND e.type = 'deferred'
        WHERE j.status = 'todo' AND coalesce(j.scheduled_at, %(now)s) <= %(now)s),
       (SELECT count(*) FROM public.procrastinate_workers WHERE last_heartbeat >= %(silent)s),
       (SELECT count(*) FROM public.procrastinate_workers WHERE last_heartbeat < %(silent)s)
"""


@dataclass(frozen=True)
class QueueState:
    """`oldest`: seconds that the oldest due job waits. `stuck`: jobs of workers that fell silent."""

    due: int
    later: int
    running: int
    dead: int
    stuck: int
    oldest: float
    alive: int
    silent: int


def read() -> QueueState:
    """As of now. Raises ProgrammingError where the queue's tables are missing."""
    moment = {"now": clock.now(), "silent": clock.now() - SILENT}
    with connection.cursor() as cursor:
        cursor.execute(_JOBS, moment)
        due, later, running, dead, stuck = cursor.fetchone()
        cursor.execute(_AGES, moment)
        oldest, alive, silent = cursor.fetchone()
    waited = max(0.0, float(oldest or 0))
    return QueueState(due, later, running, dead, stuck, waited, alive, silent)
