"""What the city reads about the platform's people who acted there."""

from collections import defaultdict
from dataclasses import dataclass

from bezpechne.accounts.models import User
from bezpechne.kernel.audit.models import Entry
from bezpechne.kernel.schema import PUBLIC, in_schema
from provisioning.acting.models import ActingSession
from tenants.models import City

PAGE = 20
# What one page shows at most of what was done; half an hour of work is far below it.
MOST_ENTRIES = 2000
# The frame of a session is told by its own dates.
_FRAME = ("acting_started", "acting_ended")


@dataclass(frozen=True)
class Visit:
    """One session with what was done in it, oldest first."""

    session: ActingSession
    operator: str
    entries: list[Entry]


def visits(city: City, before: int | None = None) -> tuple[list[Visit], int | None]:
    """Sessions that were opened here, newest first, and the key where the next page begins.

    Called inside the city. Three queries for any number.
    """
    opened = ActingSession.objects.filter(city_id=city.pk, opened_at__isnull=False)
    if before is not None:
        opened = opened.filter(pk__lt=before)
    rows = list(opened.order_by("-pk")[: PAGE + 1])
    shown = rows[:PAGE]
    with in_schema(PUBLIC):
        names = dict(
            User.objects.filter(pk__in={row.operator_id for row in shown}).values_list("pk", "name")
        )
    done: dict[int, list[Entry]] = defaultdict(list)
    entries = Entry.objects.filter(actor_kind="operator", new__acting__in=[r.pk for r in shown])
    for entry in entries.exclude(action__in=_FRAME).order_by("id")[:MOST_ENTRIES]:
        done[entry.new["acting"]].append(entry)
    found = [Visit(row, names.get(row.operator_id, ""), done[row.pk]) for row in shown]
    return found, shown[-1].pk if len(rows) > PAGE else None
