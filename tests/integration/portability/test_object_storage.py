"""Files in S3, spoken over HTTP to a server of the tests' own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from community.questions.models import Photo
from provisioning.portability.exporting import export_city
from provisioning.portability.restoring import restore_city
from provisioning.provisioning import OPERATOR
from tenants.models import City
from tests import bucket as s3
from tests.factories import inside
from tests.integration.portability.conftest import SCHEMA, SLUG, Sample


@pytest.fixture
def bucket(settings: Any) -> Iterator[s3.Server]:
    with s3.running() as server:
        s3.in_force(server, settings)
        yield server


def stored(sample: Sample) -> dict[str, bytes]:
    return {
        path.relative_to(sample.media).as_posix(): path.read_bytes()
        for path in (sample.media / SCHEMA).rglob("*")
        if path.is_file()
    }


def test_files_come_back_into_the_bucket(deleted: Sample, bucket: s3.Server) -> None:
    photo = deleted.world.photo
    # Half of an interrupted run.
    bucket.put(f"{SCHEMA}/{photo.full.name}", b"half")
    restore_city(by=OPERATOR, path=deleted.path)
    assert bucket.objects == stored(deleted)
    with inside(City.objects.get(slug=SLUG)), Photo.objects.get(pk=photo.pk).full.open() as file:
        assert file.read() == stored(deleted)[f"{SCHEMA}/{photo.full.name}"]


def test_files_are_exported_from_the_bucket(
    committed: Sample, bucket: s3.Server, tmp_path: Path
) -> None:
    for key, content in stored(committed).items():
        bucket.put(key, content)
    gone = f"{SCHEMA}/{committed.world.photo.original.name}"
    bucket.objects.pop(gone)
    done = export_city(by=OPERATOR, city=committed.world.city, path=tmp_path / "x.zip")
    assert done.manifest.files.count == committed.done.manifest.files.count - 1
    assert done.manifest.files.missing == [committed.world.photo.original.name]
