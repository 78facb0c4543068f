"""Deletion for good: with real commits, a worker that is killed, and both storages."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

from bezpechne.kernel import clock, queue
from bezpechne.kernel.files import remove_city_files
from bezpechne.kernel.schema import in_schema
from bezpechne.kernel.storage import CityS3Storage
from provisioning import life, removal
from provisioning.models import Hromada, JournalEntry
from provisioning.provisioning import OPERATOR, ProvisioningRefused, Request, provision
from tenants.models import City, Domain
from tests import bucket as s3
from tests.factories import Make
from tests.integration.committed import at_once, killed, remove_city, start_worker, unblocked

SLUG, NAME, SCHEMA = "lubny", "Лубни", "city_lubny"
KILLED = """
import django, os, signal
django.setup()
from provisioning import removal
removal.{step} = lambda city: os.kill(os.getpid(), signal.SIGKILL)
removal.remove({city})
"""


@pytest.fixture
def city(django_db_setup: None, django_db_blocker: Any) -> Iterator[City]:
    """A committed city with content, archived, exported, its waiting time over."""
    with unblocked(django_db_blocker):
        remove_city(SLUG)
        call_command("provision_city", NAME, admin_email="boss@example.org", json=True)
        made = City.objects.get(slug=SLUG)
        Make(made).question("published", photos=1)
        life.archive(by=OPERATOR, city=made)
        life.note_export(made, "c" * 64, at=clock.now() + timedelta(seconds=1))
        with override_settings(CITY_DELETION_DAYS=0):
            yield life.schedule_deletion(by=OPERATOR, city=made)
        remove_city(SLUG)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM public.procrastinate_jobs")
            # Append-only for the product, and shared by all tests.
            cursor.execute("DELETE FROM public.provisioning_journal WHERE slug = %s", [SLUG])


def traces() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM pg_namespace WHERE nspname = %s), (SELECT count(*)"
            " FROM public.procrastinate_jobs WHERE args->>'schema' = %s)",
            [SCHEMA, SCHEMA],
        )
        schemas, jobs = cursor.fetchone()
    return {
        "cities": City.objects.filter(slug=SLUG).count(),
        "domains": Domain.objects.filter(domain__startswith=f"{SLUG}.").count(),
        "schemas": schemas,
        "jobs": jobs,
    }


NOTHING = {"cities": 0, "domains": 0, "schemas": 0, "jobs": 0}


def folder(city: City, settings: Any) -> Path:
    return Path(settings.MEDIA_ROOT) / city.schema_name


def test_deletion_removes_everything_and_frees_the_slug(city: City, settings: Any) -> None:
    neighbour = Path(settings.MEDIA_ROOT) / f"{SCHEMA}_2" / "kept.jpg"
    neighbour.parent.mkdir(parents=True)
    neighbour.write_text("kept")
    assert any(folder(city, settings).rglob("*.jpg"))
    assert traces()["jobs"] > 0
    life.delete(by=OPERATOR, city=city, name=NAME)
    with pytest.raises(ProvisioningRefused):
        provision(Request(hromada=Hromada.objects.get(slug=SLUG)))
    removal.remove(city.pk)
    assert traces() == NOTHING
    assert not folder(city, settings).exists()
    assert neighbour.read_text() == "kept"
    told = JournalEntry.objects.filter(city_id=city.pk).order_by("-id")
    assert [entry.action for entry in told[:2]] == ["deleted", "deletion_started"]
    removal.remove(city.pk)
    call_command("provision_city", NAME, admin_email="new@example.org", json=True)
    again = City.objects.get(slug=SLUG)
    assert again.pk != city.pk
    removal.remove(city.pk)
    assert traces()["cities"] == 1


def test_the_worker_does_it(city: City, settings: Any) -> None:
    """In a process of its own, from the queue; its files are in another folder than these."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM public.procrastinate_jobs")
    life.delete(by=OPERATOR, city=city, name=NAME)
    worker = start_worker()
    out, _ = worker.communicate(timeout=120)
    assert worker.returncode == 0, out
    assert traces() == NOTHING


