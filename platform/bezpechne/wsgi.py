"""WSGI entry. Served by threads: in async code django-tenants loses track of the city."""

import os
import re
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

_CHARSET = re.compile(r";\s*charset\s*=\s*[^;]*", re.IGNORECASE)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bezpechne.settings")
_django = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Django, with a charset in Content-Type that it does not decode taken for UTF-8.

    Django reads the charset before any middleware and fails on names such as `hex`; browsers
    send forms in the page's own charset, which is UTF-8.
    """
    content_type = str(environ.get("CONTENT_TYPE", ""))
    if "charset" in content_type.lower():
        environ["CONTENT_TYPE"] = _CHARSET.sub("", content_type)
    return _django(environ, start_response)
