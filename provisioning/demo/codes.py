"""The demo's second factor: the code of now. Routed only when DEMO is on, never in production."""

from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_tenants.utils import tenant_context

from bezpechne.accounts import access, second_factor
from bezpechne.kernel import clock
from provisioning.demo.installation import PLATFORM, TOTP_SECRET
from tenants.models import City
from tenants.states import CLOSED

PERIOD = 30


@access.public(before_launch=True)
@never_cache
@require_safe
def codes(request: HttpRequest) -> HttpResponse:
    """Refreshes itself when the code changes, without a script."""
    if not settings.DEMO:
        raise Http404
    now = clock.now()
    left = PERIOD - int(now.timestamp()) % PERIOD
    code = second_factor.code_at(TOTP_SECRET, now)
    context = {
        "code": f"{code[:3]} {code[3:]}",
        "left": left,
        "secret": " ".join(TOTP_SECRET[at : at + 4] for at in range(0, len(TOTP_SECRET), 4)),
        "emails": [f"{login}@bezpechne.example" for login, _role, _name in PLATFORM],
        "staff": _staff(now),
    }
    response = render(request, "provisioning/codes.html", context)
    response["Refresh"] = str(left + 1)
    return response


def _staff(now: datetime) -> list[tuple[City, str, str]]:
    """City, address and code of those in the demo's cities who set up an app."""
    found = []
    for city in City.objects.defer("outline").exclude(state__in=CLOSED).order_by("slug"):
        with tenant_context(city):
            found += [
                (city, user.email, f"{code[:3]} {code[3:]}")
                for user, code in second_factor.codes_of_all(now)
            ]
    return found
