"""Somebody of the platform who acts as a city's administrator for a while.

No row of the city stands for them: `request.user` is this object, made anew for each request from
the platform's own record (`provisioning.acting`), and gone with it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bezpechne.accounts.permissions import PERMISSIONS, Permission, Role
from bezpechne.kernel.actors import Actor, ActorKind


@dataclass(frozen=True)
class ActingAdministrator:
    """`acting` is the key of the record, `operator_id` a user of the platform, `name` theirs.

    Has what templates and access read of a user, and neither key, address nor password.
    """

    acting: int
    operator_id: int
    name: str
    reason: str
    until: datetime

    pk = None
    email = ""
    role = Role.ADMINISTRATOR
    is_active = True
    is_authenticated = True
    is_anonymous = False

    @property
    def permissions(self) -> frozenset[Permission]:
        """An administrator's; what would outlive the session is refused by the actions."""
        return PERMISSIONS[Role.ADMINISTRATOR] - {Permission.SECURITY}

    @property
    def actor(self) -> Actor:
        """An operator for history, with the record of the session beside each entry."""
        return Actor(
            ActorKind.OPERATOR,
            self.operator_id,
            frozenset(self.permissions),
            acting=self.acting,
            reason=self.reason,
        )

    def get_role_display(self) -> Any:
        return Role.ADMINISTRATOR.label
