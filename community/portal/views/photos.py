"""Photos and the logo, always through the application: only it knows who may see one."""

from uuid import UUID

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.stored import StorageUnavailable
from community.questions import links
from community.questions.files import send_photo
from community.questions.models import Photo
from tenants.branding import logo_name
from tenants.current import current_city


@access.public()
@require_safe
def photo(request: HttpRequest, key: UUID, size: str) -> HttpResponseBase:
    """Everybody sees photos of published questions; the desk sees all of this city."""
    found = get_object_or_404(Photo.objects.select_related("question"), key=key)
    if found.question and found.question.is_public and found.is_public:
        return send_photo(found, size, shared=True)
    if access.may(request, Permission.MODERATE):
        return send_photo(found, size)
    raise Http404


@access.by_link()
@require_safe
def own_photo(request: HttpRequest, token: str, key: UUID, size: str) -> HttpResponseBase:
    """The resident sees their own photos by the private link."""
    asker = links.asker_by(links.FOLLOW, token)
    if asker is None:
        raise Http404
    found = get_object_or_404(Photo, key=key, question=asker.question)
    return send_photo(found, size)


@access.by_link()
@require_safe
def draft_photo(request: HttpRequest, submit_key: UUID, key: UUID) -> HttpResponseBase:
    """A photo of a form not sent yet; the form's own key opens it."""
    found = get_object_or_404(Photo, key=key, submit_key=submit_key, question=None)
    return send_photo(found, "thumbnail")


@access.public(before_launch=True)
@require_safe
def logo(request: HttpRequest, stem: str) -> HttpResponseBase:
    """This city's present logo and no other file; its name changes with its content."""
    name = logo_name(stem)
    if current_city().logo != name:
        raise Http404
    try:
        file = default_storage.open(name)
    except FileNotFoundError as error:
        raise Http404 from error
    except StorageUnavailable:
        return HttpResponse(status=503, headers={"Retry-After": "10", "Cache-Control": "no-store"})
    response = FileResponse(file, content_type="image/png")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["Content-Encoding"] = "identity"
    return response
