"""What lies under a city's pins: OpenStreetMap, or Google's 2D tiles where the platform has a key.

Google gives tiles for a *session*: made by a POST from here, good for about two weeks, the same for
all visitors of a language. The worker makes and renews it and keeps it in `public`, so that no
process makes its own and no visitor waits for Google. While there is none, and when tiles do not
come, the map is OpenStreetMap's. The key stands in the addresses of tiles, as Google means it: it
must be restricted to our host names, and is never written into a log.
"""

import json
import logging
import re
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import get_language

from bezpechne.kernel import clock
from tenants.models import City, MapSession
from tenants.states import Basemap

logger = logging.getLogger(__name__)

RENEW_JOB = "tenants.renew_map_sessions"
SECONDS = 10
# Google's sessions last two weeks. A page that is open now goes on with the one that it has.
RENEW_BEFORE = timedelta(days=2)
# The last hour of a session is given to nobody new.
SPARE = timedelta(hours=1)
LANGUAGES = {"uk": "uk-UA", "en": "en-GB"}
_SESSION = re.compile(r"[A-Za-z0-9_.~-]{8,2000}")
# How long a process believes what it read.
KEPT_SECONDS = 60.0
_known: dict[str, tuple[float, str]] = {}


class SessionRefused(RuntimeError):
    """Google gave no session; the text says why and holds neither key nor address."""


def forget() -> None:
    """The next page reads the session anew."""
    _known.clear()


# --- Pages ------------------------------------------------------------------------------------------


def basemap_of(city: City) -> dict[str, str]:
    """Data of a map: `tiles` and `attribution`; for Google `viewport` and what to show without it."""
    plain = {"tiles": settings.BASEMAP_TILES, "attribution": settings.BASEMAP_ATTRIBUTION}
    language = "en" if get_language() == "en" else "uk"
    session = _session(language) if uses_google(city) else ""
    if not session:
        return plain
    given = urlencode({"session": session, "key": settings.GOOGLE_MAPS_KEY})
    return {
        "tiles": f"{settings.GOOGLE_TILES_URL}/v1/2dtiles/{{z}}/{{x}}/{{y}}?{given}",
        "viewport": f"{settings.GOOGLE_TILES_URL}/tile/v1/viewport?{given}",
        "attribution": "",
        "spare_tiles": plain["tiles"],
        "spare_attribution": plain["attribution"],
    }


def uses_google(city: City) -> bool:
    """Whether the city chose it and the platform has a key."""
    return bool(settings.GOOGLE_MAPS_KEY and city.basemap == Basemap.GOOGLE)


def allow(response: HttpResponse, city: City) -> HttpResponse:
    """Lets pages of a city with Google's map load its tiles and its words about them."""
    if uses_google(city):
        parts = urlsplit(settings.GOOGLE_TILES_URL)
        origin = f"{parts.scheme}://{parts.netloc}"
        given = getattr(response, "_csp_update", {})
        update = {**given, "img-src": [origin], "connect-src": [origin]}
        response._csp_update = update  # type: ignore[attr-defined] # django-csp reads it
    return response


def _session(language: str) -> str:
    """Blank when there is none that lasts; one small query a minute for a process."""
    until, session = _known.get(language, (0.0, ""))
    if time.monotonic() < until:
        return session
    row = MapSession.objects.filter(language=language, expires_at__gt=clock.now() + SPARE).first()
    session = row.session if row else ""
    _known[language] = (time.monotonic() + KEPT_SECONDS, session)
    return session


# --- The worker -------------------------------------------------------------------------------------


def renew(*, always: bool = False) -> int:
    """Makes the sessions that are missing or near their end; returns how many.

    A failure keeps the old one until its end. Two workers at once make one session.
    """
    if not settings.GOOGLE_MAPS_KEY or not City.objects.filter(basemap=Basemap.GOOGLE).exists():
        return 0
    made = 0
    for language in LANGUAGES:
        MapSession.objects.get_or_create(language=language)
        with transaction.atomic():
            rows = MapSession.objects.select_for_update(skip_locked=True)
            row = rows.filter(language=language).first()
            fresh = row and row.expires_at and row.expires_at > clock.now() + RENEW_BEFORE
            if row is None or (fresh and not always):
                continue
            row.tried_at = clock.now()
            try:
                row.session, row.expires_at = create_session(language)
                row.error, made = "", made + 1
            except SessionRefused as refusal:
                row.error = str(refusal)[:200]
                logger.error("Google gave no session: %s", row.error)  # noqa: TRY400 - no bug of ours
            row.save()
    forget()
    return made


def create_session(language: str) -> tuple[str, datetime]:
    """Asks Google: the session and its end. Raises SessionRefused."""
    wanted = {
        "mapType": "roadmap",
        "language": LANGUAGES[language],
        "region": "UA",
        # 512 pixels for 256 points: sharp on a phone.
        "scale": "scaleFactor2x",
        "highDpi": True,
    }
    request = urllib.request.Request(  # noqa: S310 - the address is the settings'
        f"{settings.GOOGLE_TILES_URL}/v1/createSession?key={quote(settings.GOOGLE_MAPS_KEY)}",
        data=json.dumps(wanted).encode(),
        # A key that is restricted to our hosts asks where we come from.
        headers={"Content-Type": "application/json", "Referer": f"{settings.BASE_URL}/"},
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as response:  # noqa: S310 - same
            return _read(json.loads(response.read(100_000)))
    except urllib.error.HTTPError as error:
        with error:
            raise SessionRefused(f"status {error.code}{_why(error.read(10_000))}") from None
    except (OSError, HTTPException, ValueError, KeyError, TypeError) as error:
        raise SessionRefused(type(error).__name__) from None


def _read(answer: Any) -> tuple[str, datetime]:
    session, expiry = str(answer["session"]), datetime.fromtimestamp(int(answer["expiry"]), UTC)
    if not _SESSION.fullmatch(session) or expiry < clock.now():
        raise ValueError
    return session, expiry


def _why(body: bytes) -> str:
    """Google's word for it, such as PERMISSION_DENIED; its sentence may quote the key."""
    found = re.search(rb'"status":\s*"([A-Z_]{3,40})"', body)
    return f" {found[1].decode()}" if found else ""
