"""What happens to personal data: the notice in force, and every earlier one."""

import re

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bezpechne.accounts import access
from community.questions import consent
from community.questions.models import PrivacyNotice

_VERSION = re.compile(r"[0-9.-]{1,20}")


def _page(request: HttpRequest, notice: PrivacyNotice) -> HttpResponse:
    versions = consent.versions()
    context = {
        "notice": notice,
        "versions": versions,
        "in_force": notice.version == versions[0].version,
    }
    return render(request, "portal/privacy.html", context)


@access.public()
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """In force now."""
    return _page(request, consent.in_force())


@access.public()
@require_safe
def version(request: HttpRequest, version: str) -> HttpResponse:
    """One that somebody may have agreed to."""
    notice = consent.version(version) if _VERSION.fullmatch(version) else None
    if notice is None:
        raise Http404
    return _page(request, notice)
