"""The menu of the administration."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bezpechne.accounts import access
from bezpechne.accounts.permissions import Permission
from community.administration.menu import cards


@access.staff(Permission.ADMINISTER)
@require_safe
def city(request: HttpRequest) -> HttpResponse:
    """Plain cards, each with what it is for."""
    return render(request, "administration/city.html", {"cards": cards()})
