"""A rich city, really committed, and its archive; a neighbour whose words must not be in it."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

from community.answers import letters
from provisioning.portability.exporting import Exported, export_city
from provisioning.provisioning import OPERATOR
from tenants.models import City
from tests import pictures
from tests.factories import Make
from tests.integration.committed import remove_city, unblocked
from tests.worlds import World, digest, populate

SLUG, NEIGHBOUR = "lubny", "khorol"
SCHEMA = "city_lubny"
OWN_MARK, FOREIGN_MARK = "МіткаЛубен", "МіткаХорола"


@dataclass(frozen=True)
class Sample:
    """`digest` is of every table at the moment of the export; `media` holds the files."""

    world: World
    done: Exported
    digest: dict[str, str]
    media: Path

    @property
    def path(self) -> Path:
        return self.done.path


def forget(slug: str) -> None:
    """Also what the platform remembers."""
    remove_city(slug)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM public.provisioning_journal WHERE slug = %s", [slug])
        # Every city here is a sample; the operator who was in it is nobody's in other tests.
        cursor.execute("DELETE FROM public.provisioning_acting")
        cursor.execute("DELETE FROM public.accounts_user")


def delete(slug: str = SLUG) -> None:
    """As the life cycle deletes a city: schema, rows, jobs and files; the journal stays."""
    remove_city(slug)
    schema = f"city_{slug}"
    from django.conf import settings  # noqa: PLC0415 - the folder of this very test

    shutil.rmtree(Path(settings.MEDIA_ROOT) / schema, ignore_errors=True)


def _letter(mark: str) -> letters.Scan:
    """A scanned letter is kept byte for byte, unlike a photo."""
    content = pictures.PDF.replace(b"%%EOF", f"% {mark}\n%%EOF".encode())
    return letters.check(pictures.upload(content, "лист.pdf"))


def _neighbour() -> None:
    call_command("provision_city", "Хорол", admin_email="khorol@example.org", json=True)
    made = Make(City.objects.get(slug=NEIGHBOUR))
    made.question("answered", text=f"{FOREIGN_MARK}: чому темно?", name=FOREIGN_MARK)
    made.answer(made.question("published"), scans=[_letter(FOREIGN_MARK)])
    made.user("moderator", "foreign-mark@example.org", name=FOREIGN_MARK)


def _city() -> World:
    call_command("provision_city", "Лубни", admin_email="boss@example.org", json=True)
    city = City.objects.get(slug=SLUG)
    world = populate(city)
    made = Make(city)
    # What spreadsheets, browsers and COPY take for their own.
    made.question("answered", text=f"=1+1 {OWN_MARK} <script>alert(1)</script>\t\\N\n\\.\n«ґ»")
    made.question("withdrawn")
    made.question("duplicate")
    made.answer(made.question("published"), scans=[_letter(OWN_MARK)])
    made.draft_photo()
    return world


@pytest.fixture(scope="package")
def sample(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sample]:
    media = tmp_path_factory.mktemp("media")
    with unblocked(django_db_blocker), override_settings(MEDIA_ROOT=media):
        forget(SLUG)
        forget(NEIGHBOUR)
        world = _city()
        _neighbour()
        before = digest(SCHEMA)
        path = tmp_path_factory.mktemp("archives") / "lubny.zip"
        done = export_city(by=OPERATOR, city=world.city, path=path)
    yield Sample(world, done, before, media)
    with unblocked(django_db_blocker):
        forget(SLUG)
        forget(NEIGHBOUR)


@pytest.fixture
def committed(sample: Sample, django_db_blocker: Any, settings: Any) -> Iterator[Sample]:
    """The database without a test's transaction: an export needs a snapshot of its own."""
    settings.MEDIA_ROOT = sample.media
    with unblocked(django_db_blocker):
        yield sample


@pytest.fixture
def deleted(sample: Sample, db: None) -> Sample:
    """The city is gone, for this test alone."""
    delete()
    return sample
