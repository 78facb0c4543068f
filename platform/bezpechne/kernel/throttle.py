"""Counts attempts by a key for a window of time: sign-in, mails to one address, lost links.

The rows live in `public` so that the platform's own pages can use them too; each key is an HMAC
that includes the schema, so a row says nothing about whom it counts. Only what is asked to count
`everywhere` joins cities, and says no more than that a limit is reached.
"""

import math
from collections.abc import Sequence
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import ngettext

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

# The row's term is the last attempt and DAY, so that it also says when that attempt was.
_TURN = """
INSERT INTO public.kernel_throttle AS t (key, hits, window_ends) VALUES (%(key)s, 1, %(ends)s)
ON CONFLICT (key) DO UPDATE SET
    hits = CASE WHEN t.window_ends <= %(now)s THEN 1 ELSE t.hits + 1 END,
    window_ends = EXCLUDED.window_ends
WHERE t.window_ends <= %(now)s OR t.window_ends <= %(ends)s - make_interval(
    secs => coalesce((%(delays)s::int[])[least(t.hits, %(last)s)], 0))
RETURNING hits
"""
_LEFT = """
SELECT window_ends - %(ends)s + make_interval(
    secs => coalesce((%(delays)s::int[])[least(hits, %(last)s)], 0))
FROM public.kernel_throttle WHERE key = %(key)s
"""
DAY = timedelta(days=1)
NO_WAIT = timedelta(0)


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


def left(kind: str, identity: str) -> timedelta:
    """How long a limit of `allow` refuses yet."""
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT window_ends FROM public.kernel_throttle WHERE key = %s", [_key(kind, identity)]
        )
        row = cursor.fetchone()
    return max(timedelta(seconds=1), row[0] - now) if row else timedelta(seconds=1)


def growing(free: int) -> tuple[int, ...]:
    """Seconds to wait after each miss: none after the first `free`, then up to 15 minutes."""
    return (*[0] * free, 5, 15, 30, 60, 120, 300, 600, 900)


def turn(kind: str, identity: str, delays: Sequence[int]) -> timedelta:
    """Takes the next turn, or says how long to wait until it is there: NO_WAIT for go.

    `delays[n]` is the wait in seconds after n + 1 turns, the last one for all after it. A turn
    that is refused counts for nothing: asking too early makes no wait longer. A day without a
    turn forgets them all; `forget` does it at once, and `give_back` takes one of them back.
    """
    now = clock.now()
    asked: dict[str, Any] = {
        "key": _key(kind, identity),
        "now": now,
        "ends": now + DAY,
        "delays": list(delays),
        "last": len(delays),
    }
    with connection.cursor() as cursor:
        cursor.execute(_TURN, asked)
        if cursor.fetchone():
            return NO_WAIT
        cursor.execute(_LEFT, asked)
        left = cursor.fetchone()
    return max(timedelta(seconds=1), left[0]) if left else NO_WAIT


def give_back(kind: str, identity: str) -> None:
    """The turn was no miss."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE public.kernel_throttle SET hits = greatest(hits - 1, 0) WHERE key = %s",
            [_key(kind, identity)],
        )


def in_seconds(wait: timedelta) -> int:
    """For the header Retry-After."""
    return max(1, math.ceil(wait.total_seconds()))


def in_words(wait: timedelta) -> str:
    """For a sentence: «30 seconds», «2 minutes»."""
    seconds = in_seconds(wait)
    if seconds < 60:
        return ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}
    minutes = math.ceil(seconds / 60)
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


def sweep() -> None:
    """Deletes counters whose window is over."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM public.kernel_throttle WHERE window_ends <= %s", [clock.now()])


def forget(kind: str, identity: str) -> None:
    """Clears the count, for example after a successful sign-in."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM public.kernel_throttle WHERE key = %s", [_key(kind, identity)])
