"""Pages of the second factor: set up, asked at sign-in, replaced by its owner."""

from collections.abc import Callable
from urllib.parse import quote, urlencode

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from bezpechne.accounts import access, limits, passkeys, second_factor, sign_ins, signing_in
from bezpechne.accounts.factor_forms import CodeForm, EnrolForm, ReplaceForm
from bezpechne.accounts.models import User
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock, throttle

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])
# Key in the session: the secret of the app that replaces another one, encrypted.
NEW_SECRET = "new_app_secret"  # noqa: S105 - the name of a key
FEW_CODES = 3


def status_of(form: Form, error: second_factor.WrongCode | None) -> int:
    """429 for too many codes, 422 for a wrong one."""
    if isinstance(error, second_factor.TooManyCodes):
        return 429
    return 422 if form.is_bound else 200


def _start_again(request: HttpRequest) -> HttpResponse:
    """Nobody has given the right password here, or too long ago."""
    began = signing_in.PENDING in request.session
    target = signing_in.given_up(request)
    if began:
        messages.warning(request, _("Signing in took too long. Start again."))
    query = f"?{urlencode({'next': target})}" if target else ""
    return HttpResponseRedirect(reverse("accounts:sign_in") + query)


@access.signing_in()
@GET_OR_POST
def code(request: HttpRequest) -> HttpResponse:
    """The second step of signing in."""
    person = signing_in.pending(request)
    if person is None:
        return _start_again(request)
    if not second_factor.is_set(person.user):
        return redirect("second_factor:enrol")
    form, error = CodeForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            kind = check(request, person.user, form.cleaned_data["code"])
        except second_factor.WrongCode as wrong:
            error = wrong
            form.add_error("code", str(wrong))
        else:
            return _signed_in(request, person, kind)
    context = {
        "form": form,
        "user_email": person.user.email,
        "has_passkey": passkeys.usable_of(person.user).exists(),
        "demo_codes": demo_codes(),
    }
    return render(request, "accounts/code.html", context, status=status_of(form, error))


def demo_codes() -> str:
    """The page that shows codes in a demo, on the platform's host; blank anywhere else."""
    return f"{settings.BASE_URL}/mailbox/codes/" if settings.DEMO else ""


def check(request: HttpRequest, user: User, code: str) -> str:
    """Takes a code within the limits of this visitor. Raises WrongCode."""
    return second_factor.check(
        user=user,
        code=code,
        visitor=throttle.visitor(request),
        device=limits.device_key(request, user.email),
    )


def _signed_in(request: HttpRequest, person: signing_in.Pending, kind: str) -> HttpResponse:
    target = signing_in.finish(request, person)
    if kind == second_factor.Kind.RECOVERY_CODES:
        left = second_factor.summary(person.user).codes_left
        messages.warning(
            request,
            ngettext(
                "That was a recovery code, and it works no more. %(count)d is left.",
                "That was a recovery code, and it works no more. %(count)d are left.",
                left,
            )
            % {"count": left},
        )
        if left < FEW_CODES:
            return redirect("second_factor:security")
    return HttpResponseRedirect(target)


def _new_secret(request: HttpRequest) -> str:
    """Kept in the session until the app shows that it has it."""
    adapter = second_factor.Adapter()
    if NEW_SECRET not in request.session:
        request.session[NEW_SECRET] = adapter.encrypt(second_factor.new_secret())
    return adapter.decrypt(request.session[NEW_SECRET])


@access.signing_in()
@GET_OR_POST
def enrol(request: HttpRequest) -> HttpResponse:
    """Signing in without a second factor: an app has to be set up before anything opens."""
    person = signing_in.pending(request)
    if person is None:
        return _start_again(request)
    if second_factor.is_set(person.user):
        return redirect("second_factor:code")

    def done() -> str:
        # Sessions that began with a password alone are over.
        sign_ins.end(person.user)
        return signing_in.finish(request, person)

    form = EnrolForm(request.POST or None, user=None)
    return _enrol(request, form, person.user, person.secret, done)


