"""Files in S3 over its real protocol: the same files as in a folder, and what a bucket does wrong."""

import io
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.test import Client

from bezpechne.kernel import clock, metering, readiness
from bezpechne.kernel.bucket import Bucket
from bezpechne.kernel.doctor import Level, machine
from bezpechne.kernel.schema import in_schema
from bezpechne.kernel.storage import make_bucket
from bezpechne.kernel.stored import Reason, StorageUnavailable
from provisioning.console import reporting
from tests import bucket as s3

SCHEMA = "city_poltava"
# A byte a call: the longest that one call may take in these tests.
LONGEST = 4.0


@pytest.fixture
def server(settings: Any) -> Iterator[s3.Server]:
    with s3.running() as server:
        s3.in_force(server, settings)
        readiness.forget_files()
        yield server
        readiness.forget_files()


@pytest.fixture
def bucket(server: s3.Server) -> Bucket:
    """One that asks again at once after a failure, and twice at most."""
    given = server.options(rest_seconds=0, body_seconds=1)
    return Bucket(given.pop("bucket_name"), **given)


# --- As a folder ----------------------------------------------------------------------------------


def test_files_of_two_cities_never_meet(db: None, server: s3.Server) -> None:
    for schema in ("city_poltava", "city_ternopil"):
        with in_schema(schema):
            assert (
                default_storage.save("photos/a.jpg", ContentFile(schema.encode())) == "photos/a.jpg"
            )
    assert server.objects == {
        "city_poltava/photos/a.jpg": b"city_poltava",
        "city_ternopil/photos/a.jpg": b"city_ternopil",
    }
    with in_schema("city_poltava"):
        with default_storage.open("photos/a.jpg") as file:
            assert file.read() == b"city_poltava"
        assert default_storage.size("photos/a.jpg") == 12
        default_storage.delete("photos/a.jpg")
        assert not default_storage.exists("photos/a.jpg")
        with pytest.raises(FileNotFoundError):
            default_storage.open("photos/a.jpg")
    assert list(server.objects) == ["city_ternopil/photos/a.jpg"]


@pytest.mark.parametrize("name", ["../city_ternopil/a.jpg", "/etc/passwd", "a/../../b"])
def test_a_name_cannot_leave_the_city(server: s3.Server, name: str) -> None:
    with in_schema(SCHEMA):
        for act in (default_storage.open, default_storage.exists, default_storage.delete):
            with pytest.raises(Exception, match="path traversal"):
                act(name)
    assert server.seen == []


def test_a_taken_name_gets_another(db: None, server: s3.Server) -> None:
    with in_schema(SCHEMA):
        first = default_storage.save("a/b.bin", ContentFile(b"1"))
        second = default_storage.save("a/b.bin", ContentFile(b"2"))
        default_storage.save("a/c/d.bin", ContentFile(b"3"))
        assert first != second
        assert sorted(item.size for item in default_storage.items()) == [1, 1, 1]  # type: ignore[attr-defined]
        folders, files = default_storage.listdir("a")
        assert (folders, sorted(files)) == (["c"], sorted([first[2:], second[2:]]))


def test_two_thousand_files_are_listed_and_removed_by_the_page(
    bucket: Bucket, server: s3.Server
) -> None:
    for number in range(2100):
        server.put(f"city_a/{number:05}", b"x")
    server.put("city_ab/other", b"x")
    assert len(list(bucket.items("city_a/"))) == 2100
    with in_schema("city_a"):
        default_storage.remove_city("city_a")  # type: ignore[attr-defined]
    assert list(server.objects) == ["city_ab/other"]


def test_the_bucket_is_made_once(server: s3.Server) -> None:
    server.exists = False
    out = StringIO()
    call_command("make_bucket", stdout=out)
    call_command("make_bucket", stdout=out)
    assert out.getvalue() == "files: created.\nfiles: there already.\n"
    assert server.seen.count("PUT ") == 1


def test_a_key_without_rights_is_no_reason_to_make_a_bucket(server: s3.Server) -> None:
    server.fail("403 AccessDenied")
    with pytest.raises(StorageUnavailable, match="refuses our key"):
        make_bucket()
    assert "PUT " not in server.seen