@pytest.mark.parametrize("step", ["remove_city_files", "_remove_rows"])
def test_killed_between_two_steps_it_is_finished_by_the_next_run(
    city: City, settings: Any, step: str
) -> None:
    life.delete(by=OPERATOR, city=city, name=NAME)
    killed(KILLED.format(step=step, city=city.pk))
    left = traces()
    assert (left["cities"], left["domains"], left["schemas"]) == (1, 1, 1)
    assert City.objects.get(pk=city.pk).state == "deleted"
    removal.remove(city.pk)
    assert traces() == NOTHING


def test_a_city_whose_tables_are_gone_can_be_removed_too(city: City) -> None:
    life.delete(by=OPERATOR, city=city, name=NAME)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
    removal.remove(city.pk)
    assert traces() == NOTHING


def test_nothing_is_removed_of_a_city_that_nobody_deleted(city: City, settings: Any) -> None:
    before = traces()
    removal.remove(city.pk)
    assert traces() == before
    assert any(folder(city, settings).rglob("*.jpg"))


def test_a_lost_removal_is_started_again_and_a_waiting_one_is_not(city: City) -> None:
    life.delete(by=OPERATOR, city=city, name=NAME)
    assert removal.queue_stuck() == 0
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM public.procrastinate_jobs")
    assert removal.queue_stuck() == 1
    assert removal.queue_stuck() == 0


def test_two_operators_at_one_moment(city: City) -> None:
    seen = life.seen(City.objects.get(pk=city.pk))
    results = at_once(
        [
            lambda: life.delete(by=OPERATOR, city=city, name=NAME, expected=seen),
            lambda: life.unarchive(by=OPERATOR, city=city, expected=seen),
        ]
    )
    refused = [result for result in results if isinstance(result, life.CityChangeRefused)]
    done = [result for result in results if isinstance(result, City)]
    assert (len(refused), len(done)) == (1, 1)
    assert City.objects.get(pk=city.pk).state == done[0].state


def test_a_job_that_outlives_its_city_ends_in_peace(city: City) -> None:
    life.delete(by=OPERATOR, city=city, name=NAME)
    removal.remove(city.pk)
    with in_schema(SCHEMA):
        queue.defer("notices.deliver_mail", mail_id=1)
    worker = start_worker()
    out, _ = worker.communicate(timeout=120)
    assert worker.returncode == 0, out
    assert queue.dead_jobs() == []
    assert traces()["jobs"] == 0


@pytest.mark.parametrize("schema", ["", "public", "../city", "city/x", "City", "city_poltava/"])
def test_only_a_citys_own_prefix_can_be_removed(schema: str) -> None:
    with pytest.raises(ValueError, match="no city"):
        remove_city_files(schema)


# --- S3 -----------------------------------------------------------------------------------------


@pytest.fixture
def bucket() -> Iterator[tuple[s3.Server, CityS3Storage]]:
    with s3.running() as server:
        yield server, CityS3Storage(**server.options())


def test_in_s3_a_citys_keys_go_and_no_others(bucket: tuple[s3.Server, CityS3Storage]) -> None:
    server, storage = bucket
    others = [f"{SCHEMA}_2/a.jpg", "city_poltava/b.jpg"]
    for key in [*others, *[f"{SCHEMA}/{number}.jpg" for number in range(5)]]:
        server.put(key, b"x")
    storage.remove_city(SCHEMA)
    assert list(server.objects) == others
    storage.remove_city(SCHEMA)


def test_what_s3_refuses_to_delete_is_an_error(bucket: tuple[s3.Server, CityS3Storage]) -> None:
    server, storage = bucket
    for number in (1, 2):
        server.put(f"{SCHEMA}/{number}.jpg", b"x")
    server.kept = {f"{SCHEMA}/2.jpg"}
    with pytest.raises(OSError, match="kept 1"):
        storage.remove_city(SCHEMA)


@pytest.mark.django_db
def test_a_folder_of_files_is_removed_twice_without_harm(settings: Any) -> None:
    with in_schema("city_nowhere"):
        default_storage.save("photos/a.jpg", ContentFile(b"x"))
    remove_city_files("city_nowhere")
    assert not (Path(settings.MEDIA_ROOT) / "city_nowhere").exists()
    remove_city_files("city_nowhere")