@access.staff(Permission.SECURITY)
@GET_OR_POST
def set_up(request: HttpRequest) -> HttpResponse:
    """The same within the days of grace; the session goes on under a new key."""
    owner = owner_of(request)
    if second_factor.is_set(owner):
        return redirect("second_factor:security")

    def done() -> str:
        request.session.pop(NEW_SECRET, None)
        sign_ins.renew_key(request)
        sign_ins.end(owner, keep=request.session.session_key)
        signing_in.mark_verified(request)
        return reverse("second_factor:security")

    form = EnrolForm(request.POST or None, user=owner)
    return _enrol(request, form, owner, _new_secret(request), done)


def _enrol(
    request: HttpRequest, form: EnrolForm, user: User, secret: str, done: Callable[[], str]
) -> HttpResponse:
    """`done` makes the session one with a second factor and says where to go."""
    if request.method == "POST" and form.is_valid():
        try:
            codes = second_factor.enrol(user=user, secret=secret, code=form.cleaned_data["code"])
        except second_factor.WrongCode as wrong:
            form.add_error("code", str(wrong))
        else:
            return _codes_once(request, codes, done())
    context = {
        "form": form,
        "secret": second_factor.shown(secret, user),
        "within": form.user is not None,
    }
    return render(request, "accounts/enrol.html", context, status=status_of(form, None))


def _codes_once(request: HttpRequest, codes: list[str], target: str) -> HttpResponse:
    """The answer to the form itself and no page of its own: nothing can show them again."""
    grouped = [f"{one[:4]} {one[4:]}" for one in codes]
    heading = _("Bezpechne: recovery codes of %(date)s") % {
        "date": date_format(clock.today(), "j E Y")
    }
    file = "\r\n".join([heading, "", *grouped, ""])
    context = {
        "codes": grouped,
        "heading": heading,
        "file_url": f"data:text/plain;charset=utf-8,{quote(file)}",
        "target": target,
    }
    return render(request, "accounts/recovery_codes.html", context)


def owner_of(request: HttpRequest) -> User:
    """Whose page it is."""
    assert isinstance(request.user, User)  # noqa: S101 - the permission is held by accounts alone
    return request.user


@access.staff(Permission.SECURITY)
@GET_OR_POST
def renew_codes(request: HttpRequest) -> HttpResponse:
    """New recovery codes for a fresh code."""
    if not second_factor.is_set(owner_of(request)):
        return redirect("second_factor:set_up")
    form, error = CodeForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            codes = second_factor.renew_recovery_codes(
                user=owner_of(request),
                code=form.cleaned_data["code"],
                visitor=throttle.visitor(request),
            )
        except second_factor.WrongCode as wrong:
            error = wrong
            form.add_error("code", str(wrong))
        else:
            return _codes_once(request, codes, reverse("second_factor:security"))
    return render(
        request, "accounts/renew_codes.html", {"form": form}, status=status_of(form, error)
    )


@access.staff(Permission.SECURITY)
@GET_OR_POST
def replace(request: HttpRequest) -> HttpResponse:
    """Another app; the person's other sessions end."""
    owner = owner_of(request)
    if not second_factor.is_set(owner):
        return redirect("second_factor:set_up")
    secret = _new_secret(request)
    form, error = ReplaceForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        visitor = throttle.visitor(request)
        try:
            second_factor.replace(user=owner, secret=secret, visitor=visitor, **form.cleaned_data)
        except second_factor.WrongCode as wrong:
            error = wrong
            form.add_error(None, str(wrong))
        else:
            del request.session[NEW_SECRET]
            sign_ins.end(owner, keep=request.session.session_key)
            messages.success(
                request, _("The new app is set. You are signed out on all other devices.")
            )
            return redirect("second_factor:security")
    context = {"form": form, "secret": second_factor.shown(secret, owner)}
    return render(request, "accounts/replace_app.html", context, status=status_of(form, error))
