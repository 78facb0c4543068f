"""Photos of a form that is still being filled: kept when another field has a mistake."""

from datetime import timedelta
from uuid import UUID

from django.core.files.base import ContentFile, File
from django.db import connection, transaction
from django.utils.translation import gettext as _

from bezpechne.kernel import clock, throttle
from bezpechne.kernel.images import ImageRefused, Processed, process
from bezpechne.kernel.stored import StorageUnavailable
from community.questions.models import MAX_PHOTOS, Photo
from tenants.limits import storage_is_full

PHOTOS_PER_VISITOR = 60


def waiting_photos(submit_key: UUID) -> list[Photo]:
    """Photos that came with a form before its question exists."""
    return list(Photo.objects.filter(submit_key=submit_key, question=None))


def keep_photo(*, submit_key: UUID, file: "File[bytes]", visitor: str) -> Photo:
    """Checks, re-encodes and stores one photo. Raises ImageRefused with a sentence.

    `visitor` is the network address: unsent forms must not fill the disk.
    """
    if not throttle.allow("photo", visitor, limit=PHOTOS_PER_VISITOR, window=timedelta(hours=1)):
        raise ImageRefused(_("Many photos came from your connection. Try again in an hour."))
    if storage_is_full():
        raise ImageRefused(
            _("This city has no room for photos now. Send the question without them.")
        )
    _refuse_a_fourth(submit_key)
    done = process(file, file.size)
    file.seek(0)
    # Before the transaction: a slow storage holds no lock. The row comes last: it names whole files.
    photo = _stored(submit_key, file, done)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            # Photos of one form wait for each other: of two uploads at once one is the third.
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [submit_key.int % 2**63])
            _refuse_a_fourth(submit_key)
            photo.save()
    except ImageRefused:
        photo.delete_files()
        raise
    return photo


def _refuse_a_fourth(submit_key: UUID) -> None:
    if Photo.objects.filter(submit_key=submit_key).count() >= MAX_PHOTOS:
        raise ImageRefused(_("Up to 3 photos can be added."))


def _stored(submit_key: UUID, file: "File[bytes]", done: Processed) -> Photo:
    photo = Photo(
        submit_key=submit_key, width=done.width, height=done.height, created_at=clock.now()
    )
    try:
        photo.original.save("original", file, save=False)
        photo.full.save("full", ContentFile(done.full), save=False)
        photo.thumbnail.save("thumbnail", ContentFile(done.thumbnail), save=False)
    except StorageUnavailable as error:
        raise ImageRefused(
            _(
                "Photos cannot be stored right now. Your text is kept: add this photo again in a few"
                " minutes, or send the question without it."
            )
        ) from error
    return photo


@transaction.atomic
def drop_photos(*, submit_key: UUID, keys: list[UUID]) -> None:
    """Removes photos of an unsent form that the resident unticked."""
    for photo in Photo.objects.filter(submit_key=submit_key, question=None, key__in=keys):
        photo.delete()
        transaction.on_commit(photo.delete_files)
