"""What an export holds, what it never holds, and what happens when it cannot be written."""

import csv
import fcntl
import io
import json
import resource
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as live_settings
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import connection, transaction
from django.db.utils import InternalError

from bezpechne.kernel.actors import SYSTEM
from bezpechne.kernel.schema import in_schema
from community.questions.models import Photo, Question, Topic
from provisioning.management.failures import BadInputError
from provisioning.models import JournalEntry
from provisioning.portability import tables
from provisioning.portability.exporting import export_city
from provisioning.portability.reading import Archive, verify
from provisioning.portability.restoring import restore_city
from provisioning.provisioning import OPERATOR
from provisioning.schemas.building import create_schema, migrate
from provisioning.schemas.stock import TEMPLATE
from tenants.models import City, Domain
from tenants.versions import Version, code_version, remember, schema_version
from tests.factories import inside
from tests.integration.committed import at_once, killed
from tests.integration.portability.conftest import (
    FOREIGN_MARK,
    OWN_MARK,
    SCHEMA,
    SLUG,
    Sample,
    delete,
    forget,
)
from tests.worlds import digest


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def sheet(path: Path, name: str) -> list[dict[str, str]]:
    text = members(path)[f"csv/{name}.csv"].decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


# --- what is in it ----------------------------------------------------------------------------------


def test_no_byte_of_another_city(sample: Sample, db: None) -> None:
    held = members(sample.path)
    marked = [name for name, data in held.items() if OWN_MARK.encode() in data]
    kinds = {name.partition("/")[0] for name in marked}
    assert {"tables", "csv", "files", "index.html"} <= kinds
    foreign = [FOREIGN_MARK, "foreign-mark@example.org", "khorol", "Хорол", "city_khorol"]
    for name, data in held.items():
        for mark in (*foreign, "poltava", "ternopil"):
            assert mark.encode() not in data, (name, mark)


def test_no_sessions_and_no_key(sample: Sample) -> None:
    whole = b"".join(members(sample.path).values())
    assert live_settings.SECRET_KEY.encode() not in whole
    assert not [name for name in members(sample.path) if "session" in name]


def test_the_file_is_its_owners_alone(sample: Sample) -> None:
    assert sample.path.stat().st_mode & 0o777 == 0o600
    assert not list(sample.path.parent.glob("*.part"))


def test_the_city_remembers_its_export(sample: Sample, db: None) -> None:
    city = City.objects.get(slug=SLUG)
    assert city.export_sha256 == sample.done.sha256
    assert city.exported_at is not None
    entry = JournalEntry.objects.get(slug=SLUG, action="exported")
    assert entry.detail == {"sha256": sample.done.sha256}


def test_tables_for_people(sample: Sample) -> None:
    questions = {int(row["№"]): row for row in sheet(sample.path, "questions")}
    world = sample.world
    assert questions[world.rejected.pk]["Стан"] == "Відхилено"
    assert questions[world.published.pk]["Фото"] == "1"
    assert questions[world.new.pk]["Ім’я (персональні дані)"] == "Одарка Секретна"
    marked = [row for row in questions.values() if OWN_MARK in row["Текст мешканця"]]
    # A formula is a text here.
    assert [row["Текст мешканця"][:5] for row in marked] == ["'=1+1"]
    assert {row["Назва"] for row in sheet(sample.path, "units")} > {"Дільничні"}
    answers = sheet(sample.path, "answers")
    assert {row["Стан"] for row in answers} == {"Опубліковано", "Чекає на пульт"} or len(
        answers
    ) > 2
    assert len(sheet(sample.path, "topics")) == 12 or sheet(sample.path, "topics")
    assert {row["Роль"] for row in sheet(sample.path, "staff")} >= {"Модератор"}
    hours = sheet(sample.path, "hours")
    assert {(row["День"], row["Години"]) for row in hours} >= {("2026-03-02", "1.50")}


def test_the_page_escapes_and_names_nobody(sample: Sample) -> None:
    page = members(sample.path)["index.html"].decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script" not in page
    assert "Містить персональні дані" in page
    assert "Одарка" not in page
    assert "example.org" not in page
    photo = sample.world.photo
    assert f'src="files/{photo.thumbnail.name}"' in page
    assert f"files/{photo.thumbnail.name}" in members(sample.path)


# --- what can go wrong ------------------------------------------------------------------------------


