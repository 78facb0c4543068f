"""Files behind a unit's link, and the button of a test letter."""

from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from bezpechne.accounts import access
from community.answers import links
from community.answers.actions import units
from community.answers.files import send_letter
from community.answers.models import Letter, Unit
from community.answers.views.pages import dead, door_or_404
from community.questions.files import send_photo
from community.questions.models import Photo


def _open_door(token: str) -> links.Door:
    """Raises Http404 unless the link shows its question now."""
    door = door_or_404(token)
    if not links.opens(door):
        raise Http404
    return door


@access.by_link()
@require_safe
def photo(request: HttpRequest, token: str, key: UUID, size: str) -> HttpResponseBase:
    """The question's published photos."""
    question = _open_door(token).routing.question
    found = get_object_or_404(Photo, key=key, question=question, is_public=True)
    return send_photo(found, size)


@access.by_link()
@require_safe
def letter(request: HttpRequest, token: str, key: UUID) -> FileResponse:
    """The unit's own letters."""
    routing = _open_door(token).routing
    return send_letter(get_object_or_404(Letter, key=key, answer__routing=routing))


@access.by_link()
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_address(request: HttpRequest, unit: int, token: str) -> HttpResponse:
    """The button of a test letter. A GET changes nothing: mail scanners open links too."""
    row = Unit.objects.filter(pk=unit).first()
    if row is None or not links.confirms_address(row, token):
        return dead(request, None)
    done = request.method == "POST"
    if done:
        units.confirm_address(unit=row)
    return render(request, "answers/confirm_address.html", {"unit": row, "done": done})
