"""The browser that somebody signed in with before, known by a signed cookie.

The cookie opens nothing. It gives its browser an allowance of its own among the limits of sign-in,
so that a flood on an account from elsewhere does not stop the owner, and spares the owner a letter
about a new device. It names accounts by an HMAC of schema and address, and nobody else.
"""

import re
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from bezpechne.kernel.schema import current_schema

TERM = timedelta(days=365)
# Accounts that one browser remembers: a desk that several people share.
MOST = 8
_ID = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True)
class Device:
    """`key` is blank for a browser without the cookie."""

    key: str = ""
    accounts: list[str] = field(default_factory=list)

    def knows(self, email: str) -> bool:
        """Whether somebody signed in here with that address."""
        return _mark(email) in self.accounts


def _salt() -> str:
    return f"bezpechne.accounts.device.{current_schema()}"


def _mark(email: str) -> str:
    return salted_hmac(_salt(), email.strip().lower()).hexdigest()[:16]


def device_of(request: HttpRequest) -> Device:
    """What the cookie says; a cookie of another city, too old or made up says nothing."""
    given = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    try:
        kept: Any = signing.loads(given, salt=_salt(), max_age=TERM)
        return Device(str(kept["key"]), [str(one) for one in kept["accounts"]])
    except (signing.BadSignature, TypeError, KeyError, ValueError):
        return Device()


def remember(request: HttpRequest, response: HttpResponse, email: str) -> None:
    """Writes the cookie: this browser belongs to that account too."""
    device = device_of(request)
    mark = _mark(email)
    accounts = [mark, *(one for one in device.accounts if one != mark)][:MOST]
    key = device.key if _ID.fullmatch(device.key) else secrets.token_urlsafe(16)
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps({"key": key, "accounts": accounts}, salt=_salt()),
        max_age=int(TERM.total_seconds()),
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


# --- In words ---------------------------------------------------------------------------------------

# The first that is found: Edge and Opera name Chrome too, Chrome names Safari.
_BROWSERS = (
    (r"Edg(e|A|iOS)?/", "Edge"),
    (r"OPR/|Opera", "Opera"),
    (r"SamsungBrowser/", "Samsung Internet"),
    (r"Firefox/|FxiOS/", "Firefox"),
    (r"Chrome/|CriOS/|Chromium/", "Chrome"),
    (r"Safari/", "Safari"),
)
_SYSTEMS = (
    (r"iPhone", "iPhone"),
    (r"iPad", "iPad"),
    (r"Android", "Android"),
    (r"Windows", "Windows"),
    (r"Mac OS X|Macintosh", "macOS"),
    (r"Cr[O]S", "ChromeOS"),
    (r"Linux|X11", "Linux"),
)


def _first(table: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for pattern, name in table if re.search(pattern, agent)), "")


def in_words(agent: str) -> str:
    """«Firefox, Windows» from what a browser says of itself."""
    found = [_first(_BROWSERS, agent), _first(_SYSTEMS, agent)]
    return ", ".join(name for name in found if name) or _("Unknown device")
