"""Photos of a form that is still being filled: kept when another field has a mistake."""

from datetime import timedelta
from uuid import UUID

from django.core.files.base import ContentFile, File
from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from bezpechne.kernel import clock, throttle
from bezpechne.kernel.images import ImageRefused, Processed, process
from bezpechne.kernel.stored import StorageUnavailable
from community.questions.models import MAX_PHOTOS, Photo
from tenants.limits import storage_is_full

# As many as the questions that one visitor may ask in an hour can hold.
PHOTOS_PER_VISITOR = 100


class TooManyPhotos(ImageRefused):
    """Of one visitor; later ones are taken."""


def waiting_photos(submit_key: UUID) -> list[Photo]:
    """Photos that came with a form before its question exists, in the resident's order."""
    return list(Photo.objects.filter(submit_key=submit_key, question=None))


def keep_photo(
    *, submit_key: UUID, file: "File[bytes]", visitor: str, key: UUID | None = None
) -> Photo:
    """Checks, re-encodes and stores one photo. Raises ImageRefused with a sentence.

    `key` is the browser's own for a file that it sends again when the line broke: the photo that is
    there already is the answer. `visitor` is the network address: unsent forms must not fill the
    disk. `taken_at` of what is returned says where the photo was taken, and is not stored.
    """
    known = _known(submit_key, key)
    if known:
        return known
    if not throttle.allow("photo", visitor, limit=PHOTOS_PER_VISITOR, window=timedelta(hours=1)):
        raise TooManyPhotos(_("Many photos came from your connection. Try again in an hour."))
    if storage_is_full():
        raise ImageRefused(
            _("This city has no room for photos now. Send the question without them.")
        )
    _refuse_too_many(submit_key)
    done = process(file, file.size)
    # Before the transaction: a slow storage holds no lock. The row comes last: it names whole files.
    photo = _stored(submit_key, key, done)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            # Photos of one form wait for each other: of two uploads at once one is the last.
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [submit_key.int % 2**63])
            known = _known(submit_key, key)
            if known is None:
                _refuse_too_many(submit_key)
                photo.position = _next_place(submit_key)
                photo.save()
    except ImageRefused:
        photo.delete_files()
        raise
    if known:
        photo.delete_files()
        return known
    photo.taken_at = done.taken_at
    return photo


def _known(submit_key: UUID, key: UUID | None) -> Photo | None:
    if key is None:
        return None
    return Photo.objects.filter(submit_key=submit_key, key=key, question=None).first()


def _refuse_too_many(submit_key: UUID) -> None:
    if Photo.objects.filter(submit_key=submit_key).count() >= MAX_PHOTOS:
        raise ImageRefused(_("Up to %(n)d photos can be added.") % {"n": MAX_PHOTOS})


def _next_place(submit_key: UUID) -> int:
    last = Photo.objects.filter(submit_key=submit_key).aggregate(last=Max("position"))["last"]
    return 0 if last is None else int(last) + 1


def _stored(submit_key: UUID, key: UUID | None, done: Processed) -> Photo:
    photo = Photo(
        submit_key=submit_key, width=done.width, height=done.height, created_at=clock.now()
    )
    if key is not None and not Photo.objects.filter(key=key).exists():
        photo.key = key
    try:
        photo.original.save("original", ContentFile(done.kept), save=False)
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
def arrange_photos(*, submit_key: UUID, order: list[UUID], remove: list[UUID]) -> None:
    """Puts photos of an unsent form in the resident's order and removes some.

    Those that `order` does not name stay behind the others; unknown keys are passed over.
    """
    places = {key: place for place, key in enumerate(order[:MAX_PHOTOS])}
    waiting = Photo.objects.select_for_update().filter(submit_key=submit_key, question=None)
    for photo in waiting.order_by("id"):
        if photo.key in remove:
            photo.delete()
            transaction.on_commit(photo.delete_files)
        elif order:
            photo.position = places.get(photo.key, MAX_PHOTOS + photo.position)
            photo.save(update_fields=["position"])
