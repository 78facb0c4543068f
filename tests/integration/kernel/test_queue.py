"""Jobs whose worker died, beside the next turn of a periodic one."""

import pytest
from django.db import connection

from bezpechne.kernel import queue

PERIODIC, LETTER = "kernel.sweep_throttle", "notices.deliver_mail"


def _add(task: str, lock: str | None, status: str) -> None:
    """One more row; a job comes to be done and to be dead by way of the states before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO public.procrastinate_jobs (queue_name, task_name, queueing_lock, args)"
            " VALUES ('default', %s, %s, '{}') RETURNING id",
            [task, lock],
        )
        (job,) = cursor.fetchone()
        for step in {"todo": (), "doing": ("doing",), "failed": ("doing", "failed")}[status]:
            cursor.execute(
                "UPDATE public.procrastinate_jobs SET status = %s::procrastinate_job_status"
                " WHERE id = %s",
                [step, job],
            )


def _give_to_the_dead() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO public.procrastinate_workers (last_heartbeat)"
            " VALUES (now() - interval '1 hour') RETURNING id"
        )
        cursor.execute(
            "UPDATE public.procrastinate_jobs SET worker_id = %s WHERE status = 'doing'",
            cursor.fetchone(),
        )


def _jobs() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, status FROM public.procrastinate_jobs ORDER BY id")
        return list(cursor.fetchall())


def test_a_periodic_job_whose_next_turn_waits_keeps_no_letter_from_coming_back(db: None) -> None:
    _add(PERIODIC, PERIODIC, "doing")
    _add(LETTER, None, "doing")
    _add(PERIODIC, PERIODIC, "todo")
    _give_to_the_dead()
    assert queue.recover_stalled() == 2
    assert _jobs() == [(LETTER, "todo"), (PERIODIC, "todo")]


@pytest.mark.parametrize("waits", [True, False])
def test_a_dead_periodic_job_is_put_back_unless_its_next_turn_waits(db: None, waits: bool) -> None:
    _add(PERIODIC, PERIODIC, "failed")
    if waits:
        _add(PERIODIC, PERIODIC, "todo")
    assert queue.retry_dead() == 1
    assert _jobs() == [(PERIODIC, "todo")]
