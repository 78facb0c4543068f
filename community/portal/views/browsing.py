"""Home with the map and the list, one question, and the JSON that the map draws."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import get_language, ngettext, override, pgettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from bezpechne.accounts import access
from community.answers.queries import published_answer
from community.portal.following import helped_lately
from community.portal.maps import map_data
from community.questions import queries
from community.questions.forms import MOST_TYPED, typed
from community.questions.map_queries import Cluster, view
from community.questions.models import MAX_PHOTOS, Question
from community.questions.states import PIN, QuestionState
from tenants.basemaps import uses_google
from tenants.current import current_city
from tenants.geometry import Bounds

STATUSES = ("waiting", "answered")
MOST_ZOOM = 22


def _filters(request: HttpRequest) -> dict[str, str]:
    """Status, topic and words from the URL; what is not known is ignored."""
    status = request.GET.get("status", "")
    return {
        "status": status if status in STATUSES else "",
        # PostgreSQL cannot even look for a NUL.
        "topic": request.GET.get("topic", "").replace("\x00", "")[:20],
        "words": typed(request.GET.get("words", "")),
    }


def _older_url(filters: dict[str, str], cursor: str) -> str:
    chosen = {key: value for key, value in filters.items() if value}
    return f"?{urlencode({**chosen, 'before': cursor})}" if cursor else ""


def _near(request: HttpRequest) -> tuple[float, float] | None:
    """`?near=49.588,34.551`: rounded to a hundred metres by the page before it is sent."""
    try:
        lat, lon = (float(part) for part in request.GET.get("near", "")[:40].split(","))
    except ValueError:
        return None
    inside = -90 <= lat <= 90 and -180 <= lon <= 180
    return (round(lat, 3), round(lon, 3)) if inside else None


def _list(request: HttpRequest, filters: dict[str, str]) -> queries.Page:
    """Newest first, or nearest first around where the visitor is."""
    near = _near(request)
    if near is None:
        return queries.public_page(**filters, before=request.GET.get("before", "")[:60])
    rows = []
    for metres, row in queries.nearest(near[0], near[1], **filters):
        row.metres = metres
        rows.append(row)
    return queries.Page(rows, "")


@access.public()
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Map, counts, and the newest questions; the list alone for htmx."""
    filters = _filters(request)
    page, near = _list(request, filters), _near(request)
    chosen = {key: value for key, value in filters.items() if value}
    pins_url = f"{reverse('map:pins')}?{urlencode({**chosen, 'language': get_language()})}"
    context: dict[str, Any] = {
        "page": page,
        "older_url": _older_url(filters, page.older),
        "filters": filters,
        "most_typed": MOST_TYPED,
        "near": near,
        "everywhere_url": f"?{urlencode(chosen)}",
        "is_filtered": bool(chosen) or bool(request.GET.get("before")) or bool(near),
        "counts": queries.counts(),
        "topics": queries.public_topics(),
        "map": {**map_data(current_city()), "pins_url": pins_url},
    }
    # The list alone for «older»; the whole page when htmx restores what «back» leads to.
    partial = (
        "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers
    )
    template = "portal/_list.html" if partial else "portal/home.html"
    response = render(request, template, context)
    response["Vary"] = "HX-Request"
    return response


@access.public()
@require_safe
def question(request: HttpRequest, number: int) -> HttpResponse:
    """One published question; a hidden one says that it was removed, the rest do not exist."""
    rows = Question.objects.select_related("topic")
    found = get_object_or_404(rows, pk=number)
    if found.state == QuestionState.HIDDEN:
        response = render(request, "portal/removed.html", {"question": found}, status=410)
        # Browsers keep a 410 for good, and the desk may show the question again.
        add_never_cache_headers(response)
        return response
    if not found.is_public:
        raise Http404
    context = {
        "question": found,
        "answer": published_answer(found),
        "photos": [photo for photo in found.photos.all() if photo.is_public],
        "map": {**map_data(current_city()), "lat": found.lat, "lon": found.lon, "zoom": 15},
    }
    return render(request, "portal/question.html", context)


@access.public()
@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """How it works, what it is not, and what happens to personal data."""
    context = {"helped": helped_lately(), "google_map": uses_google(current_city())}
    return render(request, "portal/about.html", context)


@access.public()
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Questions that residents have, with answers."""
    return render(request, "portal/help.html", {"max_photos": MAX_PHOTOS})


@access.public()
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """What was tested, what is known not to be well, whom to tell."""
    return render(request, "portal/accessibility.html")


@access.public()
@api_view(["GET", "HEAD"])
def pins(request: Request) -> Response:
    """`?bbox=w,s,e,n` in degrees, `zoom`, `status`, `topic`, `words`, `language` → what is inside.

    Without `zoom`, close by, and of some `words`, pins alone: newest first, at most 400.
    """
    asked = request.query_params
    bounds, zoom = Bounds.parse(asked.get("bbox", "")), _zoom(asked.get("zoom", ""))
    if bounds is None:
        return Response({"detail": "bbox must be west,south,east,north in degrees."}, status=400)
    if zoom is None and "zoom" in asked:
        return Response({"detail": f"zoom must be a number from 0 to {MOST_ZOOM}."}, status=400)
    found = view(bounds, zoom=zoom, **_filters(request._request))
    with override("en" if asked.get("language") == "en" else "uk"):
        return Response(
            {
                "pins": [_pin(row) for row in found.pins],
                "clusters": [_cluster(cluster) for cluster in found.clusters],
                "more": found.more,
            }
        )


def _zoom(text: str) -> float | None:
    try:
        zoom = float(text)
    except ValueError:
        return None
    return zoom if 0 <= zoom <= MOST_ZOOM else None


def _pin(row: Question) -> dict[str, Any]:
    return {
        "id": row.pk,
        "lat": row.lat,
        "lon": row.lon,
        "status": PIN[row.state],
        "url": reverse("portal:question", args=[row.pk]),
        "text": queries.first_words(row.public_text),
    }


def _cluster(cluster: Cluster) -> dict[str, Any]:
    number = cluster.waiting + cluster.answered
    asked = ngettext("%(n)s question", "%(n)s questions", number) % {"n": number}
    waiting = ngettext("%(n)s waits", "%(n)s wait", cluster.waiting) % {"n": cluster.waiting}
    answered = pgettext("counted questions", "%(n)s answered") % {"n": cluster.answered}
    box = cluster.box
    return {
        "lat": cluster.lat,
        "lon": cluster.lon,
        "waiting": cluster.waiting,
        "answered": cluster.answered,
        "box": [box.west, box.south, box.east, box.north],
        "label": f"{asked}: {waiting}, {answered}",
    }


@access.public()
@require_safe
@cache_control(public=True, max_age=300)
def outline(request: HttpRequest) -> HttpResponse:
    """The city's outline as a GeoJSON geometry, or null."""
    return JsonResponse({"geometry": current_city().outline})


@access.public(before_launch=True)
@require_safe
@cache_control(public=True, max_age=300)
def accent(request: HttpRequest) -> HttpResponse:
    """The city's accent colour for both themes."""
    city = current_city()
    body = (
        f":root{{--accent:{city.accent_light}}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{--accent:{city.accent_dark}}}}}\n"
    )
    return HttpResponse(body, content_type="text/css")
