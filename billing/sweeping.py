"""Which stored papers are in use."""

from bezpechne.kernel import sweeping
from billing.models import Paper


@sweeping.folder("billing/papers/")
def papers_in_use(names: list[str]) -> set[str]:
    """A few thousand rows for all years: no index."""
    return set(Paper.objects.filter(file__in=names).values_list("file", flat=True))
