"""Links to pages that an installation may not have."""

from django.urls import NoReverseMatch, reverse


def maybe(name: str, *args: object) -> str:
    """The page's path, or blank where there is no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
