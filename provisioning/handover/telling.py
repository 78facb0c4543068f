"""Who is told what about a hand-over: letters in the transaction of what they tell."""

from datetime import date

from django_tenants.utils import tenant_context

from bezpechne.accounts.actions import MAIL_JOB
from bezpechne.accounts.models import AccountMail, User
from bezpechne.accounts.permissions import Role
from bezpechne.kernel.mail import outbox
from bezpechne.kernel.schema import PUBLIC, in_schema
from provisioning.handover.models import Handover
from tenants.models import City

MAIL_KIND = "handover"
# What a letter is about: the number stands in its row.
SWITCHED, EXTENDED, SUSPENDED, RENEWED, DUE, OVERDUE, LATE, SEPTEMBER = range(1, 9)
# The city's administrators hear what changes for their site; reminders are for who leads.
FOR_THE_CITY = {SWITCHED, EXTENDED, SUSPENDED, RENEWED}


def tell(row: Handover, about: int, *, day: date | None = None) -> None:
    """Finance officers, operators and the city's administrators, each in their language.

    `day` tells one letter from another of the same kind: each is sent once.
    """
    stamp = f"{about}:{day or row.switch_on or row.suspends_on or row.stage_since}"
    with in_schema(PUBLIC):
        for role in (Role.FINANCE, Role.OPERATOR):
            _post(row, about, stamp, role)
        city = City.objects.filter(account=row.account_id).first()
    if city is not None and about in FOR_THE_CITY:
        with tenant_context(city):
            _post(row, about, stamp, Role.ADMINISTRATOR)


def remind(row: Handover, about: int, day: date) -> bool:
    """Who leads it, else every finance officer; False when that was sent before."""
    with in_schema(PUBLIC):
        people = User.objects.filter(role=Role.FINANCE, is_active=True)
        led = people.filter(pk=row.owner_id or 0)
        chosen = led if led.exists() else people
        sent = [_one(row, about, f"{about}:{day}", user) for user in chosen.order_by("pk")]
    return any(sent)


def _post(row: Handover, about: int, stamp: str, role: str) -> None:
    for user in User.objects.filter(role=role, is_active=True).order_by("pk"):
        _one(row, about, stamp, user)


def _one(row: Handover, about: int, stamp: str, user: User) -> bool:
    posted = outbox.post(
        AccountMail,
        MAIL_JOB,
        kind=MAIL_KIND,
        key=f"{MAIL_KIND}:{row.pk}:{stamp}:{user.pk}",
        subject_id=row.pk,
        recipient_id=user.pk,
        version=about,
        language=user.language,
    )
    return posted is not None
