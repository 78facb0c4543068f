"""Staff of the city: invitations, accounts."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bezpechne.accounts import access, actions, colleagues
from bezpechne.accounts.models import Invitation, User
from bezpechne.accounts.permissions import Permission
from community.desk.forms import InviteForm
from community.desk.queries import people


@access.staff(Permission.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def staff(request: HttpRequest) -> HttpResponse:
    """The list, and the form that invites."""
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.invite(by=access.actor_of(request), **form.cleaned_data)
        except actions.AccountError as refusal:
            form.add_error("email", str(refusal))
        else:
            messages.success(request, _("The invitation is on its way."))
            return redirect("desk:staff")
    invitations = Invitation.objects.filter(accepted_at=None, revoked_at=None).order_by("id")
    context = {"people": people(), "invitations": invitations, "form": form}
    return render(request, "desk/staff.html", context, status=422 if form.is_bound else 200)


def _act(request: HttpRequest, done: str, act: Callable[[], object]) -> HttpResponse:
    try:
        act()
    except actions.AccountError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect("desk:staff")


@access.staff(Permission.ADMINISTER)
@require_POST
def resend(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation, pk=pk)
    return _act(
        request,
        _("A fresh invitation is on its way; the old link no longer works."),
        lambda: actions.resend_invitation(by=access.actor_of(request), invitation=invitation),
    )


@access.staff(Permission.ADMINISTER)
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation, pk=pk)
    return _act(
        request,
        _("The invitation is taken back."),
        lambda: actions.revoke_invitation(by=access.actor_of(request), invitation=invitation),
    )


@access.staff(Permission.ADMINISTER)
@require_POST
def deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    user = get_object_or_404(User, pk=pk)
    return _act(
        request,
        _("The account is closed."),
        lambda: actions.deactivate(by=access.actor_of(request), user=user),
    )


@access.staff(Permission.ADMINISTER)
@require_POST
def reactivate(request: HttpRequest, pk: int) -> HttpResponse:
    user = get_object_or_404(User, pk=pk)
    return _act(
        request,
        _("The account is open again."),
        lambda: actions.reactivate(by=access.actor_of(request), user=user),
    )


@access.staff(Permission.ADMINISTER)
@require_POST
def reset_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """For a colleague who lost phone and recovery codes."""
    user = get_object_or_404(User, pk=pk)
    return _act(
        request,
        _("The second factor is taken away. The next sign-in sets up a new one."),
        lambda: colleagues.reset_factor(by=access.actor_of(request), user=user),
    )


@access.staff(Permission.ADMINISTER)
@require_POST
def end_sessions(request: HttpRequest, pk: int) -> HttpResponse:
    user = get_object_or_404(User, pk=pk)
    return _act(
        request,
        _("The person is signed out on all devices."),
        lambda: colleagues.end_sessions(by=access.actor_of(request), user=user),
    )


@access.staff(Permission.ADMINISTER)
@require_POST
def change_role(request: HttpRequest, pk: int) -> HttpResponse:
    user = get_object_or_404(User, pk=pk)
    role = request.POST.get("role", "")
    return _act(
        request,
        _("The role is changed. The person signs in again."),
        lambda: colleagues.change_role(by=access.actor_of(request), user=user, role=role),
    )
