"""Photos of a form not sent yet, one by one: what the page's script speaks. Without it they come
with the form. The form's own key, which nobody else has, opens them.
"""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from bezpechne.accounts import access
from bezpechne.kernel import throttle
from bezpechne.kernel.images import ImageRefused
from community.questions.actions.photos import (
    TooManyPhotos,
    arrange_photos,
    keep_photo,
    waiting_photos,
)
from community.questions.forms import UUIDsField
from community.questions.models import Photo, Question
from tenants.current import current_city


def _told(photo: Photo) -> dict[str, Any]:
    url = reverse("draft_photo", args=[photo.submit_key, photo.key])
    return {"key": str(photo.key), "url": url, "width": photo.width, "height": photo.height}


def _place(photo: Photo) -> dict[str, Any] | None:
    """For the sender alone, who may put the pin there or not; written down nowhere."""
    if photo.taken_at is None:
        return None
    lat, lon = (round(degrees, 6) for degrees in photo.taken_at)
    return {"lat": lat, "lon": lon, "inside": current_city().shape.contains(lat, lon)}


def _refused(sentence: str) -> JsonResponse:
    return JsonResponse({"error": sentence}, status=422)


@access.public()
@never_cache
@require_POST
def add_photo(request: HttpRequest, submit_key: UUID) -> JsonResponse:
    """`photo`: one file; `key`: the browser's own, so that sending it again adds nothing."""
    file = request.FILES.get("photo")
    if not current_city().takes_questions:
        return _refused(_("New questions are not taken for now."))
    if file is None:
        return _refused(_("The file did not arrive. Choose it once more."))
    if Question.objects.filter(submit_key=submit_key).exists():
        return _refused(_("This form was sent already. Open a fresh one."))
    visitor = throttle.visitor(request)
    keys = UUIDsField().to_python([request.POST.get("key", "")])
    try:
        photo = keep_photo(
            submit_key=submit_key,
            file=file,
            visitor=visitor,
            key=keys[0] if keys else None,
        )
    except TooManyPhotos as refusal:
        retry = {"Retry-After": throttle.in_seconds(throttle.left("photo", visitor))}
        return JsonResponse({"error": str(refusal)}, status=429, headers=retry)
    except ImageRefused as refusal:
        return _refused(str(refusal))
    return JsonResponse({**_told(photo), "place": _place(photo)}, status=201)


@access.public()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def kept_photos(request: HttpRequest, submit_key: UUID) -> JsonResponse:
    """What waits for the form. POST: `photo` in the resident's order, `remove_photo` to drop."""
    if request.method == "POST":
        fields = UUIDsField()
        arrange_photos(
            submit_key=submit_key,
            order=fields.to_python(request.POST.getlist("photo")),
            remove=fields.to_python(request.POST.getlist("remove_photo")),
        )
    return JsonResponse({"photos": [_told(photo) for photo in waiting_photos(submit_key)]})
