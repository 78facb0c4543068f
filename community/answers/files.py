"""Serving letters: only as downloads, so that nothing in them runs on our address."""

from django.http import FileResponse, Http404

from community.answers.models import Letter


def send_letter(letter: Letter) -> FileResponse:
    """A download under the name that its sender gave."""
    try:
        file = letter.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(
        file, content_type=letter.media_type, as_attachment=True, filename=letter.name
    )
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    # Compressed already: the middleware would only spend time on it.
    response["Content-Encoding"] = "identity"
    return response
