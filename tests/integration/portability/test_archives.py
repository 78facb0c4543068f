"""Archives that are damaged, foreign or made to do harm: a sentence, and nothing is changed."""

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from provisioning.management.failures import BadInputError
from provisioning.portability import reading
from provisioning.portability.manifest import parse
from provisioning.portability.reading import Archive, verify
from provisioning.portability.refusals import ArchiveRefused, RestoreRefused
from provisioning.portability.restoring import check_city, restore_city
from provisioning.provisioning import OPERATOR
from provisioning.schemas.stock import schema_exists
from tenants.models import City
from tests.integration.portability.altering import (
    flip,
    from_the_future,
    rewrite,
    with_files_list,
    with_table,
)
from tests.integration.portability.conftest import SCHEMA, SLUG, Sample


def check(path: Path) -> None:
    with Archive(path) as archive:
        verify(archive, lambda what, done, total: None)


def names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def test_a_sound_archive_passes(sample: Sample) -> None:
    check(sample.path)


@pytest.mark.parametrize("kept", [0, 1, 100, 0.5, 0.99, -1, -30])
def test_cut_short(sample: Sample, tmp_path: Path, kept: float) -> None:
    data = sample.path.read_bytes()
    length = int(len(data) * kept) if isinstance(kept, float) else int(kept)
    path = tmp_path / "cut.zip"
    path.write_bytes(data[:length])
    with pytest.raises(ArchiveRefused, match="cut short"):
        check(path)


@pytest.mark.parametrize(
    "member", ["manifest.json", "tables/questions_question.copy", "index.html", "files.jsonl", ""]
)
def test_one_bit_changed(sample: Sample, tmp_path: Path, member: str) -> None:
    photo = next(name for name in names(sample.path) if name.startswith("files/photos"))
    path = flip(sample.path, tmp_path / "bit.zip", member or photo)
    with pytest.raises(ArchiveRefused):
        check(path)


@pytest.mark.parametrize("kind", ["tables/", "files/", "csv/", "index"])
def test_content_replaced(sample: Sample, tmp_path: Path, kind: str) -> None:
    name = next(name for name in names(sample.path) if name.startswith(kind))
    with zipfile.ZipFile(sample.path) as archive:
        data = bytearray(archive.read(name))
    data[-2] ^= 1
    path = rewrite(sample.path, tmp_path / "new.zip", members={name: bytes(data)})
    with pytest.raises(ArchiveRefused, match="tampered"):
        check(path)
    path = rewrite(sample.path, tmp_path / "less.zip", members={name: None})
    with pytest.raises(ArchiveRefused, match="lacks"):
        check(path)


