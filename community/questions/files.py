"""Serving photos: the re-encoded picture, never the original."""

from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string

from bezpechne.kernel.stored import StorageUnavailable
from community.questions.models import Photo

SIZES = ("full", "thumbnail")
RETRY_AFTER_SECONDS = 10


def send_photo(photo: Photo, size: str, *, shared: bool = False) -> HttpResponseBase:
    """`size` is `full` or `thumbnail`; `shared` lets caches keep a public one for five minutes.

    While the storage fails: a picture that says so, since browsers show it whatever the status.
    """
    if size not in SIZES:
        raise Http404
    try:
        file = getattr(photo, size).open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    except StorageUnavailable:
        return _placeholder()
    response = FileResponse(file, content_type="image/jpeg")
    response["Cache-Control"] = "public, max-age=300" if shared else "private, no-store"
    # Compressed already: the middleware would only spend time on it.
    response["Content-Encoding"] = "identity"
    return response


def _placeholder() -> HttpResponse:
    body = render_to_string("components/photo_later.html")
    response = HttpResponse(body, status=503, content_type="image/svg+xml")
    response["Cache-Control"] = "no-store"
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response
