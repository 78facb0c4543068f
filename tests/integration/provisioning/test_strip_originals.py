"""Originals kept as they were sent: rewritten without place and camera, and no photo lost."""

from collections.abc import Iterator
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import CommandError
from PIL import Image

from bezpechne.kernel.images import is_bare
from community.questions.actions import originals
from community.questions.models import Photo
from community.questions.sweeping import photos_in_use
from provisioning.management.failures import BadInputError
from tenants.models import City
from tests import bucket as s3
from tests import pictures
from tests.factories import Inside, Maker


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, settings: Any) -> Iterator[str]:
    if request.param == "folder":
        yield "folder"
        return
    with s3.running() as server:
        s3.in_force(server, settings)
        yield "s3"


def as_sent(city: City, make: Maker, inside: Inside, content: bytes) -> Photo:
    """A photo as earlier releases stored it: its original is the very file of the sender."""
    photo = make(city).draft_photo()
    with inside(city):
        photo.original.delete(save=False)
        photo.original.save("original", ContentFile(content))
    return photo


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("strip_originals", *arguments, stdout=out)
    return out.getvalue()


def stored(name: str) -> bytes:
    with default_storage.open(name) as file:
        return bytes(file.read())


@pytest.mark.parametrize("content", [pictures.phone_photo(), pictures.heic()], ids=["jpeg", "heic"])
def test_an_old_original_loses_its_metadata_and_nothing_else(
    alpha: City, make: Maker, inside: Inside, place: str, content: bytes
) -> None:
    photo = as_sent(alpha, make, inside, content)
    before = photo.original.name
    assert "city_poltava: 1 rewritten." in run()
    with inside(alpha):
        fresh = Photo.objects.get(pk=photo.pk)
        assert str(fresh.original.name) != before
        now = stored(str(fresh.original.name))
        assert is_bare(now)
        for secret in (b"Exif", b"Odarka", pictures.SECRET_WORDS.encode()):
            assert secret not in now
        with Image.open(BytesIO(now)) as image:
            assert image.size == (100, 200), "upright, of the same pixels"
        assert not default_storage.exists(str(before))
        assert (fresh.full.name, fresh.thumbnail.name) == (photo.full.name, photo.thumbnail.name)
        # The sweeping knows whose it is.
        assert photos_in_use([str(fresh.original.name)]) >= {str(fresh.original.name)}
    assert "city_poltava: 1 without metadata already." in run()


def test_a_dry_run_writes_nothing_and_new_photos_need_nothing(
    alpha: City, beta: City, make: Maker, inside: Inside, place: str
) -> None:
    old = as_sent(alpha, make, inside, pictures.phone_photo())
    make(alpha).draft_photo()
    make(beta).draft_photo()
    said = run("--dry-run")
    assert "1 would be rewritten. Nothing was written." in said
    assert "city_ternopil: 1 without metadata already." in said
    with inside(alpha):
        assert Photo.objects.get(pk=old.pk).original.name == old.original.name
        assert stored(str(old.original.name)) == pictures.phone_photo()


def test_one_city_is_rewritten_and_another_is_not_touched(
    alpha: City, beta: City, make: Maker, inside: Inside
) -> None:
    as_sent(alpha, make, inside, pictures.phone_photo())
    theirs = as_sent(beta, make, inside, pictures.phone_photo())
    assert "city_ternopil" not in run("--city", "poltava")
    with inside(beta):
        assert stored(str(theirs.original.name)) == pictures.phone_photo()
    with pytest.raises(BadInputError):
        run("--city", "nowhere")


def test_what_cannot_be_read_or_is_lost_is_kept_and_named(
    alpha: City, make: Maker, inside: Inside
) -> None:
    broken = as_sent(alpha, make, inside, b"no photo at all")
    lost = as_sent(alpha, make, inside, pictures.phone_photo())
    good = as_sent(alpha, make, inside, pictures.phone_photo())
    out = StringIO()
    with inside(alpha):
        default_storage.delete(str(lost.original.name))
    with pytest.raises(CommandError, match="2 originals"):
        call_command("strip_originals", stdout=out)
    assert f"{broken.original.name}: unreadable" in out.getvalue()
    assert f"{lost.original.name}: missing" in out.getvalue()
    with inside(alpha):
        assert stored(str(broken.original.name)) == b"no photo at all"
        assert is_bare(stored(str(Photo.objects.get(pk=good.pk).original.name)))


@pytest.mark.parametrize("killed_at", ["save", "read back", "switch", "delete"])
def test_a_run_killed_anywhere_loses_no_photo_and_is_repeated(
    alpha: City, make: Maker, inside: Inside, monkeypatch: pytest.MonkeyPatch, killed_at: str
) -> None:
    photo = as_sent(alpha, make, inside, pictures.phone_photo())

    def killed(*args: Any, **kwargs: Any) -> Any:
        raise SystemExit

    with monkeypatch.context() as patched:
        if killed_at == "save":
            patched.setattr(type(default_storage), "place", killed, raising=False)
        elif killed_at == "read back":
            patched.setattr(originals, "_is_stored", killed)
        elif killed_at == "switch":
            patched.setattr("django.db.models.query.QuerySet.update", killed)
        else:
            patched.setattr(originals, "_remove", killed)
        with pytest.raises(SystemExit):
            run()
    with inside(alpha):
        assert stored(str(Photo.objects.get(pk=photo.pk).original.name))
    run()
    with inside(alpha):
        name = str(Photo.objects.get(pk=photo.pk).original.name)
        assert is_bare(stored(name))
        # What is left has no row: the nightly sweeping takes it.
        left = {item.name for item in default_storage.items() if "-original" in item.name}  # type: ignore[attr-defined] # both of ours have it
        assert photos_in_use(sorted(left)) & left == {name}


def test_a_copy_that_is_not_whole_changes_no_row(
    alpha: City, make: Maker, inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = as_sent(alpha, make, inside, pictures.phone_photo())
    monkeypatch.setattr(originals, "_is_stored", lambda name, content: False)
    with pytest.raises(CommandError, match="1 originals"):
        run()
    with inside(alpha):
        assert stored(str(Photo.objects.get(pk=photo.pk).original.name)) == pictures.phone_photo()
        left = [item.name for item in default_storage.items() if "-original" in item.name]  # type: ignore[attr-defined] # same
    assert left == [photo.original.name]


def test_a_photo_deleted_meanwhile_leaves_no_file(
    alpha: City, make: Maker, inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = as_sent(alpha, make, inside, pictures.phone_photo())
    whole = originals._is_stored

    def gone(name: str, content: bytes) -> bool:
        Photo.objects.filter(pk=photo.pk).delete()
        return whole(name, content)

    monkeypatch.setattr(originals, "_is_stored", gone)
    assert "1 gone meanwhile" in run()
    with inside(alpha):
        left = [item.name for item in default_storage.items() if "-original" in item.name]  # type: ignore[attr-defined] # same
    assert left == [photo.original.name], "its own delete takes that one"


def test_a_storage_that_is_down_says_to_go_on_later(
    alpha: City, make: Maker, inside: Inside, settings: Any
) -> None:
    with s3.running() as server:
        s3.in_force(server, settings, rest_seconds=0)
        photo = as_sent(alpha, make, inside, pictures.phone_photo())
        server.fail("503 SlowDown")
        with pytest.raises(CommandError, match="run this again"):
            run()
        server.mend()
        run()
        with inside(alpha):
            assert is_bare(stored(str(Photo.objects.get(pk=photo.pk).original.name)))
