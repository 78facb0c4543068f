"""Which payers get their invoices by Stripe too."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor
from billing.audit import note
from billing.errors import LedgerRefused
from billing.models import FundingAgreement, Payer
from billing.states import StripeKind
from billing.stripe.intents import is_on, key_of, want
from billing.stripe.subscriptions import end_all, subscribe


def use_stripe(*, by: Actor, payer: Payer, uses: bool) -> None:
    """From now on the payer's invoices are sent by Stripe too, or no longer; earlier ones stay.

    Raises LedgerRefused without a key, for a closed payer, and without an address to send to.
    """
    by.require(Permission.FINANCE)
    with transaction.atomic():
        row = Payer.objects.select_for_update().get(pk=payer.pk)
        if uses:
            _check(row)
        if bool(row.stripe_since) == uses:
            return
        row.stripe_since = clock.now() if uses else None
        row.save(update_fields=["stripe_since"])
        if uses:
            want(StripeKind.CUSTOMER, key_of(StripeKind.CUSTOMER, payer=row), payer=row)
            for agreement in _paying(row):
                subscribe(by=by, agreement=agreement, on=clock.today())
        else:
            end_all(row, clock.today() + timedelta(days=1))
        note(by=by, action="stripe_begun" if uses else "stripe_left", subject=row)


def _check(payer: Payer) -> None:
    if not is_on():
        raise LedgerRefused(_("This installation has no account at Stripe."))
    if not payer.is_active:
        raise LedgerRefused(_("This payer is closed."))
    if not payer.contact_email:
        raise LedgerRefused(_("Enter the contact’s e-mail first: Stripe sends invoices to it."))


def _paying(payer: Payer) -> list[FundingAgreement]:
    """Its agreements that pay for a city today."""
    rows = FundingAgreement.objects.filter(
        payer=payer, shares__period__days__contains=clock.today()
    )
    return list(rows.select_related("payer", "account").distinct())
