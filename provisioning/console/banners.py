"""The announcements that a page of a city shows, kept in the process for a few seconds.

A page costs no query: every process asks once in `SECONDS` for those that are not over, and each
request looks at the clock itself.
"""

from time import monotonic
from typing import Any

from django.db import DatabaseError

from bezpechne.kernel import clock
from bezpechne.kernel.schema import PUBLIC, in_schema
from provisioning.console.models import Announcement, Audience

SECONDS = 5.0
_known: tuple[float, list[Announcement]] = (0.0, [])


def _living() -> list[Announcement]:
    global _known  # noqa: PLW0603 - one list for the process
    until, rows = _known
    if until > monotonic():
        return rows
    try:
        with in_schema(PUBLIC):
            rows = list(Announcement.objects.filter(ends_at__gt=clock.now()).order_by("pk"))
    except DatabaseError:
        # A banner is never worth a page.
        rows = []
    _known = (monotonic() + SECONDS, rows)
    return rows


def forget(**_more: Any) -> None:
    """Called when an announcement changes in this process."""
    global _known  # noqa: PLW0603 - same
    _known = (0.0, [])


def shown_in(slug: str, *, staff: bool) -> list[Announcement]:
    """What concerns a city now; `staff` sees what is for staff too."""
    return [
        row
        for row in _living()
        if row.is_running and row.concerns(slug) and (staff or row.audience == Audience.EVERYONE)
    ]
