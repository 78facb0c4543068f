"""Export and restore of a city with many questions and photos, against pg_dump and pg_restore."""

# ruff: noqa: T201, E402 - a script that prints, and sets its environment before Django reads it
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

ROOT = Path(__file__).resolve().parents[2]
os.environ.setdefault("DATA_DIR", str(ROOT / ".data" / "bench"))
os.environ.update(VOLATILE="1", DJANGO_SETTINGS_MODULE="bezpechne.settings", LOG_LEVEL="ERROR")
sys.path[:0] = [str(ROOT / "platform"), str(ROOT)]

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from bezpechne.kernel import clock
from community.answers.models import Answer, Routing, Unit
from community.notices.models import Notice
from community.questions import links
from community.questions.models import Asker, Photo, Question, Tally, Topic
from community.questions.states import QuestionState
from provisioning.portability.exporting import export_city
from provisioning.portability.reading import Archive, verify
from provisioning.portability.restoring import restore_city
from provisioning.provisioning import OPERATOR
from tenants.current import entered
from tenants.models import City
from tests.worlds import digest

SLUG, SCHEMA = "lubny", "city_lubny"
BATCH = 1000
# Bytes of a photo as phones send it, as pages show it, and of its thumbnail.
SIZES = {"original": 60_000, "full": 30_000, "thumbnail": 6_000}


def timed(what: str, call: Callable[[], Any]) -> tuple[float, Any]:
    started, worked = time.perf_counter(), time.process_time()
    result = call()
    took, busy = time.perf_counter() - started, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{what:<40} {took:8.2f} s  (own CPU {busy:6.2f} s)   peak memory {peak:6.0f} MB",
        flush=True,
    )
    return took, result


def fill(number: int) -> None:
    """Answered questions with asker, routing, answer, letter's row and one photo each."""
    topics, unit, now = list(Topic.objects.all()), Unit.objects.all()[0], clock.now()
    for start in range(0, number, BATCH):
        questions = Question.objects.bulk_create(
            Question(
                state=QuestionState.ANSWERED,
                topic=topics[index % len(topics)],
                text=f"Чому на вулиці {uuid4()} досі темно? " * 8,
                public_text=f"Чому на вулиці {uuid4()} досі темно? " * 8,
                lat=50.0 + index / 100_000,
                lon=33.0 + index / 100_000,
                published_at=now,
                answered_at=now,
            )
            for index in range(start, min(start + BATCH, number))
        )
        askers = Asker.objects.bulk_create(
            Asker(question=q, name="Одарка", email=f"o{q.pk}@example.org", consented_at=now)
            for q in questions
        )
        for asker in askers:
            links.stamp(asker)
        Asker.objects.bulk_update(askers, ["confirm_hash", "pending_hash", "follow_hash"])
        routings = Routing.objects.bulk_create(
            Routing(question=q, unit=unit, state="done", expires_at=now) for q in questions
        )
        Answer.objects.bulk_create(
            Answer(
                question=r.question,
                unit=unit,
                routing=r,
                state="published",
                text=f"Патруль перевірив {uuid4()}. " * 6,
                published_at=now,
            )
            for r in routings
        )
        Notice.objects.bulk_create(
            Notice(kind="answered", key=f"a:{q.pk}", subject_id=q.pk, created_at=now, sent_at=now)
            for q in questions
        )
        _photos(questions)
    Tally.objects.filter(state=QuestionState.ANSWERED).update(number=number)


def _photos(questions: list[Question]) -> None:
    photos = []
    for question in questions:
        photo = Photo(question=question, submit_key=uuid4(), width=1600, height=1200)
        for name, size in SIZES.items():
            field = Photo._meta.get_field(name)
            path = field.upload_to(photo, "")  # type: ignore[union-attr] # a FileField's
            target = Path(settings.MEDIA_ROOT) / SCHEMA / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(os.urandom(size))
            setattr(photo, name, path)
        photos.append(photo)
    Photo.objects.bulk_create(photos)


def remove() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    City.objects.filter(slug=SLUG).delete()
    shutil.rmtree(Path(settings.MEDIA_ROOT) / SCHEMA, ignore_errors=True)


def pg_dump(target: Path) -> None:
    """The obvious way: rows alone, no files, no copy for people."""
    values = connection.settings_dict
    program = shutil.which("pg_dump", path=os.environ.get("PG_BIN", "")) or "pg_dump"
    subprocess.run(
        [program, "-Fc", "-n", SCHEMA, "-f", str(target), "-d", str(values["NAME"])],
        env={
            **os.environ,
            "PGHOST": str(values["HOST"]),
            "PGPORT": str(values["PORT"]),
            "PGUSER": str(values["USER"]),
            "PGPASSWORD": str(values["PASSWORD"]),
        },
        check=True,
    )


def others(wanted: int) -> None:
    """Schemas of other cities, by the script."""
    from provisioning.schemas.stock import fill_stock  # noqa: PLC0415 - rarely wanted

    if wanted:
        timed(f"{wanted} other schemas", lambda: fill_stock(wanted))


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    call_command("migrate_schemas", interactive=False, verbosity=0)
    remove()
    call_command("provision_city", "Лубни", admin_email="a@example.org", json=True)
    others(int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    with entered(SCHEMA):
        timed(f"making {number} questions", lambda: fill(number))
    city = City.objects.get(slug=SLUG)
    before = digest(SCHEMA)
    with tempfile.TemporaryDirectory() as folder:
        path, dump = Path(folder) / "city.zip", Path(folder) / "city.dump"
        took, done = timed("export", lambda: export_city(by=OPERATOR, city=city, path=path))
        print(
            f"  {done.manifest.rows} rows, {done.manifest.files.count} files,"
            f" {done.manifest.files.size / 1e6:.0f} MB of files, archive {done.size / 1e6:.0f} MB"
        )
        theirs, _ = timed("pg_dump -n (rows alone)", lambda: pg_dump(dump))
        print(f"  {dump.stat().st_size / 1e6:.1f} MB; pg_dump / export {theirs / took:.2f}")
        held = Path(settings.MEDIA_ROOT) / SCHEMA
        copied, _ = timed("cp of the files", lambda: shutil.copytree(held, Path(folder) / "copy"))
        print(f"  export / (pg_dump + cp) {took / (theirs + copied):.2f}")
        with Archive(path) as archive:
            timed("verify", lambda: verify(archive, lambda what, done, total: None))
        remove()
        moments: dict[str, float] = {}

        def tell(what: str, _done: int, _total: int) -> None:
            moments.setdefault(what, time.perf_counter())

        started = time.perf_counter()
        back, _ = timed("restore", lambda: restore_city(by=OPERATOR, path=path, tell=tell))
        print(f"  restore / cp {back / copied:.2f}")
        for what, moment in moments.items():
            print(f"  {what:<38} from {moment - started:6.2f} s")
    after = digest(SCHEMA)
    touched = {f"{SCHEMA}.audit_entry", f"{SCHEMA}.django_migrations"}
    same = {name for name in before if before[name] == after[name]}
    print("identical tables:", len(same), "of", len(before), "not:", sorted(set(before) - same))
    assert set(before) - same <= touched
    remove()


if __name__ == "__main__":
    main()
