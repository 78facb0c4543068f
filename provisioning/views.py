"""Names of settlements for maps without tiles."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from bezpechne.accounts import access
from provisioning.models import Hromada
from tenants.geometry import Bounds

MAX_PLACES = 60


def _size(population: int | None) -> int:
    """1 for a village … 4 for a large city: how large its name is written."""
    people = population or 0
    return 1 + sum(people >= limit for limit in (10_000, 50_000, 250_000))


@access.public()
@require_safe
@cache_control(public=True, max_age=3600)
def places(request: HttpRequest) -> HttpResponse:
    """`?bbox=w,s,e,n&language=en` → names of centres inside, the largest first, at most 60."""
    bounds = Bounds.parse(request.GET.get("bbox", ""))
    if bounds is None:
        return JsonResponse(
            {"detail": "bbox must be west,south,east,north in degrees."}, status=400
        )
    rows = Hromada.objects.filter(
        lat__gte=bounds.south, lat__lte=bounds.north, lon__gte=bounds.west, lon__lte=bounds.east
    ).only("centre_uk", "centre_en", "lat", "lon", "population")
    english = request.GET.get("language") == "en"
    largest = sorted(rows, key=lambda row: -(row.population or 0))[:MAX_PLACES]
    return JsonResponse(
        {
            "places": [
                {
                    "name": row.centre_en if english else row.centre_uk,
                    "lat": row.lat,
                    "lon": row.lon,
                    "size": _size(row.population),
                }
                for row in largest
            ]
        }
    )
