"""What a person with finance pages may see."""

from dataclasses import dataclass

from bezpechne.accounts.acting import ActingAdministrator
from bezpechne.accounts.models import User
from bezpechne.accounts.permissions import Permission
from billing.models import ViewerScope


@dataclass(frozen=True)
class Scope:
    """Everything, or what is paid by these payers, or for these cities' accounts."""

    everything: bool
    payers: frozenset[int] = frozenset()
    accounts: frozenset[int] = frozenset()


def scope_of(user: User | ActingAdministrator) -> Scope:
    """One query for a viewer with a scope, none for whoever sees the whole ledger."""
    if Permission.LEDGER in user.permissions:
        return Scope(everything=True)
    rows = list(ViewerScope.objects.filter(user_id=user.pk or 0))
    return Scope(
        everything=False,
        payers=frozenset(row.payer_id for row in rows if row.payer_id),
        accounts=frozenset(row.account_id for row in rows if row.account_id),
    )
