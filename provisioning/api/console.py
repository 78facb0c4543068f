"""The operators' page of API tokens."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bezpechne.accounts import access
from bezpechne.accounts.models import User
from bezpechne.accounts.permissions import Permission
from provisioning.api import tokens
from provisioning.api.forms import TokenForm
from provisioning.models import ApiToken

# Dead ones stay in sight for a while: who had access, until when.
MOST_DEAD = 50


def _lists() -> dict[str, list[ApiToken]]:
    rows = list(ApiToken.objects.filter(revoked_at=None).order_by("name"))
    revoked = ApiToken.objects.exclude(revoked_at=None).order_by("-revoked_at")[:MOST_DEAD]
    makers = {row.made_by_id for row in rows if row.made_by_id}
    closed = set(User.objects.filter(pk__in=makers, is_active=False).values_list("pk", flat=True))
    for row in rows:
        row.maker_left = row.made_by_id in closed  # type: ignore[attr-defined] # for the page
    return {"tokens": rows, "revoked": list(revoked)}


@access.staff(Permission.OPERATE)
@require_http_methods(["GET", "HEAD", "POST"])
def api_tokens(request: HttpRequest) -> HttpResponse:
    """The list and the form. A new token is in the answer to the form, and nowhere afterwards."""
    form = TokenForm(request.POST or None)
    secret = ""
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            _token, secret = tokens.create(by=access.actor_of(request), **form.cleaned_data)
            form, status = TokenForm(), 201
        except tokens.TokenRefused as refusal:
            form.add_error("name", str(refusal))
    context = {"form": form, "secret": secret, **_lists()}
    return render(request, "provisioning/api_tokens.html", context, status=status)


@access.staff(Permission.OPERATE)
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """At once and for good."""
    token = get_object_or_404(ApiToken, pk=pk)
    if tokens.revoke(by=access.actor_of(request), token=token):
        messages.success(request, _("The token is revoked: it opens nothing from now on."))
    else:
        messages.info(request, _("This token was revoked before."))
    return redirect("platform:api_tokens")
