"""Requests to join: sent by anybody, worked on by operators, forgotten in time."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from bezpechne.accounts.actions import MAIL_JOB
from bezpechne.accounts.models import AccountMail, User
from bezpechne.accounts.permissions import Permission, Role
from bezpechne.kernel import clock, throttle
from bezpechne.kernel.actors import Actor
from bezpechne.kernel.mail import outbox
from provisioning.console.models import JoinRequest, RequestState
from provisioning.journal import note

MAIL_KIND = "join_request"
HOUR = timedelta(hours=1)
PER_VISITOR, PER_ADDRESS, ALL_TOGETHER = 5, 3, 200


class JoinRefused(ValueError):
    """Too many requests; the text is shown, the form keeps what was typed."""


@transaction.atomic
def send(*, visitor: str, language: str, fields: dict[str, Any]) -> JoinRequest:
    """Stores it and writes to the operators that it is there, without a word of what it says."""
    email = fields["email"]
    if not (
        throttle.allow("join", visitor, limit=PER_VISITOR, window=HOUR)
        and throttle.allow("join_address", email, limit=PER_ADDRESS, window=HOUR)
        and throttle.allow("join_all", "", limit=ALL_TOGETHER, window=HOUR)
    ):
        raise JoinRefused(_("Several requests came already. Try again in an hour."))
    row = JoinRequest.objects.create(language=language, consented_at=clock.now(), **fields)
    for operator in User.objects.filter(role=Role.OPERATOR, is_active=True).order_by("pk"):
        outbox.post(
            AccountMail,
            MAIL_JOB,
            kind=MAIL_KIND,
            key=f"{MAIL_KIND}:{row.pk}:{operator.pk}",
            subject_id=row.pk,
            recipient_id=operator.pk,
            language=operator.language,
        )
    return row


@transaction.atomic
def move(*, by: Actor, request: JoinRequest, state: str, remark: str) -> JoinRequest:
    """State and note; a closed one may be opened again until its names are erased."""
    by.require(Permission.OPERATE)
    request = JoinRequest.objects.select_for_update().get(pk=request.pk)
    before = request.state
    request.state, request.note = state, remark
    if state != RequestState.CLOSED:
        request.closed_at = None
    elif request.closed_at is None:
        request.closed_at = clock.now()
    request.save()
    if before != state:
        note(by=by, action="request_moved", request=request.pk, old=before, new=state)
    return request


@transaction.atomic
def erase_old() -> int:
    """Names, addresses, texts of requests closed long ago; place, organisation and dates stay."""
    before = clock.now() - timedelta(days=settings.JOIN_REQUEST_DAYS)
    old = JoinRequest.objects.filter(erased_at=None, closed_at__lt=before)
    return old.update(name="", email="", phone="", message="", note="", erased_at=clock.now())
