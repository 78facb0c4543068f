"""What is measured about the people at the desk: numbers and moments, never names."""

from datetime import datetime

from django.db.models import Count, Max, Q

from bezpechne.accounts.models import User
from bezpechne.accounts.permissions import Role
from bezpechne.kernel.actors import ActorKind
from bezpechne.kernel.audit.models import Entry
from bezpechne.kernel.metering import Figure, meter

# A quiet desk's last act may lie behind what residents did since; sign-ins tell then.
NEWEST = 500


def _last_act() -> datetime | None:
    newest = Entry.objects.order_by("-pk").values("pk")[:NEWEST]
    acts = Entry.objects.filter(pk__in=newest, actor_kind=ActorKind.STAFF)
    last: datetime | None = acts.aggregate(last=Max("at"))["last"]
    return last


@meter("staff")
def staff() -> dict[str, Figure]:
    """Two queries. `active_at`: the last sign-in or act of anybody who works here."""
    active = Q(is_active=True)
    found = User.objects.aggregate(
        administrators=Count("pk", filter=active & Q(role=Role.ADMINISTRATOR)),
        moderators=Count("pk", filter=active & Q(role=Role.MODERATOR)),
        signed_in_at=Max("last_login", filter=active),
    )
    moments = [moment for moment in (found["signed_in_at"], _last_act()) if moment]
    return {**found, "active_at": max(moments, default=None)}
