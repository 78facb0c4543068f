"""Sessions as people see them: beside Django's row one of ours, with device, network and times."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.http import HttpRequest

from bezpechne.accounts import devices
from bezpechne.accounts.models import SignIn, User
from bezpechne.kernel import clock, throttle
from bezpechne.kernel.sessions import SessionStore

# A session's row is written at most so often by each process.
PAUSE = timedelta(minutes=5)


@dataclass(frozen=True)
class Line:
    """One open session; `here` is the one that looks."""

    pk: int
    device: str
    address: str
    began_at: datetime
    seen_at: datetime
    here: bool


def short(address: str) -> str:
    """A network of the address: «203.0.113.…», «2001:db8:7::…»; blank for what is none."""
    try:
        found = ip_address(address.partition("/")[0])
    except ValueError:
        return ""
    if found.version == 4:
        return str(found).rpartition(".")[0] + ".…"
    return str(ip_network((found, 48), strict=False).network_address) + "…"


def _cached(key: str) -> str:
    return f"session-seen:{key}"


def begin(*, request: HttpRequest, user: User, **_: Any) -> None:
    """Called by Django's signal when a session becomes somebody's."""
    key = request.session.session_key
    if key is None:
        request.session.save()
        key = request.session.session_key or ""
    SignIn.objects.update_or_create(session_key=key, defaults=_facts(request, user))
    cache.set(_cached(key), True, PAUSE.total_seconds())


def _facts(request: HttpRequest, user: User) -> dict[str, Any]:
    agent = str(request.META.get("HTTP_USER_AGENT", "")).replace("\0", "")
    now = clock.now()
    return {
        "user": user,
        "agent": agent[:200],
        "address": short(throttle.visitor(request)),
        "began_at": now,
        "seen_at": now,
    }


def touch(request: HttpRequest) -> None:
    """After a request that read its session: the person was here."""
    if not request.session.accessed or not isinstance(request.user, User):
        return
    key = request.session.session_key
    if not key or request.session.get(SESSION_KEY) is None:
        return
    if not cache.add(_cached(key), True, PAUSE.total_seconds()):
        return
    if not SignIn.objects.filter(session_key=key).update(seen_at=clock.now()):
        # Begun before there were such rows.
        SignIn.objects.get_or_create(session_key=key, defaults=_facts(request, request.user))


def renew_key(request: HttpRequest) -> None:
    """Another key for the session that goes on: what somebody copied before is worth nothing."""
    old = request.session.session_key
    request.session.cycle_key()
    SignIn.objects.filter(session_key=old).update(session_key=request.session.session_key)


def _open(keys: list[str]) -> set[str]:
    rows = Session.objects.filter(pk__in=keys, expire_date__gt=clock.now())
    return set(rows.values_list("pk", flat=True))


def open_of(user: User, current: str | None) -> list[Line]:
    """A person's open sessions, this one first, then the last seen; two queries."""
    rows = list(SignIn.objects.filter(user=user).order_by("-seen_at", "-pk"))
    alive = _open([row.session_key for row in rows])
    lines = [
        Line(
            row.pk,
            devices.in_words(row.agent),
            row.address,
            row.began_at,
            row.seen_at,
            row.session_key == current,
        )
        for row in rows
        if row.session_key in alive
    ]
    return sorted(lines, key=lambda line: not line.here)


@dataclass(frozen=True)
class Presence:
    """How many sessions somebody has open, and when they were last seen."""

    sessions: int = 0
    seen_at: datetime | None = None


def presence() -> dict[int, Presence]:
    """Of everybody here, by key; two queries."""
    rows: dict[int, list[SignIn]] = defaultdict(list)
    for row in SignIn.objects.order_by("-seen_at", "-pk"):
        rows[row.user_id].append(row)
    alive = _open([row.session_key for found in rows.values() for row in found])
    return {
        user: Presence(sum(row.session_key in alive for row in found), found[0].seen_at)
        for user, found in rows.items()
    }


def end(user: User, keep: str | None = None) -> int:
    """Ends the person's sessions in this schema but the one with the key `keep`; how many.

    Django's rows are looked through, because one may have no row of ours yet.
    """
    ended = 0
    for row in Session.objects.filter(expire_date__gt=clock.now()).exclude(pk=keep or ""):
        if SessionStore().decode(row.session_data).get(SESSION_KEY) == str(user.pk):
            row.delete()
            ended += 1
    SignIn.objects.filter(user=user).exclude(session_key=keep or "").delete()
    return ended


def end_one(user: User, pk: int) -> bool:
    """Ends one of the person's own sessions; False when it is over or somebody else's."""
    row = SignIn.objects.filter(user=user, pk=pk).first()
    if row is None:
        return False
    Session.objects.filter(pk=row.session_key).delete()
    row.delete()
    return True


def sweep() -> None:
    """Deletes rows of sessions that are over, in the schema in force."""
    SignIn.objects.exclude(session_key__in=Session.objects.values("pk")).delete()