# --- What a bucket does wrong -----------------------------------------------------------------------

TROUBLES = {
    "reset": Reason.GONE,
    "hang": Reason.SLOW,
    "503 SlowDown": Reason.BUSY,
    "500 InternalError": Reason.BUSY,
    "403 AccessDenied": Reason.REFUSED,
    "403 QuotaExceeded": Reason.FULL,
    "507 XMinioStorageFull": Reason.FULL,
    "404 NoSuchBucket": Reason.NO_BUCKET,
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_each_call_ends_in_time_and_says_why(
    bucket: Bucket, server: s3.Server, trouble: str
) -> None:
    server.put("city_a/x", b"x")
    server.fail(trouble)
    calls: list[Callable[[], Any]] = [
        lambda: bucket.put("city_a/y", io.BytesIO(b"y" * 100_000)),
        lambda: bucket.get("city_a/x"),
        lambda: list(bucket.items("city_a/")),
        lambda: bucket.delete("city_a/x"),
    ]
    for call in calls:
        started = time.monotonic()
        with pytest.raises(StorageUnavailable) as found:
            call()
        assert time.monotonic() - started < LONGEST
        assert found.value.reason == TROUBLES[trouble]
    assert server.objects == {"city_a/x": b"x"}


@pytest.mark.parametrize(("trouble", "reason"), [("short", Reason.GONE), ("drip", Reason.SLOW)])
def test_a_body_that_breaks_off_or_never_ends_is_no_file(
    bucket: Bucket, server: s3.Server, trouble: str, reason: Reason
) -> None:
    server.put("city_a/x", b"x" * 5000)
    server.fail(trouble, "GET")
    started = time.monotonic()
    with pytest.raises(StorageUnavailable) as found:
        bucket.get("city_a/x")
    assert found.value.reason == reason
    assert time.monotonic() - started < LONGEST


def test_one_hiccup_is_not_noticed(bucket: Bucket, server: s3.Server) -> None:
    server.put("city_a/x", b"x" * 5000)
    calls: list[int] = []

    def once(trouble: str) -> None:
        server.fail(trouble)
        calls.append(len(server.seen))

    for trouble in ("503 SlowDown", "reset"):
        once(trouble)
        with ThreadPoolExecutor(1) as pool:
            # The second attempt comes within a second; by then the server is well again.
            waiting = pool.submit(bucket.get, "city_a/x")
            while len(server.seen) == calls[-1]:
                time.sleep(0.002)
            server.mend()
            with waiting.result(timeout=10) as file:
                assert len(file.read()) == 5000


def test_while_it_hangs_only_one_caller_waits(settings: Any, server: s3.Server) -> None:
    """Sixteen threads that each wait out the limit would be a server that answers nobody."""
    s3.in_force(server, settings, rest_seconds=30)
    server.fail("hang")

    def read() -> float:
        started = time.monotonic()
        with in_schema(SCHEMA), pytest.raises(StorageUnavailable):
            default_storage.open("photos/a.jpg")
        return time.monotonic() - started

    assert read() > 0.3
    with ThreadPoolExecutor(16) as pool:
        waits = [done.result(timeout=20) for done in [pool.submit(read) for _ in range(16)]]
    assert max(waits) < 0.3


def test_a_bucket_that_is_back_serves_after_the_rest(settings: Any, server: s3.Server) -> None:
    s3.in_force(server, settings, rest_seconds=0.3)
    server.put(f"{SCHEMA}/a", b"x")
    server.fail("reset")
    with in_schema(SCHEMA):
        for _ in range(2):
            with pytest.raises(StorageUnavailable):
                default_storage.open("a")
        server.mend()
        # Resting: not asked.
        with pytest.raises(StorageUnavailable):
            default_storage.open("a")
        time.sleep(0.35)
        with default_storage.open("a") as file:
            assert file.read() == b"x"


def test_a_changed_body_is_refused_by_the_server(bucket: Bucket, server: s3.Server) -> None:
    """What the network or a disk turned is found by the MD5 that goes along."""

    class Turning(io.BytesIO):
        reads = 0

        def read(self, size: int | None = -1) -> bytes:
            content = super().read(size)
            self.reads += 1
            return content.replace(b"x", b"z") if self.reads > 2 else content

    with pytest.raises(StorageUnavailable):
        bucket.put("city_a/x", Turning(b"x" * 1000))
    assert server.objects == {}


def test_a_folder_that_refuses_is_unavailable_too(settings: Any, tmp_path: Any) -> None:
    (tmp_path / "plain").write_bytes(b"")
    settings.MEDIA_ROOT = tmp_path / "plain"
    with in_schema(SCHEMA), pytest.raises(StorageUnavailable):
        default_storage.save("a.bin", ContentFile(b"x"))


# --- Who says it ------------------------------------------------------------------------------------


def test_the_doctor_writes_reads_and_deletes_in_the_bucket(db: None, server: s3.Server) -> None:
    (found,) = machine.look_at_files()
    assert found.level == Level.OK
    (written,) = {line.split()[1] for line in server.seen if line.startswith("PUT")}
    assert written.startswith("public/doctor/")
    assert server.objects == {}


@pytest.mark.parametrize("trouble", ["403 AccessDenied", "507 Full", "hang"])
def test_the_doctor_says_what_the_bucket_does(db: None, server: s3.Server, trouble: str) -> None:
    server.fail(trouble)
    (found,) = machine.look_at_files()
    assert found.level == Level.ERROR
    reason = {"403": Reason.REFUSED, "507": Reason.FULL, "han": Reason.SLOW}[trouble[:3]]
    assert "bucket files" in found.text
    assert reason in found.text
    assert "hush-hush" not in found.text + found.fix


def test_a_server_stays_ready_and_says_that_files_fail(db: None, server: s3.Server) -> None:
    assert Client().get("/readyz").json()["degraded"] == []
    readiness.forget_files()
    server.fail("hang")
    answer = Client().get("/readyz")
    # Out of the proxy for its bucket's sake, every server would be out.
    assert answer.status_code == 200
    (found,) = answer.json()["degraded"]
    assert found["check"] == "files"
    assert Reason.SLOW in found["detail"]
    started = time.monotonic()
    Client().get("/readyz")
    assert time.monotonic() - started < 0.3


# --- What nobody names ------------------------------------------------------------------------------


def test_files_without_a_row_go_a_day_later(alpha: Any, make: Any, server: s3.Server) -> None:
    photo = make(alpha).draft_photo()
    letter = f"{SCHEMA}/letters/ab/{'ab' * 16}.bin"
    old = clock.now() - timedelta(hours=30)
    lost = [f"{SCHEMA}/photos/cd/{'cd' * 16}-full.jpg", letter]
    for key in list(server.objects):
        server.put(key, server.objects[key], modified=old)
    named = set(server.objects)
    for key in [*lost, f"{SCHEMA}/branding/logo.png", "city_ternopil/photos/cd/x-full.jpg"]:
        server.put(key, b"12345", modified=old)
    server.put(f"{SCHEMA}/photos/ef/{'ef' * 16}-full.jpg", b"being sent now")
    assert reporting.weigh_some() == 2
    left = {key for key in server.objects if key.startswith(SCHEMA)}
    assert left == named | {
        f"{SCHEMA}/branding/logo.png",
        f"{SCHEMA}/photos/ef/{'ef' * 16}-full.jpg",
    }
    with in_schema(SCHEMA):
        stored = sum(len(server.objects[key]) for key in left)
        assert metering.counted(metering.FILE_BYTES) == stored
        with photo.full.open() as file:
            assert file.read()


def test_a_bucket_full_of_strangers_is_left_alone(
    alpha: Any, server: s3.Server, caplog: pytest.LogCaptureFixture
) -> None:
    """The database of one installation with the bucket of another."""
    old = clock.now() - timedelta(days=9)
    for number in range(150):
        server.put(f"{SCHEMA}/photos/ab/{number:032x}-full.jpg", b"x", modified=old)
    reporting.weigh_some()
    assert len(server.objects) == 150
    assert "None is deleted" in caplog.text


def test_a_round_that_the_bucket_ends_begins_again(alpha: Any, server: s3.Server) -> None:
    server.fail("reset")
    assert reporting.weigh_some() == 0
    server.mend()
    time.sleep(0)
