"""Passkeys: added and kept by their owner, and used to sign in."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from bezpechne.accounts import access, passkeys, sign_ins, signing_in
from bezpechne.accounts.factor_forms import AddPasskeyForm, PasskeyName, UsePasskeyForm
from bezpechne.accounts.factor_views import GET_OR_POST, owner_of
from bezpechne.accounts.permissions import Permission
from bezpechne.accounts.security_views import ask_to_confirm
from bezpechne.accounts.views import not_acting
from bezpechne.kernel import clock, throttle

# Key in the session: what the browser has to answer to. One answer, whether it fits or not.
BEGUN = "passkey_begun"


def _keep(request: HttpRequest, state: dict[str, Any], purpose: str) -> None:
    until = (clock.now() + signing_in.TERM).isoformat()
    request.session[BEGUN] = {"state": state, "for": purpose, "until": until}


def _take(request: HttpRequest, purpose: str) -> dict[str, Any]:
    """Raises PasskeyError when nothing was begun for that purpose, or too long ago."""
    kept = request.session.pop(BEGUN, None)
    if not kept or kept["for"] != purpose or datetime.fromisoformat(kept["until"]) < clock.now():
        raise passkeys.PasskeyError(_("That took too long. Try again."))
    state: dict[str, Any] = kept["state"]
    return state


@access.public(before_launch=True)
@never_cache
@require_POST
@not_acting
def options(request: HttpRequest) -> HttpResponse:
    """What the browser asks the device for; JSON, for the script of the page."""
    wait = throttle.turn("passkey_options", throttle.visitor(request), throttle.growing(60))
    if wait > throttle.NO_WAIT:
        said = _("Too many attempts. Try again in %(wait)s.") % {"wait": throttle.in_words(wait)}
        retry = {"Retry-After": throttle.in_seconds(wait)}
        return JsonResponse({"detail": said}, status=429, headers=retry)
    person = signing_in.pending(request)
    asked, state = passkeys.begin_signing(person.user if person else None)
    _keep(request, state, "second" if person else "alone")
    return JsonResponse(asked)


@access.public(before_launch=True)
@never_cache
@require_POST
@not_acting
def sign_in(request: HttpRequest) -> HttpResponse:
    """The second step, or the whole sign-in of who has given no password."""
    person = signing_in.pending(request)
    form = UsePasskeyForm(request.POST)
    try:
        state = _take(request, "second" if person else "alone")
        # An answer that is none is refused like one that does not fit.
        answer = form.cleaned_data["credential"] if form.is_valid() else {}
        user = passkeys.check(user=person.user if person else None, answer=answer, state=state)
    except passkeys.PasskeyError as refusal:
        messages.error(request, str(refusal))
        return redirect("second_factor:code" if person else "accounts:sign_in")
    throttle.forget("passkey_options", throttle.visitor(request))
    target = person.target if person else signing_in.safe_target(request)
    return HttpResponseRedirect(signing_in.by_passkey(request, user, target))


@access.staff(Permission.SECURITY)
@GET_OR_POST
def add(request: HttpRequest) -> HttpResponse:
    """A name, then the browser makes the passkey and sends the form."""
    owner = owner_of(request)
    if not signing_in.is_proven(request):
        return ask_to_confirm(request, reverse("second_factor:add_passkey"))
    form = AddPasskeyForm(request.POST or None, initial={"name": _("Passkey")})
    if request.method == "POST":
        try:
            state = _take(request, "add")
            if form.is_valid():
                data = form.cleaned_data
                passkeys.add(user=owner, name=data["name"], answer=data["credential"], state=state)
                messages.success(request, _("The passkey is added. Try it at the next sign-in."))
                return redirect("second_factor:security")
        except passkeys.PasskeyError as refusal:
            form.add_error(None, str(refusal))
    asked, state = passkeys.begin_adding(owner)
    _keep(request, state, "add")
    context = {"form": form, "options": asked}
    status = 422 if form.is_bound else 200
    return render(request, "accounts/add_passkey.html", context, status=status)


@access.staff(Permission.SECURITY)
@require_POST
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    form = PasskeyName(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the passkey a name of up to 60 letters."))
    elif not passkeys.rename(user=owner_of(request), pk=pk, name=form.cleaned_data["name"]):
        raise Http404
    else:
        messages.success(request, _("The passkey has another name."))
    return redirect("second_factor:security")


@access.staff(Permission.SECURITY)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Other sessions end: one of them may be of whoever holds the passkey now."""
    owner = owner_of(request)
    if not passkeys.of(owner).filter(pk=pk).exists():
        raise Http404
    if not signing_in.is_proven(request):
        return ask_to_confirm(request, reverse("second_factor:security"))
    passkeys.remove(user=owner, pk=pk)
    sign_ins.end(owner, keep=request.session.session_key)
    messages.success(request, _("The passkey is removed. You are signed out on all other devices."))
    return redirect("second_factor:security")
