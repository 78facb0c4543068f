"""Which stored letters are in use."""

import re
from uuid import UUID

from bezpechne.kernel import sweeping
from community.answers.models import Letter

_KEY = re.compile(r"letters/[0-9a-f]{2}/([0-9a-f]{32})")


@sweeping.folder("letters/")
def letters_in_use(names: list[str]) -> set[str]:
    """By the key in the name, which has an index; the file's column has none."""
    keys = {UUID(found[1]) for found in map(_KEY.match, names) if found}
    return set(Letter.objects.filter(key__in=keys).values_list("file", flat=True))
