"""One's own sign-in and security: the second factor, passkeys, sessions."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from bezpechne.accounts import access, passkeys, second_factor, sign_ins, signing_in
from bezpechne.accounts.factor_forms import CodeForm
from bezpechne.accounts.factor_views import (
    FEW_CODES,
    GET_OR_POST,
    check,
    demo_codes,
    owner_of,
    status_of,
)
from bezpechne.accounts.permissions import Permission


@access.staff(Permission.SECURITY)
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Everything about how one signs in, and where one is signed in now."""
    owner = owner_of(request)
    context = {
        "factor": second_factor.summary(owner),
        "few_codes": FEW_CODES,
        "passkeys": passkeys.listed(owner),
        "most_passkeys": passkeys.MOST,
        "sessions": sign_ins.open_of(owner, request.session.session_key),
    }
    return render(request, "accounts/security.html", context)


def ask_to_confirm(request: HttpRequest, target: str) -> HttpResponse:
    """To the page that asks for a code, and from there on to `target`."""
    query = urlencode({"next": target})
    return HttpResponseRedirect(f"{reverse('second_factor:confirm')}?{query}")


@access.staff(Permission.SECURITY)
@GET_OR_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """A fresh code, before the second factor is changed."""
    owner, target = owner_of(request), signing_in.safe_target(request)
    if not second_factor.is_set(owner):
        return redirect("second_factor:set_up")
    form, error = CodeForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            check(request, owner, form.cleaned_data["code"])
        except second_factor.WrongCode as wrong:
            error = wrong
            form.add_error("code", str(wrong))
        else:
            signing_in.mark_verified(request)
            return HttpResponseRedirect(target or reverse("second_factor:security"))
    context = {"form": form, "next": target, "demo_codes": demo_codes()}
    return render(request, "accounts/confirm.html", context, status=status_of(form, error))


@access.staff(Permission.SECURITY)
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """Everywhere but here."""
    ended = sign_ins.end(owner_of(request), keep=request.session.session_key)
    said = ngettext(
        "%(count)d other session is ended.", "%(count)d other sessions are ended.", ended
    )
    messages.success(request, said % {"count": ended})
    return redirect("second_factor:security")


@access.staff(Permission.SECURITY)
@require_POST
def end_one(request: HttpRequest, pk: int) -> HttpResponse:
    """One of one's own; this one is left by «Sign out»."""
    if not sign_ins.end_one(owner_of(request), pk):
        raise Http404
    messages.success(request, _("The session is ended."))
    return redirect("second_factor:security")
