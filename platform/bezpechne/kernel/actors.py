"""Who does something: what actions check and history records. Ids only, never a name."""

from dataclasses import dataclass, field
from enum import StrEnum

from django.core.exceptions import PermissionDenied


class ActorKind(StrEnum):
    """Where the actor's id points: a staff user, an asker's row, a routing, an API token, nothing."""

    STAFF = "staff"
    RESIDENT = "resident"
    UNIT = "unit"
    OPERATOR = "operator"
    TOKEN = "token"  # noqa: S105 - a word
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """`permissions` are names from accounts.permissions; residents and units have none.

    `acting`: an operator in the place of a city's administrator, by the key of the platform's
    record of that session, with its reason; both stand in the history beside what they do.
    """

    kind: ActorKind
    id: int | None = None
    permissions: frozenset[str] = field(default_factory=frozenset)
    acting: int | None = None
    reason: str = ""

    def require(self, permission: str) -> None:
        """Raises PermissionDenied unless the actor holds the permission."""
        if permission not in self.permissions:
            raise PermissionDenied


SYSTEM = Actor(ActorKind.SYSTEM)
