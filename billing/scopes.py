"""What a person with finance pages may see, and who says so."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from bezpechne.accounts.acting import ActingAdministrator
from bezpechne.accounts.models import User
from bezpechne.accounts.permissions import Permission, Role
from bezpechne.kernel.actors import Actor
from billing.audit import note
from billing.errors import LedgerRefused
from billing.models import CityAccount, Payer, ViewerScope


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


def add_scope(*, by: Actor, user: User, about: Payer | CityAccount) -> ViewerScope:
    """Lets a donor's viewer see a payer's money, or a city's finance viewer a city's.

    What the person sees already stays as it is. Raises LedgerRefused for another role.
    """
    by.require(Permission.FINANCE)
    payer = about if isinstance(about, Payer) else None
    account = about if isinstance(about, CityAccount) else None
    if user.role != (Role.DONOR_VIEWER if payer else Role.CITY_FINANCE):
        raise LedgerRefused(_("A donor’s viewer sees payers, a city’s finance viewer sees cities."))
    with transaction.atomic():
        row, made = ViewerScope.objects.get_or_create(user_id=user.pk, payer=payer, account=account)
        if made:
            note(
                by=by,
                action="scope_added",
                subject=row,
                payer_id=row.payer_id,
                account_id=row.account_id,
                person=user.pk,
            )
    return row


@transaction.atomic
def remove_scope(*, by: Actor, scope: ViewerScope) -> None:
    """The person sees this no more; without any scope left, nothing at all."""
    by.require(Permission.FINANCE)
    row = ViewerScope.objects.select_for_update().filter(pk=scope.pk).first()
    if row is None:
        return
    note(
        by=by,
        action="scope_removed",
        subject=row,
        payer_id=row.payer_id,
        account_id=row.account_id,
        person=row.user_id,
    )
    row.delete()
