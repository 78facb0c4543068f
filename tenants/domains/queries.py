"""What pages, commands and the periodic check read."""

from collections.abc import Iterator

from django.db.models import Q

from bezpechne.kernel import clock
from tenants.domains.timing import expires_at, next_check
from tenants.models import City, Domain


def domains_of(city: City) -> list[Domain]:
    """The primary one first, then by name; one query."""
    rows = Domain.objects.filter(tenant_id=city.pk).order_by("-is_primary", "domain")
    return list(rows)


def checked_ones() -> Iterator[Domain]:
    """Every name whose owner must keep a record: a few for each city, hence one by one in Python."""
    rows = Domain.objects.exclude(token="").select_related("tenant")
    return rows.defer("tenant__outline", "tenant__wording").order_by("pk").iterator()


def due_for_check() -> list[int]:
    """Keys of the domains that the periodic job asks DNS about now."""
    now = clock.now()
    return [row.pk for row in checked_ones() if next_check(row) <= now]


def overdue() -> list[Domain]:
    """Names that nobody confirmed in time."""
    rows = Domain.objects.filter(~Q(token=""), verified_at=None).select_related("tenant")
    return [row for row in rows.order_by("pk") if expires_at(row) <= clock.now()]
