"""From the folder into the bucket and back: whole, resumable, checked."""

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import CommandError

from bezpechne.kernel import metering
from bezpechne.kernel.schema import in_schema
from provisioning import moving_files as moving
from provisioning.management.failures import BadInputError
from tenants.models import City
from tests import bucket as s3

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parents[3]
ALPHA, BETA = "city_poltava", "city_ternopil"


@pytest.fixture
def server(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[s3.Server]:
    """The folder is in force; the bucket is known to the command alone."""
    monkeypatch.setattr(moving, "WAIT_SECONDS", 0.01)
    with s3.running() as server:
        settings.S3_BUCKET, settings.S3_OPTIONS = s3.BUCKET, server.options()
        yield server


@pytest.fixture
def folder(settings: Any, db: None) -> dict[str, bytes]:
    """Files of two cities and of the platform, by key."""
    chance = random.Random(7)  # noqa: S311 - the same files each time
    files = {
        f"{schema}/photos/{n:02x}/{n:032x}-full.jpg": chance.randbytes(chance.randint(0, 30_000))
        for schema in (ALPHA, BETA)
        for n in range(30)
    }
    files["public/billing/papers/act-1.pdf"] = b"%PDF-1.4"
    files[f"{ALPHA}/letters/ab/{'ab' * 16}.bin"] = b""
    for key, content in files.items():
        path = Path(settings.MEDIA_ROOT) / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return files


def run(*arguments: str, **options: Any) -> str:
    out = StringIO()
    call_command("move_files", *arguments, stdout=out, **options)
    return out.getvalue()


def test_every_file_arrives_once_and_the_folder_stays(
    settings: Any, folder: dict[str, bytes], server: s3.Server
) -> None:
    with in_schema(ALPHA):
        metering.put(metering.FILE_BYTES, 4711)
    said = run("--to", "s3")
    assert server.objects == folder
    assert "city_poltava: 31 copied" in said
    assert "All files are right at the target" in said
    assert all((Path(settings.MEDIA_ROOT) / key).read_bytes() == folder[key] for key in folder)
    with in_schema(ALPHA):
        # A file that moves is stored once, whoever counts.
        assert metering.counted(metering.FILE_BYTES) == 4711
    puts = len([line for line in server.seen if line.startswith("PUT")])
    assert puts == len(folder)
    assert "31 there already" in run("--to", "s3")
    assert len([line for line in server.seen if line.startswith("PUT")]) == puts


def test_what_is_in_force_then_reads_and_weighs_the_same(
    settings: Any, folder: dict[str, bytes], server: s3.Server
) -> None:
    def weigh() -> int:
        with in_schema(ALPHA):
            return sum(item.size for item in default_storage.items())  # type: ignore[attr-defined]

    before = weigh()
    run("--to", "s3")
    s3.in_force(server, settings)
    assert weigh() == before
    name = f"photos/03/{3:032x}-full.jpg"
    with in_schema(ALPHA), default_storage.open(name) as file:
        assert file.read() == folder[f"{ALPHA}/{name}"]


def test_one_city_alone(folder: dict[str, bytes], server: s3.Server) -> None:
    run("--to", "s3", "--city", "ternopil")
    assert set(server.objects) == {key for key in folder if key.startswith(f"{BETA}/")}


def test_a_dry_run_writes_nothing(folder: dict[str, bytes], server: s3.Server) -> None:
    said = run("--to", "s3", "--dry-run")
    assert f"{len(folder)} files would be copied" in said
    assert server.objects == {}


def test_verify_names_what_differs_and_fails(folder: dict[str, bytes], server: s3.Server) -> None:
    run("--to", "s3")
    keys = sorted(key for key in folder if folder[key])
    server.objects[keys[0]] = b"?" * len(folder[keys[0]])
    server.objects.pop(keys[1])
    server.put(f"{ALPHA}/photos/ff/newer.jpg", b"x")
    before = dict(server.objects)
    out = StringIO()
    with pytest.raises(CommandError, match="2 files are not right") as failed:
        call_command("move_files", "--to", "s3", "--verify", "--deep", stdout=out)
    assert failed.value.returncode == 1
    assert f"{keys[0]}: different" in out.getvalue()
    assert f"{keys[1]}: missing" in out.getvalue()
    assert "1 at the target alone" in out.getvalue()
    assert server.objects == before
    assert "1 replaced" in run("--to", "s3", "--deep")
    assert "All files are right" in run("--to", "s3", "--verify", "--deep")
    # What the target alone has is somebody's newer upload.
    assert server.objects[f"{ALPHA}/photos/ff/newer.jpg"] == b"x"


def test_sums_that_are_no_md5_are_asked_for_otherwise(
    folder: dict[str, bytes], server: s3.Server
) -> None:
    """Encrypting servers and those that take parts."""
    server.etag_is_md5 = False
    run("--to", "s3")
    puts = len([line for line in server.seen if line.startswith("PUT")])
    server.metadata.clear()
    run("--to", "s3", "--verify")
    run("--to", "s3")
    assert len([line for line in server.seen if line.startswith("PUT")]) == puts


def test_files_that_come_meanwhile_are_in_the_next_pass(
    settings: Any, folder: dict[str, bytes], server: s3.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = Path(settings.MEDIA_ROOT) / ALPHA / "photos" / "aa" / "late.jpg"
    real = moving.Mover.move

    def move(self: moving.Mover, schema: str) -> moving.Report:
        done = real(self, schema)
        if schema == BETA and not late.exists():
            late.parent.mkdir(parents=True, exist_ok=True)
            late.write_bytes(b"late")
        return done

    monkeypatch.setattr(moving.Mover, "move", move)
    run("--to", "s3")
    assert server.objects[f"{ALPHA}/photos/aa/late.jpg"] == b"late"


def test_a_bucket_with_moods_gets_everything_in_the_end(
    folder: dict[str, bytes], server: s3.Server
) -> None:
    server.fail("503 SlowDown", "PUT", after=5)
    with pytest.raises(CommandError, match="run this again") as failed:
        run("--to", "s3", "--workers", "2")
    assert failed.value.returncode == 1
    assert 0 < len(server.objects) < len(folder)
    server.mend()
    run("--to", "s3")
    assert server.objects == folder


def test_back_into_the_folder(
    settings: Any, folder: dict[str, bytes], server: s3.Server, tmp_path: Path
) -> None:
    run("--to", "s3")
    settings.MEDIA_ROOT = tmp_path / "elsewhere"
    server.put(f"{ALPHA}/photos/../../escaped.jpg", b"x")
    with pytest.raises(CommandError, match="1 files are not right"):
        run("--to", "folder")
    found = {
        path.relative_to(settings.MEDIA_ROOT).as_posix(): path.read_bytes()
        for path in Path(settings.MEDIA_ROOT).rglob("*")
        if path.is_file()
    }
    assert found == folder
    assert not (tmp_path / "escaped.jpg").exists()


@pytest.mark.parametrize(
    "arguments", [["--to", "s3", "--city", "atlantis"], ["--to", "s3", "--workers", "0"]]
)
def test_bad_arguments_end_with_2(db: None, server: s3.Server, arguments: list[str]) -> None:
    with pytest.raises(BadInputError) as failed:
        run(*arguments)
    assert failed.value.returncode == 2


def test_without_a_bucket_it_says_what_to_set(settings: Any, db: None) -> None:
    settings.S3_BUCKET = ""
    with pytest.raises(BadInputError, match="S3_BUCKET"):
        run("--to", "s3")


KILLED = """
import django, sys
django.setup()
from pathlib import Path
from provisioning import moving_files as moving
source, target = moving.storage_of(sys.argv[1]), moving.storage_of(sys.argv[2])
print("begins", flush=True)
moving.Mover(source=source, target=target, workers=3).move("city_poltava")
print("done", flush=True)
"""


@pytest.mark.parametrize("way", [("folder", "s3"), ("s3", "folder")])
def test_killed_at_random_and_started_again_it_loses_nothing(tmp_path: Path, way: Any) -> None:
    chance = random.Random(11)  # noqa: S311 - the same moments each time
    files = {f"photos/{n % 16:02x}/{n:032x}.jpg": chance.randbytes(20_000) for n in range(150)}
    with s3.running() as server:
        root = tmp_path / "files" / ALPHA
        for name, content in files.items():
            if way[0] == "s3":
                server.put(f"{ALPHA}/{name}", content)
            else:
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_bytes(content)
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "bezpechne.settings",
            "PYTHONPATH": os.pathsep.join([str(ROOT / "platform"), str(ROOT)]),
            # Never asked: the schemas of a mover need no database.
            "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none",
            "DATA_DIR": str(tmp_path),
            "S3_BUCKET": s3.BUCKET,
            "S3_ENDPOINT_URL": server.url,
            "S3_ACCESS_KEY_ID": "key",
            "S3_SECRET_ACCESS_KEY": "secret",
        }
        kills = 0
        while True:
            process = subprocess.Popen(
                [sys.executable, "-c", KILLED, *way],
                env=environment,
                stdout=subprocess.PIPE,
                text=True,
            )
            assert process.stdout is not None
            assert process.stdout.readline() == "begins\n"
            if kills < 3:
                time.sleep(chance.uniform(0.05, 0.35))
                process.send_signal(signal.SIGKILL)
                kills += 1
            out, _ = process.communicate(timeout=60)
            if "done" in out:
                break
            # Never a part of a file under its name, at any moment.
            _check_parts(server, root, files)
        assert kills
        found = _check_parts(server, root, files)
        assert found == (len(files), len(files))


def _check_parts(server: s3.Server, root: Path, files: dict[str, bytes]) -> tuple[int, int]:
    """Every stored file is whole; how many there are in the bucket and in the folder."""
    sums = {name: hashlib.sha256(content).digest() for name, content in files.items()}
    for key, content in dict(server.objects).items():
        assert hashlib.sha256(content).digest() == sums[key.removeprefix(f"{ALPHA}/")]
    paths = [path for path in root.rglob("*.jpg") if path.is_file()]
    for path in paths:
        name = path.relative_to(root).as_posix()
        assert hashlib.sha256(path.read_bytes()).digest() == sums[name]
    return len(server.objects), len(paths)


def test_the_slug_of_a_city_is_not_its_schema(alpha: City) -> None:
    assert moving.schemas(["poltava"]) == [ALPHA]
    assert moving.schemas([])[0] == "public"