def test_an_existing_file_is_kept_without_force(committed: Sample, tmp_path: Path) -> None:
    path = tmp_path / "mine.zip"
    path.write_text("mine")
    with pytest.raises(BadInputError, match="exists already") as refused:
        call_command("city", "export", SLUG, str(path))
    assert refused.value.returncode == 2
    assert path.read_text() == "mine"
    call_command("city", "export", SLUG, str(path), force=True)
    assert zipfile.is_zipfile(path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_unknown_city_folder_and_person(committed: Sample, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="No city has the slug"):
        call_command("city", "export", "nowhere", str(tmp_path / "x.zip"))
    with pytest.raises(BadInputError, match="Cannot write"):
        call_command("city", "export", SLUG, str(tmp_path / "none" / "x.zip"))
    with pytest.raises(PermissionDenied):
        export_city(by=SYSTEM, city=committed.world.city, path=tmp_path / "x.zip")
    assert list(tmp_path.iterdir()) == []


@contextmanager
def disk_of(size: int) -> Iterator[None]:
    """Files of this process cannot grow beyond `size`: a write fails as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("size", [0, 9_000, 30_000])
def test_a_full_disk_leaves_nothing(committed: Sample, tmp_path: Path, size: int) -> None:
    assert committed.done.size > size
    before = City.objects.get(slug=SLUG).export_sha256
    with disk_of(size), pytest.raises(BadInputError, match="The disk is full") as refused:
        call_command("city", "export", SLUG, str(tmp_path / "x.zip"))
    assert refused.value.returncode == 2
    assert list(tmp_path.iterdir()) == []
    assert City.objects.get(slug=SLUG).export_sha256 == before


def test_two_exports_to_one_file(committed: Sample, tmp_path: Path) -> None:
    with (tmp_path / "x.zip.part").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(BadInputError, match="Another export is writing"):
            call_command("city", "export", SLUG, str(tmp_path / "x.zip"))
    # What a killed export left behind is in nobody's way.
    call_command("city", "export", SLUG, str(tmp_path / "x.zip"))
    assert [path.name for path in tmp_path.iterdir()] == ["x.zip"]


def test_missing_files_are_listed(
    committed: Sample, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = committed.media / SCHEMA / str(committed.world.photo.original.name)
    content = file.read_bytes()
    file.unlink()
    try:
        call_command("city", "export", SLUG, str(tmp_path / "x.zip"))
    finally:
        file.write_bytes(content)
    assert "1 files that rows name are not in the storage" in capsys.readouterr().out
    with Archive(tmp_path / "x.zip") as archive:
        verify(archive, lambda what, done, total: None)
        assert archive.manifest.files.missing == [committed.world.photo.original.name]
        assert archive.manifest.files.count == committed.done.manifest.files.count - 1


def test_the_snapshot_writes_nothing_and_sees_one_moment(committed: Sample) -> None:
    with in_schema(SCHEMA):
        before = Question.objects.count()
    with tables.snapshot(), in_schema(SCHEMA):
        assert Question.objects.count() == before
        at_once([_ask_one_more])
        assert Question.objects.count() == before
        with pytest.raises(InternalError, match="read-only"), transaction.atomic():
            Topic.objects.update(position=1)
    with in_schema(SCHEMA):
        late = Question.objects.get(text="Запізніле")
        assert Question.objects.count() == before + 1
        late.delete()


def _ask_one_more() -> None:
    with in_schema(SCHEMA):
        topic = Topic.objects.all()[0]
        Question.objects.create(topic=topic, text="Запізніле", lat=50.0, lon=33.0)


def test_progress_and_report(
    committed: Sample, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("city", "export", SLUG, str(tmp_path / "x.zip"))
    said = capsys.readouterr().out
    files = committed.done.manifest.files.count
    assert "  tables " in said
    assert f"{files} of {files}" in said
    assert "sha256 " in said
    assert "personal data" in said
    call_command("city", "verify", str(tmp_path / "x.zip"))
    assert "whole and unchanged" in capsys.readouterr().out


# --- older releases ---------------------------------------------------------------------------------

# Such that today's questions can still be written.
LAST = {("desk", "0002_phrases_by_topic"), ("audit", "0003_log_by_kind_and_actor")}


@pytest.fixture
def older(committed: Sample, tmp_path: Path) -> Iterator[Path]:
    """The archive of a city at the release before the last migrations, and the city gone."""
    version = Version.of(code_version().migrations - LAST)
    assert len(version.migrations) == len(code_version().migrations) - len(LAST)
    slug, schema = "pyriatyn", "city_pyriatyn"
    forget(slug)
    with transaction.atomic():
        city = City.objects.create(
            schema_name=schema,
            slug=slug,
            name_uk="Пирятин",
            name_en="Pyriatyn",
            katottg="UA53060230000000000",
            schema_version=version.fingerprint,
        )
        Domain.objects.create(domain=f"{slug}.bezpechne.test", tenant=city, is_primary=True)
        create_schema(schema)
        migrate(schema, only=version.migrations)
    remember(version)
    with inside(city):
        topic = Topic.objects.create(code="trade", name_uk="Торгівля", name_en="Trade")
        for number in range(3):
            Question.objects.create(topic=topic, text=f"Питання {number}", lat=50.2, lon=32.5)
    path = tmp_path / "older.zip"
    call_command("city", "export", slug, str(path))
    forget(slug)
    yield path
    forget(slug)


def constraints(schema: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE connamespace = %s::regnamespace", [schema]
        )
        return {name for (name,) in cursor.fetchall()}


def test_an_older_archive_is_migrated_to_this_release(
    older: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("city", "restore", str(older))
    assert "migrating to this release" in capsys.readouterr().out
    city = City.objects.get(slug="pyriatyn")
    assert city.schema_version == code_version().fingerprint
    with inside(city):
        assert schema_version() == code_version()
        assert [question.text for question in Question.objects.order_by("pk")] == [
            "Питання 0",
            "Питання 1",
            "Питання 2",
        ]
    assert constraints("city_pyriatyn") == constraints(SCHEMA)
    assert "questions_state_known" in constraints("city_pyriatyn")
    types = digest("city_pyriatyn", TEMPLATE)
    assert types["city_pyriatyn.django_content_type"] == types[f"{TEMPLATE}.django_content_type"]


# --- killed in the middle ---------------------------------------------------------------------------

CODE = """
import django, os, signal, sys
django.setup()
from pathlib import Path
from provisioning.portability.restoring import restore_city
from provisioning.provisioning import OPERATOR
def tell(what, done, total):
    if what == os.environ["KILL_AT"] and done * 2 >= total:
        os.kill(os.getpid(), signal.SIGKILL)
restore_city(by=OPERATOR, path=Path(os.environ["ARCHIVE"]), tell=tell)
"""


def test_killed_at_any_point_leaves_nothing_and_the_next_run_restores(
    committed: Sample, tmp_path: Path
) -> None:
    before = {name: text for name, text in committed.digest.items() if "audit" not in name}
    held = committed.media / SCHEMA
    aside = held.rename(tmp_path / "aside")
    delete(SLUG)
    environment = {
        "ARCHIVE": str(committed.path),
        "DATA_DIR": str(tmp_path / "data"),
        "SECRET_KEY": live_settings.SECRET_KEY,
    }
    try:
        for moment in ("comparing tables",):
            killed(CODE, KILL_AT=moment, **environment)
            assert not City.objects.filter(slug=SLUG).exists(), moment
            assert not tables_of(SCHEMA), moment
    finally:
        restore_city(by=OPERATOR, path=committed.path)
    now = digest(SCHEMA)
    assert {name for name, text in before.items() if now[name] != text} <= {
        f"{SCHEMA}.django_migrations"
    }
    for path in aside.rglob("*.jpg"):
        assert (held / path.relative_to(aside)).read_bytes() == path.read_bytes()
    with in_schema(SCHEMA):
        assert Photo.objects.filter(pk=committed.world.photo.pk).exists()


def tables_of(schema: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema])
        return list(cursor.fetchall())


def test_the_manifest_can_be_read_by_people(sample: Sample) -> None:
    manifest = json.loads(members(sample.path)["manifest.json"])
    assert manifest["format"] == "bezpechne.city"
    assert manifest["city"]["name_uk"] == "Лубни"
    assert manifest["domains"][0]["domain"] == "lubny.bezpechne.test"
    assert [entry["action"] for entry in manifest["journal"]] == ["provisioned"]
    (table,) = [one for one in manifest["tables"] if one["name"] == "questions_photo"]
    assert table["sequences"]["id"][1] is True
    assert ["key", "uuid"] in table["columns"]
