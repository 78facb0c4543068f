"""Announcements: published for a period, ended early."""

from datetime import datetime

from django.db import transaction

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor
from provisioning.console.models import Announcement
from provisioning.journal import note


@transaction.atomic
def publish(
    *,
    by: Actor,
    text_uk: str,
    text_en: str,
    starts_at: datetime,
    ends_at: datetime,
    audience: str,
    slugs: list[str],
) -> Announcement:
    """Seen in every process within seconds of its beginning. `slugs` empty: all cities."""
    by.require(Permission.OPERATE)
    row = Announcement.objects.create(
        text_uk=text_uk,
        text_en=text_en,
        starts_at=starts_at,
        ends_at=ends_at,
        audience=audience,
        slugs=slugs,
    )
    note(
        by=by,
        action="announced",
        announcement=row.pk,
        audience=audience,
        cities=", ".join(slugs),
        text=text_uk,
    )
    return row


@transaction.atomic
def end(*, by: Actor, announcement: Announcement) -> bool:
    """Takes it away now; False when it is over already. One that has not begun never begins."""
    by.require(Permission.OPERATE)
    row = Announcement.objects.select_for_update().get(pk=announcement.pk)
    if row.is_over:
        return False
    row.ends_at = clock.now()
    row.starts_at = min(row.starts_at, row.ends_at)
    row.save()
    note(by=by, action="announcement_ended", announcement=row.pk)
    return True
