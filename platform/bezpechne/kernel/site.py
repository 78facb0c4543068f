"""Name and address of the site in force, for letters; `tenants` says what a city's are."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext


@dataclass(frozen=True)
class Site:
    """`url` has scheme, host and port, no slash at the end; `reply_to` may be blank."""

    name: str
    url: str
    reply_to: str = ""

    def absolute(self, path: str) -> str:
        """A link for an e-mail."""
        return self.url + path


def platform_site() -> Site:
    return Site(gettext("Bezpechne"), settings.BASE_URL)


_current: Callable[[], Site] = platform_site


def set_site_hook(hook: Callable[[], Site]) -> None:
    """Lets `tenants` describe the city in force; called once at start."""
    global _current  # noqa: PLW0603 - one hook for the process
    _current = hook


def site() -> Site:
    """The city's site inside a city, the platform's elsewhere."""
    return _current()
