"""Serving photos: the re-encoded picture, never the original."""

from django.http import FileResponse, Http404

from community.questions.models import Photo

SIZES = ("full", "thumbnail")


def send_photo(photo: Photo, size: str, *, shared: bool = False) -> FileResponse:
    """`size` is `full` or `thumbnail`; `shared` lets caches keep a public one for five minutes."""
    if size not in SIZES:
        raise Http404
    try:
        file = getattr(photo, size).open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(file, content_type="image/jpeg")
    response["Cache-Control"] = "public, max-age=300" if shared else "private, no-store"
    # Compressed already: the middleware would only spend time on it.
    response["Content-Encoding"] = "identity"
    return response
