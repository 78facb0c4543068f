"""Two people edit one thing: the second is told instead of overwriting what the first has saved.

A form carries a mark of the values that it was filled with; the action compares it under the lock.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _


class ChangedMeanwhile(ValueError):
    """The text is shown to the person; nothing was saved."""

    def __init__(self, text: str = "") -> None:
        super().__init__(
            text
            or _("Somebody changed this meanwhile. Compare with what is saved now and send again.")
        )


def mark(values: Mapping[str, Any]) -> str:
    """16 characters that are the same for the same values."""
    text = json.dumps(values, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def require_seen(values: Mapping[str, Any], seen: str | None) -> None:
    """Raises ChangedMeanwhile when the person saw other values; None compares nothing."""
    if seen is not None and seen != mark(values):
        raise ChangedMeanwhile