def test_foreign_files(tmp_path: Path) -> None:
    with pytest.raises(ArchiveRefused, match="There is no file"):
        check(tmp_path / "none.zip")
    with pytest.raises(ArchiveRefused, match="There is no file"):
        check(tmp_path)
    path = tmp_path / "foreign.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(ArchiveRefused, match="no manifest"):
        check(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manifest.json", '{"name": "a web app"}')
    with pytest.raises(ArchiveRefused, match="not an archive of a city"):
        check(path)


@pytest.mark.parametrize(
    "name", ["../../evil", "/etc/cron.d/evil", "files/../../evil", "C:\\evil", "files//x", "a\n"]
)
def test_names_that_lead_out(sample: Sample, tmp_path: Path, name: str) -> None:
    path = rewrite(sample.path, tmp_path / "evil.zip", members={name: b"x"})
    with pytest.raises(ArchiveRefused, match="lead out"):
        check(path)
    path = with_files_list(sample.path, tmp_path / "listed.zip", name, b"x")
    with pytest.raises(ArchiveRefused):
        check(path)


def test_a_file_more_is_noticed_unless_it_is_listed(sample: Sample, tmp_path: Path) -> None:
    path = rewrite(sample.path, tmp_path / "more.zip", members={"files/more.jpg": b"x"})
    with pytest.raises(ArchiveRefused, match="does not list"):
        check(path)
    check(with_files_list(sample.path, tmp_path / "listed.zip", "more.jpg", b"x"))


def test_one_name_twice(sample: Sample, tmp_path: Path) -> None:
    path = Path(shutil.copy(sample.path, tmp_path / "twice.zip"))
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("index.html", "other")
    with pytest.raises(ArchiveRefused, match="twice"):
        check(path)


def test_a_bomb(sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_BOMB_BYTES", 1_000_000)
    path = Path(shutil.copy(sample.path, tmp_path / "bomb.zip"))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tables/more.copy", b"\0" * 4_000_000)
    with pytest.raises(ArchiveRefused, match="do harm"):
        check(path)


def test_every_part_of_the_manifest_is_checked(sample: Sample) -> None:
    """Whatever stands there, the answer is a sentence."""
    good = json.loads(sample.done.manifest.as_json())
    parse(json.dumps(good).encode())
    wrongs: tuple[Any, ...] = (None, 7, "x", [7], {"x": [None]}, [["a"]], [{}], True)
    for key in good:
        for wrong in wrongs:
            if wrong == good[key] or (key in {"city", "left_out"} and isinstance(wrong, dict)):
                continue
            if type(wrong) is type(good[key]) is str:
                continue
            # What these hold is checked where it is used.
            if key in {"domains", "journal", "jobs"} and wrong == [{}]:
                continue
            with pytest.raises(ArchiveRefused):
                assert not parse(json.dumps({**good, key: wrong}).encode()), (key, wrong)
        less = {name: value for name, value in good.items() if name != key}
        with pytest.raises(ArchiveRefused):
            parse(json.dumps(less).encode())
    for text in (b"", b"null", b"[" * 100_000, b"\xff", b'{"format": "bezpechne.city"'):
        with pytest.raises(ArchiveRefused):
            parse(text)
    table = good["tables"][0]
    for part in (
        {"name": "x; DROP TABLE y"},
        {"sha256": "no"},
        {"rows": -1},
        {"columns": [["id"]]},
        {"key": ["nowhere"]},
        {"sequences": {"id": ["1", True]}},
    ):
        with pytest.raises(ArchiveRefused):
            parse(json.dumps({**good, "tables": [{**table, **part}]}).encode())


def test_a_later_format_names_its_release(sample: Sample) -> None:
    good = json.loads(sample.done.manifest.as_json())
    with pytest.raises(ArchiveRefused, match=r"Use release 2031\.4"):
        parse(json.dumps({**good, "format_version": 2, "release": "2031.4"}).encode())


def test_another_sum_is_another_file(sample: Sample) -> None:
    call_command("city", "verify", str(sample.path), sha256=sample.done.sha256)
    with pytest.raises(BadInputError, match="another file") as refused:
        call_command("city", "verify", str(sample.path), sha256="0" * 64)
    assert refused.value.returncode == 2


# --- what only the database can tell ----------------------------------------------------------------


def nothing_came(path: Path, words: str, **options: Any) -> None:
    """Refused, and no trace of a city."""
    with pytest.raises((ArchiveRefused, RestoreRefused), match=words):
        restore_city(by=OPERATOR, path=path, **options)
    assert not City.objects.filter(slug=SLUG).exists()
    assert not schema_exists(SCHEMA)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM public.procrastinate_jobs WHERE args->>'schema' = %s", [SCHEMA]
        )
        assert cursor.fetchone()[0] == 0


def test_a_newer_archive_names_the_release_that_is_needed(deleted: Sample, tmp_path: Path) -> None:
    path = rewrite(deleted.path, tmp_path / "new.zip", from_the_future)
    nothing_came(path, r"newer release: 2031\.4.*questions\.0099_from_the_future")


def test_a_wrong_fingerprint(deleted: Sample, tmp_path: Path) -> None:
    def change(manifest: dict[str, Any]) -> None:
        manifest["migrations"].pop()

    nothing_came(rewrite(deleted.path, tmp_path / "x.zip", change), "fingerprint")


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("poltava", "taken by Полтава"),
        ("admin", "kept for the platform"),
        ("Лубни", "cannot be a slug"),
        ("a--b", "cannot be a slug"),
        ("x" * 41, "cannot be a slug"),
    ],
)
def test_slugs(deleted: Sample, slug: str, words: str) -> None:
    nothing_came(deleted.path, words, slug=slug)


