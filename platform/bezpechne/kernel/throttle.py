"""Counts attempts by a key for a window of time: sign-in, mails to one address, lost links.

The rows live in `public` so that the platform's own pages can use them too; each key is an HMAC
that includes the schema, so a row says nothing about whom it counts. Only what is asked to count
`everywhere` joins cities, and says no more than that a limit is reached.
"""

from datetime import timedelta
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from bezpechne.kernel import clock
from bezpechne.kernel.schema import current_schema

# One statement: two requests at once cannot both be the last one allowed.
_HIT = """
INSERT INTO public.kernel_throttle AS t (key, hits, window_ends) VALUES (%s, 1, %s)
ON CONFLICT (key) DO UPDATE SET
    hits = CASE WHEN t.window_ends <= %s THEN 1 ELSE t.hits + 1 END,
    window_ends = CASE WHEN t.window_ends <= %s THEN EXCLUDED.window_ends ELSE t.window_ends END
RETURNING hits
"""


def _key(kind: str, identity: str, *, everywhere: bool = False) -> str:
    place = "everywhere" if everywhere else current_schema()
    return salted_hmac(f"bezpechne.throttle.{kind}", f"{place}\x00{identity.lower()}").hexdigest()


def visitor(request: HttpRequest) -> str:
    """Network of the visitor: the address, of IPv6 the /64 that one household has.

    Behind our proxy the last address of the header, which the proxy wrote.
    """
    given = str(request.META.get(settings.CLIENT_ADDRESS_HEADER, "")).rpartition(",")[2].strip()
    try:
        address = ip_address(given)
    except ValueError:
        return given[:64]
    if address.version == 6:
        return str(ip_network((address, 64), strict=False))
    return str(address)


def allow(
    kind: str, identity: str, *, limit: int, window: timedelta, everywhere: bool = False
) -> bool:
    """Counts one attempt; False once more than `limit` fell into the current window.

    `everywhere` counts all cities together: for what one person suffers from all of them.
    """
    now = clock.now()
    with connection.cursor() as cursor:
        key = _key(kind, identity, everywhere=everywhere)
        cursor.execute(_HIT, [key, now + window, now, now])
        (hits,) = cursor.fetchone()
    return bool(hits <= limit)


def sweep() -> None:
    """Deletes counters whose window is over."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM public.kernel_throttle WHERE window_ends <= %s", [clock.now()])


def forget(kind: str, identity: str) -> None:
    """Clears the count, for example after a successful sign-in."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM public.kernel_throttle WHERE key = %s", [_key(kind, identity)])
