"""Files in S3 over its real protocol, with a small server that speaks as much of it as we use."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO

import pytest
from django.conf import LazySettings
from django.core.management import call_command

from bezpechne.kernel.doctor import Level, machine
from bezpechne.kernel.storage import make_bucket


class Bucket(ThreadingHTTPServer):
    """Keeps objects by path; a bucket is a path without an object's name."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.objects: dict[str, bytes] = {}
        self.seen: list[str] = []
        self.refuses = False


class Handler(BaseHTTPRequestHandler):
    server: Bucket

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _serve(self) -> None:
        path = self.path.split("?")[0].rstrip("/")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.seen.append(f"{self.command} {path}")
        if self.server.refuses:
            self._answer(403)
        elif self.command == "PUT":
            self.server.objects[path] = body
            self._answer(200)
        elif path not in self.server.objects:
            self._answer(404)
        elif self.command == "DELETE":
            del self.server.objects[path]
            self._answer(204)
        else:
            self._answer(200, self.server.objects[path])

    do_GET = do_HEAD = do_PUT = do_DELETE = _serve  # noqa: N815 - named by the library

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - same
        """Quiet."""


@pytest.fixture
def bucket(settings: LazySettings) -> Iterator[Bucket]:
    server = Bucket()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    settings.S3_BUCKET = "files"
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "bezpechne.kernel.storage.CityS3Storage",
            "OPTIONS": {
                "bucket_name": "files",
                "endpoint_url": f"http://127.0.0.1:{server.server_address[1]}",
                "region_name": "us-east-1",
                "access_key": "key",
                "secret_key": "hush-hush",
                "addressing_style": "path",
                "signature_version": "s3v4",
                "file_overwrite": False,
            },
        },
    }
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_bucket_is_made_once(bucket: Bucket) -> None:
    out = StringIO()
    call_command("make_bucket", stdout=out)
    assert list(bucket.objects) == ["/files"]
    call_command("make_bucket", stdout=out)
    assert out.getvalue() == "files: created.\nfiles: there already.\n"
    assert bucket.seen.count("PUT /files") == 1


def test_a_key_without_rights_is_no_reason_to_make_a_bucket(bucket: Bucket) -> None:
    bucket.refuses = True
    with pytest.raises(Exception, match="403"):
        make_bucket()
    assert bucket.objects == {}


def test_the_doctor_writes_reads_and_deletes_in_the_bucket(db: None, bucket: Bucket) -> None:
    (found,) = machine.look_at_files()
    assert found.level == Level.OK
    (written,) = {line.split()[1] for line in bucket.seen if line.startswith("PUT")}
    assert written.startswith("/files/public/doctor/")
    assert bucket.objects == {}


def test_the_doctor_names_a_bucket_that_refuses(db: None, bucket: Bucket) -> None:
    bucket.refuses = True
    (found,) = machine.look_at_files()
    assert found.level == Level.ERROR
    assert "files" in found.text
    assert "hush-hush" not in found.text + found.fix
