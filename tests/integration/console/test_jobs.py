"""The queue seen by operators: counts, workers, the dead; nothing personal."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client

from bezpechne.kernel import clock, queue
from provisioning.console.actions import jobs as actions
from provisioning.models import JournalEntry
from tenants.models import City
from tests.factories import Inside, Maker

JOB = "questions.purge_unconfirmed"


def sql(text: str, *given: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(text, given)
        return cursor.fetchall() if cursor.description else []


def dead_jobs(city: City, inside: Inside, number: int) -> list[int]:
    """Jobs that used up their attempts."""
    with inside(city):
        for _ in range(number):
            queue.defer(JOB)
    sql("UPDATE procrastinate_jobs SET status = 'doing'")
    sql("UPDATE procrastinate_jobs SET status = 'failed', attempts = 10")
    return [key for (key,) in sql("SELECT id FROM procrastinate_jobs ORDER BY id")]


def statuses() -> list[str]:
    return [status for (status,) in sql("SELECT status FROM procrastinate_jobs ORDER BY id")]


def test_counts_by_task_and_the_dead_with_city_and_ids(
    operator: Client, alpha: City, inside: Inside, make: Maker
) -> None:
    make(alpha).question("unconfirmed", email="odarka@secret.example")
    sql("UPDATE procrastinate_jobs SET status = 'failed'")
    with inside(alpha):
        queue.defer(JOB)
    response = operator.get("/console/jobs/")
    tasks = {task.name: task for task in response.context["tasks"]}
    assert (tasks["notices.deliver_mail"].dead, tasks[JOB].waiting) == (1, 1)
    assert "city_poltava" in response.text
    assert "mail_id" in response.text
    assert "secret.example" not in response.text


def test_texts_in_arguments_are_never_shown(operator: Client, alpha: City) -> None:
    sql(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status) VALUES"
        """ ('default', 'x', '{"schema": "public", "email": "odarka@secret.example"}', 'failed')"""
    )
    assert "secret.example" not in operator.get("/console/jobs/").text


def test_one_dead_job_is_retried_and_the_others_stay(
    operator: Client, alpha: City, inside: Inside
) -> None:
    first, _second = dead_jobs(alpha, inside, 2)
    operator.post("/console/jobs/retry/", {"job": first})
    assert statuses() == ["todo", "failed"]
    assert JournalEntry.objects.get(action="jobs_retried").detail["number"] == 1


def test_all_dead_jobs_are_retried(operator: Client, alpha: City, inside: Inside) -> None:
    dead_jobs(alpha, inside, 3)
    assert operator.post("/console/jobs/retry/").status_code == 302
    assert statuses() == ["todo"] * 3


def test_a_dead_job_is_deleted_and_a_living_one_is_not(
    operator: Client, alpha: City, inside: Inside
) -> None:
    (gone,) = dead_jobs(alpha, inside, 1)
    with inside(alpha):
        queue.defer(JOB)
    (alive,) = [key for (key,) in sql("SELECT id FROM procrastinate_jobs WHERE status = 'todo'")]
    for key in (gone, alive, gone):
        assert operator.post(f"/console/jobs/{key}/delete/").status_code == 302
    assert statuses() == ["todo"]
    assert JournalEntry.objects.filter(action="job_deleted").count() == 1


@pytest.mark.parametrize("job", ["x", "-1", "99999999999999999999", "1; DROP TABLE x"])
def test_a_job_number_that_is_none_retries_nothing(
    operator: Client, alpha: City, inside: Inside, job: str
) -> None:
    dead_jobs(alpha, inside, 1)
    assert operator.post("/console/jobs/retry/", {"job": job}).status_code == 302
    assert statuses() == ["failed"]
    assert operator.get(f"/console/jobs/?after={job}").status_code == 200


def test_a_silent_worker_and_a_long_job_are_marked(
    operator: Client, alpha: City, inside: Inside
) -> None:
    now = clock.now()
    dead_jobs(alpha, inside, 1)
    for beat in (now, now - timedelta(minutes=2)):
        sql("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s)", beat)
    sql(
        "UPDATE procrastinate_jobs SET status = 'doing',"
        " worker_id = (SELECT min(id) FROM procrastinate_workers)"
    )
    sql(
        "UPDATE procrastinate_events SET at = %s WHERE type = 'started'",
        now - timedelta(minutes=6),
    )
    workers = operator.get("/console/jobs/").context["workers"]
    assert [(worker.is_silent, worker.is_late) for worker in workers] == [
        (False, True),
        (True, False),
    ]


def test_nobody_else_touches_the_queue(alpha: City, inside: Inside, make: Maker) -> None:
    (job,) = dead_jobs(alpha, inside, 1)
    for user in (make(alpha).administrator, make(None).user("finance")):
        with pytest.raises(PermissionDenied):
            actions.retry(by=user.actor)
        with pytest.raises(PermissionDenied):
            actions.delete(by=user.actor, job_id=job)
    assert statuses() == ["failed"]
