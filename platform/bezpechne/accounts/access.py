"""Who may open a page. Every view says so with one decorator; one that says nothing is closed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url

from bezpechne.accounts.acting import ActingAdministrator
from bezpechne.accounts.models import User
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.actors import Actor
from bezpechne.kernel.faults import signed_out

View = TypeVar("View", bound=Callable[..., Any])
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Access:
    """`permission` None opens the page to everybody.

    `private` pages are for one person or for staff: no search engine and no cache keeps them.
    `before_launch` keeps it open behind the curtain of a city that has not opened: sign-in,
    links from e-mails, files of the site itself. `scopes`: programs alone, by a token of the
    first scope to read and of the second for every other method; cookies open nothing.
    """

    permission: Permission | None
    before_launch: bool = True
    private: bool = True
    scopes: tuple[str, str] | None = None


# Answers a program that may not enter, or returns None.
TokenHook = Callable[[HttpRequest, str], HttpResponse | None]


def _no_tokens(request: HttpRequest, scope: str) -> HttpResponse | None:
    raise PermissionDenied


_check_token: TokenHook = _no_tokens


def set_token_hook(hook: TokenHook) -> None:
    """Lets `provisioning` check tokens: it knows who may have one; called once at start."""
    global _check_token  # noqa: PLW0603 - one hook for the process
    _check_token = hook


def public(*, before_launch: bool = False) -> Callable[[View], View]:
    """Everybody; behind the curtain until launch unless said otherwise."""
    return _declare(Access(None, before_launch, private=False))


def by_link() -> Callable[[View], View]:
    """Whoever holds a secret link; the view checks the token."""
    return _declare(Access(None))


def signing_in() -> Callable[[View], View]:
    """Whoever has just given the right password; the view checks the session."""
    return _declare(Access(None))


def staff(permission: Permission) -> Callable[[View], View]:
    """Signed-in people of this schema who hold the permission."""
    return _declare(Access(permission))


def by_token(read: str, *, write: str = "") -> Callable[[View], View]:
    """Programs whose token has the scope; with `write`, that one for all but reading."""
    return _declare(Access(None, scopes=(read, write or read)))


def _declare(access: Access) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.access = access  # type: ignore[attr-defined] # read by access_of
        return view

    return mark


def access_of(view: Callable[..., Any]) -> Access | None:
    """What a view declared."""
    return getattr(view, "access", None)


def actor_of(request: HttpRequest) -> Actor:
    """Who acts, for a view that a permission guards. Raises PermissionDenied for nobody."""
    if isinstance(request.user, User | ActingAdministrator):
        return request.user.actor
    raise PermissionDenied


def may(request: HttpRequest, permission: Permission) -> bool:
    """Whether the visitor is signed in here and holds a permission."""
    user = request.user
    return isinstance(user, User | ActingAdministrator) and permission in user.permissions


class AccessMiddleware:
    """Applies the declarations before the view runs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        access = access_of(request.resolver_match.func) if request.resolver_match else None
        if access and access.private:
            response["X-Robots-Tag"] = "noindex, nofollow"
            response["Cache-Control"] = "private, no-store"
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """None lets the view run."""
        access = access_of(view)
        if access is None:
            raise PermissionDenied
        if access.scopes is not None:
            read, write = access.scopes
            return _check_token(request, read if request.method in _READING else write)
        if access.permission is None:
            return None
        if not request.user.is_authenticated and request.method == "POST":
            return signed_out(request)
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), resolve_url("accounts:sign_in"))
        if not may(request, access.permission):
            raise PermissionDenied
        return None
