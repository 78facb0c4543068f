"""Pages of sign-in, invitation and reset, the same in a city and on the platform's host."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from django.contrib import messages
from django.contrib.auth import authenticate, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.encoding import force_str
from django.utils.http import urlsafe_base64_decode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from bezpechne.accounts import access, actions, devices, limits, signing_in
from bezpechne.accounts.acting import ActingAdministrator
from bezpechne.accounts.forms import AcceptForm, NewPasswordForm, ResetForm, SignInForm
from bezpechne.accounts.models import User
from bezpechne.kernel import throttle

View = Callable[..., HttpResponse]
GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


def not_acting(view: View) -> View:
    """No account is signed in, made or given a password in a session of an acting administrator."""

    @wraps(view)
    def closed(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
        if isinstance(request.user, ActingAdministrator):
            return render(request, "accounts/not_while_acting.html", status=403)
        return view(request, *args, **kwargs)

    return closed


@access.public(before_launch=True)
@never_cache
@GET_OR_POST
@not_acting
def sign_in(request: HttpRequest) -> HttpResponse:
    """E-mail and password; after some misses each next one has to wait (`accounts.limits`)."""
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        attempt = limits.attempt(request, form.cleaned_data["email"])
        wait = attempt.wait()
        if wait > throttle.NO_WAIT:
            return _too_early(request, form, wait)
        user = authenticate(request, **form.cleaned_data)
        if isinstance(user, User):
            attempt.succeeded()
            return HttpResponseRedirect(
                signing_in.proceed(request, user, signing_in.safe_target(request))
            )
        form.add_error(None, _("The e-mail or the password is not right."))
    return _sign_in_page(request, form)


def _sign_in_page(request: HttpRequest, form: SignInForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "next": signing_in.safe_target(request)}
    return render(request, "accounts/sign_in.html", context, status=status)


def _too_early(request: HttpRequest, form: SignInForm, wait: timedelta) -> HttpResponse:
    said = _(
        "Too many attempts. Try again in %(wait)s, or choose a new password by the link in a letter."
    )
    form.add_error(None, said % {"wait": throttle.in_words(wait)})
    response = _sign_in_page(request, form, 429)
    response["Retry-After"] = throttle.in_seconds(wait)
    return response


@access.public(before_launch=True)
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    messages.success(request, _("You are signed out."))
    return redirect("accounts:sign_in")


@access.public(before_launch=True)
@never_cache
@GET_OR_POST
@not_acting
def reset(request: HttpRequest) -> HttpResponse:
    """The answer is the same whether the address has an account or not."""
    form = ResetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.request_reset(email=form.cleaned_data["email"], visitor=throttle.visitor(request))
        return render(request, "accounts/reset_sent.html")
    return render(request, "accounts/reset.html", {"form": form})


@access.by_link()
@GET_OR_POST
@not_acting
def reset_confirm(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    user = _user_of(uid)
    if user is None or not actions.reset_tokens.check_token(user, token):
        return render(request, "accounts/link_dead.html", status=410)
    form = NewPasswordForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        actions.set_password(user=user, password=form.cleaned_data["password"])
        messages.success(request, _("The new password is set. Sign in with it."))
        response = redirect("accounts:sign_in")
        # Whoever reads the person's mail is not stopped by guesses from elsewhere.
        devices.remember(request, response, user.email)
        return response
    return render(request, "accounts/new_password.html", {"form": form})


def _user_of(uid: str) -> User | None:
    try:
        key = int(force_str(urlsafe_base64_decode(uid)))
    except ValueError:
        return None
    return User.objects.filter(pk=key, is_active=True).first() if key < 2**63 else None


@access.by_link()
@GET_OR_POST
@not_acting
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Accepting signs the person in, or leads to the second factor where one is asked."""
    invitation = actions.invitation_for(token)
    if invitation is None:
        return render(request, "accounts/link_dead.html", {"invitation": True}, status=410)
    form = AcceptForm(
        request.POST or None,
        user=User(email=invitation.email),
        initial={"name": invitation.name},
    )
    if request.method == "POST" and form.is_valid():
        try:
            user = actions.accept_invitation(
                invitation=invitation,
                name=form.cleaned_data["name"],
                password=form.cleaned_data["password"],
            )
        except actions.AccountError:
            # Taken back or used while the form was being filled.
            return render(request, "accounts/link_dead.html", {"invitation": True}, status=410)
        return HttpResponseRedirect(signing_in.proceed(request, user, invited=True))
    return render(request, "accounts/accept.html", {"form": form, "invitation": invitation})
