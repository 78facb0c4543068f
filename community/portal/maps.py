"""What a page tells its map: where it looks, whence it takes tiles, pins, outline and names."""

from typing import Any

from django.urls import reverse
from django.utils.translation import get_language

from tenants.basemaps import basemap_of
from tenants.geometry import UKRAINE
from tenants.models import City


def map_data(city: City) -> dict[str, Any]:
    """Values for the data attributes of `components/map.html`."""
    bounds = city.bounds
    west, south, east, north = (
        (bounds.west, bounds.south, bounds.east, bounds.north) if bounds else UKRAINE
    )
    return {
        "west": west,
        "south": south,
        "east": east,
        "north": north,
        "lat": city.centre[0] if city.centre else (south + north) / 2,
        "lon": city.centre[1] if city.centre else (west + east) / 2,
        "zoom": city.zoom if bounds else 6,
        **basemap_of(city),
        "pins_url": reverse("map:pins"),
        "places_url": f"{reverse('places')}?language={get_language()}",
        "outline_url": reverse("map:outline"),
    }
