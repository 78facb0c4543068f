"""Files in S3, spoken over HTTP to a server of the tests' own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from community.questions.models import Photo
from provisioning.portability.exporting import export_city
from provisioning.portability.restoring import restore_city
from provisioning.provisioning import OPERATOR
from tenants.models import City
from tests.factories import inside
from tests.integration.portability.conftest import SCHEMA, SLUG, Sample
from tests.integration.portability.s3 import Objects, s3_server


@pytest.fixture
def bucket(settings: Any) -> Iterator[Objects]:
    with s3_server() as (address, objects):
        settings.S3_BUCKET = "photos"
        settings.STORAGES = {
            **settings.STORAGES,
            "default": {
                "BACKEND": "bezpechne.kernel.storage.CityS3Storage",
                "OPTIONS": {
                    "bucket_name": "photos",
                    "endpoint_url": address,
                    "region_name": "eu-test-1",
                    "access_key": "key",
                    "secret_key": "secret",
                    "addressing_style": "path",
                    "file_overwrite": False,
                    "signature_version": "s3v4",
                },
            },
        }
        yield objects
        storage: Any = default_storage
        storage.connection.meta.client.close()


def stored(sample: Sample) -> Objects:
    return {
        f"/photos/{path.relative_to(sample.media)}": path.read_bytes()
        for path in (sample.media / SCHEMA).rglob("*")
        if path.is_file()
    }


def test_files_come_back_into_the_bucket(deleted: Sample, bucket: Objects) -> None:
    photo = deleted.world.photo
    # Half of an interrupted run.
    bucket[f"/photos/{SCHEMA}/{photo.full.name}"] = b"half"
    restore_city(by=OPERATOR, path=deleted.path)
    assert bucket == stored(deleted)
    with inside(City.objects.get(slug=SLUG)), Photo.objects.get(pk=photo.pk).full.open() as file:
        assert file.read() == stored(deleted)[f"/photos/{SCHEMA}/{photo.full.name}"]


def test_files_are_exported_from_the_bucket(
    committed: Sample, bucket: Objects, tmp_path: Path
) -> None:
    bucket.update(stored(committed))
    gone = f"{SCHEMA}/{committed.world.photo.original.name}"
    bucket.pop(f"/photos/{gone}")
    done = export_city(by=OPERATOR, city=committed.world.city, path=tmp_path / "x.zip")
    assert done.manifest.files.count == committed.done.manifest.files.count - 1
    assert done.manifest.files.missing == [committed.world.photo.original.name]
