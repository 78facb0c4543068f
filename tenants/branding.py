"""A city's logo and languages as its pages use them."""

import re
from dataclasses import dataclass

from django.urls import reverse

from tenants.models import City

# «branding/9f86d081884c7d65-320x96.png» in the city's own storage: content and size.
LOGO = re.compile(r"branding/(?P<stem>[0-9a-f]{16}-(?P<width>\d{1,4})x(?P<height>\d{1,4}))\.png")


@dataclass(frozen=True)
class ShownLogo:
    """For an `img`: the size is known, so nothing moves when it comes."""

    url: str
    width: int
    height: int


def logo_name(stem: str) -> str:
    """Name of a logo's file in the city's storage."""
    return f"branding/{stem}.png"


def logo_of(city: City) -> ShownLogo | None:
    """None: the platform's mark is shown."""
    found = LOGO.fullmatch(city.logo)
    if found is None:
        return None
    url = reverse("logo", kwargs={"stem": found["stem"]})
    return ShownLogo(url, int(found["width"]), int(found["height"]))
