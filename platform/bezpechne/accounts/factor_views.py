"""Pages of the second factor: set up, asked at sign-in, kept by its owner."""

from urllib.parse import quote, urlencode

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from bezpechne.accounts import access, second_factor, signing_in
from bezpechne.accounts.factor_forms import AppCodeForm, CodeForm, ReplaceForm
from bezpechne.accounts.models import User
from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock, throttle

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])
# Key in the session: the secret of the app that replaces another one, encrypted.
NEW_SECRET = "new_app_secret"  # noqa: S105 - the name of a key
FEW_CODES = 3


def _status(form: Form, error: second_factor.WrongCode | None) -> int:
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
        visitor = throttle.visitor(request)
        try:
            kind = second_factor.check(
                user=person.user, code=form.cleaned_data["code"], visitor=visitor
            )
        except second_factor.WrongCode as wrong:
            error = wrong
            form.add_error("code", str(wrong))
        else:
            return _signed_in(request, person, kind)
    context = {"form": form, "user_email": person.user.email}
    return render(request, "accounts/code.html", context, status=_status(form, error))


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


@access.signing_in()
@GET_OR_POST
def enrol(request: HttpRequest) -> HttpResponse:
    """The first sign-in: an app has to be set up before anything opens."""
    person = signing_in.pending(request)
    if person is None:
        return _start_again(request)
    if second_factor.is_set(person.user):
        return redirect("second_factor:code")
    form = AppCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            codes = second_factor.enrol(
                user=person.user, secret=person.secret, code=form.cleaned_data["code"]
            )
        except second_factor.WrongCode as wrong:
            form.add_error("code", str(wrong))
        else:
            return _codes_once(request, codes, signing_in.finish(request, person))
    context = {"form": form, "secret": second_factor.shown(person.secret, person.user)}
    return render(request, "accounts/enrol.html", context, status=_status(form, None))


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


def _owner(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - the permission is held by accounts alone
    return request.user


@access.staff(Permission.SECURITY)
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """One's own second factor."""
    context = {"factor": second_factor.summary(_owner(request)), "few_codes": FEW_CODES}
    return render(request, "accounts/security.html", context)


@access.staff(Permission.SECURITY)
@GET_OR_POST
def renew_codes(request: HttpRequest) -> HttpResponse:
    """New recovery codes for a fresh code."""
    form, error = CodeForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            codes = second_factor.renew_recovery_codes(
                user=_owner(request),
                code=form.cleaned_data["code"],
                visitor=throttle.visitor(request),
            )
        except second_factor.WrongCode as wrong:
            error = wrong
            form.add_error("code", str(wrong))
        else:
            return _codes_once(request, codes, reverse("second_factor:security"))
    return render(request, "accounts/renew_codes.html", {"form": form}, status=_status(form, error))


@access.staff(Permission.SECURITY)
@GET_OR_POST
def replace(request: HttpRequest) -> HttpResponse:
    """Another app; the person's other sessions end."""
    owner, adapter = _owner(request), second_factor.Adapter()
    if NEW_SECRET not in request.session:
        request.session[NEW_SECRET] = adapter.encrypt(second_factor.new_secret())
    secret = adapter.decrypt(request.session[NEW_SECRET])
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
            second_factor.end_sessions(owner, keep=request.session.session_key)
            messages.success(
                request, _("The new app is set. You are signed out on all other devices.")
            )
            return redirect("second_factor:security")
    context = {"form": form, "secret": second_factor.shown(secret, owner)}
    return render(request, "accounts/replace_app.html", context, status=_status(form, error))
