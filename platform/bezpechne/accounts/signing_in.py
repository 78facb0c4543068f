"""From the right password to a session: by way of the second factor, or at once in its grace."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, resolve, reverse
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme

from bezpechne.accounts import devices, second_factor, sign_ins
from bezpechne.accounts.access import access_of
from bezpechne.accounts.happenings import write_to
from bezpechne.accounts.models import SignIn, User
from bezpechne.kernel import clock

# Keys in the session: who has given the right password, and that the second factor was right too.
PENDING, VERIFIED = "sign_in_pending", "second_factor"
# When that was, for pages that change the second factor.
PROVEN = "second_factor_at"
TERM = timedelta(minutes=10)


@dataclass(frozen=True)
class Pending:
    """A person who has given the right password; `secret` is of the app that they set up now."""

    user: User
    target: str
    secret: str


def home_of(user: User) -> str:
    """Where this person works on this host."""
    for name in settings.STAFF_HOME:
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        declared = access_of(resolve(url).func)
        if declared and declared.permission in user.permissions:
            return url
    return "/"


def safe_target(request: HttpRequest) -> str:
    """The page of this host that asked for the sign-in, or blank."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    safe = target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None)
    return target if safe else ""


def proceed(request: HttpRequest, user: User, target: str = "", *, invited: bool = False) -> str:
    """After the right password: signs in or remembers who is about to; says where to go next.

    `invited`: the person has just chosen the password, so no device of theirs is known yet.
    """
    has_factor = second_factor.is_set(user)
    if not has_factor and not second_factor.demanded(user):
        enter(request, user, told=invited)
        return target or home_of(user)
    # Another key and nothing of the session before: a key that somebody planted is worth nothing.
    request.session.flush()
    request.session[PENDING] = {
        "user": user.pk,
        "password": user.get_session_auth_hash(),
        "until": (clock.now() + TERM).isoformat(),
        "target": target,
        "secret": second_factor.Adapter().encrypt(second_factor.new_secret()),
        "invited": invited,
    }
    return reverse("second_factor:code" if has_factor else "second_factor:enrol")


def enter(request: HttpRequest, user: User, *, told: bool = False) -> None:
    """The session becomes the person's; a device that is new to the account is told by letter."""
    login(request, user)
    request.entered_as = user.email  # type: ignore[attr-defined] # the middleware reads it
    if not told and not devices.device_of(request).knows(user.email):
        row = SignIn.objects.filter(session_key=request.session.session_key).first()
        write_to(user, "new_device", row.pk if row else 0)


def pending(request: HttpRequest) -> Pending | None:
    """Who has given the right password here in the last minutes, or None."""
    kept = request.session.get(PENDING)
    if not kept or datetime.fromisoformat(kept["until"]) < clock.now():
        return None
    user = User.objects.filter(pk=kept["user"], is_active=True).first()
    # A new password in the meantime: the old one proves nothing.
    if user is None or not constant_time_compare(user.get_session_auth_hash(), kept["password"]):
        return None
    return Pending(user, kept["target"], second_factor.Adapter().decrypt(kept["secret"]))


def given_up(request: HttpRequest) -> str:
    """Where a started sign-in wanted to go, once it has taken too long; forgets it."""
    return str((request.session.pop(PENDING, None) or {}).get("target", ""))


def finish(request: HttpRequest, person: Pending) -> str:
    """The second factor was right: the real session, under a new key. Says where to go."""
    invited = bool((request.session.pop(PENDING, None) or {}).get("invited"))
    enter(request, person.user, told=invited)
    mark_verified(request)
    return person.target or home_of(person.user)


def by_passkey(request: HttpRequest, user: User, target: str) -> str:
    """A passkey was right, after a password or alone: the real session, with nothing from before."""
    request.session.flush()
    enter(request, user)
    mark_verified(request)
    return target or home_of(user)


def mark_verified(request: HttpRequest) -> None:
    """The second factor was right in this session, now."""
    request.session[VERIFIED] = True
    request.session[PROVEN] = clock.now().isoformat()


def is_proven(request: HttpRequest) -> bool:
    """Whether the second factor was right a short while ago: what changes it asks for that."""
    kept = request.session.get(PROVEN)
    return kept is not None and datetime.fromisoformat(kept) > clock.now() - TERM


class SecondFactorMiddleware:
    """Where a second factor is asked, a session without it is nobody's, whoever made it.

    After the view it notes that the person was here, and gives the browser its cookie.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        who = SimpleLazyObject(partial(_verified, request, request.user))
        request.user = who  # type: ignore[assignment] # a user once somebody looks
        response = self.get_response(request)
        email = getattr(request, "entered_as", "")
        if email:
            devices.remember(request, response, email)
        sign_ins.touch(request)
        return response


def _verified(request: HttpRequest, user: User | AnonymousUser) -> User | AnonymousUser:
    if (
        isinstance(user, User)
        and not request.session.get(VERIFIED)
        and second_factor.demanded(user)
    ):
        return AnonymousUser()
    return user