def test_a_hromada_that_lives_here(deleted: Sample, tmp_path: Path) -> None:
    code = City.objects.get(slug="poltava").katottg
    path = rewrite(deleted.path, tmp_path / "x.zip", lambda m: m["city"].update(katottg=code))
    nothing_came(path, "already as “poltava”")


@pytest.mark.parametrize("field", ["katottg", "name_uk", "accent_light", "zoom", "state"])
def test_a_city_that_is_none(deleted: Sample, tmp_path: Path, field: str) -> None:
    path = rewrite(
        deleted.path, tmp_path / "x.zip", lambda m: m["city"].update({field: "<b>" * 40})
    )
    nothing_came(path, "archive")


def test_rows_that_point_nowhere(deleted: Sample, tmp_path: Path) -> None:
    def without_topics(data: bytes) -> bytes:
        return b""

    path = with_table(deleted.path, tmp_path / "x.zip", "questions_topic", without_topics)
    nothing_came(path, "not in it")


def test_rows_that_break_a_rule_are_not_quoted(deleted: Sample, tmp_path: Path) -> None:
    def edit(data: bytes) -> bytes:
        return data.replace(b"\tpublished\t", b"\tinvented\t", 1)

    path = with_table(deleted.path, tmp_path / "x.zip", "questions_question", edit)
    with pytest.raises(RestoreRefused, match="questions_question do not fit") as refused:
        restore_city(by=OPERATOR, path=path)
    assert "зупинки" not in str(refused.value)


def test_rows_in_another_order_are_not_what_was_exported(deleted: Sample, tmp_path: Path) -> None:
    def edit(data: bytes) -> bytes:
        return b"".join(reversed(data.splitlines(keepends=True)))

    path = with_table(deleted.path, tmp_path / "x.zip", "questions_topic", edit)
    nothing_came(path, "another checksum")


@pytest.mark.parametrize("table", ["django_session", "accounts_user", "pg_class"])
def test_tables_that_do_not_belong(deleted: Sample, tmp_path: Path, table: str) -> None:
    def change(manifest: dict[str, Any]) -> None:
        (entry,) = [one for one in manifest["tables"] if one["name"] == "answers_letter"]
        if table == "accounts_user":
            manifest["tables"].remove(entry)
        entry["name"] = table

    with zipfile.ZipFile(deleted.path) as archive:
        data = archive.read("tables/answers_letter.copy")
    members: dict[str, bytes | None] = {"tables/answers_letter.copy": None}
    if table != "accounts_user":
        members[f"tables/{table}.copy"] = data
    nothing_came(rewrite(deleted.path, tmp_path / "x.zip", change, members), "archive")


def test_a_job_of_nobody(deleted: Sample, tmp_path: Path) -> None:
    def change(manifest: dict[str, Any]) -> None:
        manifest["jobs"][0]["args"] = {"mail_id": 1, "schema": "city_poltava"}

    nothing_came(rewrite(deleted.path, tmp_path / "x.zip", change), "waiting job")


def test_a_dry_run_changes_nothing(deleted: Sample, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("city", "restore", str(deleted.path), dry_run=True, state="draft")
    assert "can be restored as “lubny”, draft" in capsys.readouterr().out
    assert not schema_exists(SCHEMA)
    _manifest, whole, plan = check_city(deleted.path, tell=lambda what, done, total: None)
    assert (whole, plan.same_links) == (deleted.done.sha256, True)


def test_a_living_city_refuses(sample: Sample, db: None) -> None:
    with pytest.raises(BadInputError, match="is taken by Лубни") as refused:
        call_command("city", "restore", str(sample.path))
    assert refused.value.returncode == 2
