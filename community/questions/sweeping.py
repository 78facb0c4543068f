"""Which stored photos are in use."""

import re
from uuid import UUID

from bezpechne.kernel import sweeping
from community.questions.models import Photo

_KEY = re.compile(r"photos/[0-9a-f]{2}/([0-9a-f]{32})-")


@sweeping.folder("photos/")
def photos_in_use(names: list[str]) -> set[str]:
    """By the key in the name, which has an index; the file's columns have none."""
    keys = {UUID(found[1]) for found in map(_KEY.match, names) if found}
    rows = Photo.objects.filter(key__in=keys).values_list("original", "full", "thumbnail")
    return {name for row in rows for name in row}
