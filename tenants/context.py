"""What every page's frame needs."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from bezpechne.kernel.languages import language_of, path_in
from tenants.branding import logo_of
from tenants.wording import said


def city(request: HttpRequest) -> dict[str, Any]:
    """The city, links to the same page in each language, and whether staff preview it."""
    here = getattr(request, "city", None)
    language = language_of(request.path_info)
    languages = here.languages if here else [code for code, _name in settings.LANGUAGES]
    return {
        "city": here,
        "preview": bool(here and not here.launched),
        "logo": logo_of(here) if here else None,
        "wording": said(here.wording if here else {}, language),
        "home_url": path_in(language, "/"),
        "language_links": [
            {
                "code": code,
                "label": "УК" if code == "uk" else "EN",
                "name": name,
                "url": path_in(code, request.get_full_path()),
                "current": code == language,
            }
            for code, name in settings.LANGUAGES
            if code in languages and len(languages) > 1
        ],
    }
