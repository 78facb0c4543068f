"""The language is in the URL and nowhere else: Ukrainian at `/`, English at `/en/`."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

UKRAINIAN, ENGLISH = "uk", "en"


def language_of(path: str) -> str:
    """Language that a path is written in."""
    return ENGLISH if path == "/en" or path.startswith("/en/") else settings.LANGUAGE_CODE


def path_in(language: str, path: str) -> str:
    """The same page in another language."""
    # One slash: «/en//host/» must not become a link to another host.
    bare = "/" + path[3:].lstrip("/\\") if language_of(path) == ENGLISH else path
    return f"/en{bare}" if language == ENGLISH else bare


class LanguageMiddleware:
    """Activates the path's language; Accept-Language is ignored: many phones here are in English."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Programs read English field names; their sentences are in one language with them.
        for_programs = request.path_info.startswith("/api/v")
        language = ENGLISH if for_programs else language_of(request.path_info)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
            return response
