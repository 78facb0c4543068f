"""The demo's second factor: the code of now. Routed only when DEMO is on, never in production."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from bezpechne.accounts import access, second_factor
from bezpechne.kernel import clock
from provisioning.demo.installation import PLATFORM, TOTP_SECRET

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
    }
    response = render(request, "provisioning/codes.html", context)
    response["Refresh"] = str(left + 1)
    return response
