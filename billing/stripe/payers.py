"""Which payers get their invoices by Stripe too."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor
from billing.audit import note
from billing.errors import LedgerRefused
from billing.models import FundingAgreement, Payer
from billing.states import StripeKind
from billing.stripe.intents import is_on, key_of, want
from billing.stripe.subscriptions import end, end_all, running, subscribe


def use_stripe(*, by: Actor, payer: Payer, uses: bool) -> None:
    """From now on the payer's invoices are sent by Stripe too, or no longer; earlier ones stay.

    Raises LedgerRefused without a key, for a closed payer, and without an address to send to.
    """
    by.require(Permission.FINANCE)
    with transaction.atomic():
        # The weaker lock: rows that name the payer may be added meanwhile.
        row = Payer.objects.select_for_update(no_key=True).get(pk=payer.pk)
        if uses:
            _check(row)
        if bool(row.stripe_since) == uses:
            return
        row.stripe_since = clock.now() if uses else None
        row.save(update_fields=["stripe_since"])
        if uses:
            want(StripeKind.CUSTOMER, key_of(StripeKind.CUSTOMER, payer=row), payer=row)
            _subscribe(by, Q(payer=row))
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


def follow(*, by: Actor) -> None:
    """Who pays today is subscribed, and who pays no longer is not; what is planned is left alone.

    Each night: a change of payers in the ledger that nobody told Stripe of is there by morning.
    """
    by.require(Permission.FINANCE)
    today = clock.today()
    _subscribe(by, Q(payer__stripe_since__isnull=False))
    paying = FundingAgreement.objects.filter(shares__period__days__endswith__gt=today)
    for row in running(today).exclude(agreement__in=paying):
        end(row, today)


def _subscribe(by: Actor, whose: Q) -> None:
    """Agreements that pay for a city today."""
    today = clock.today()
    rows = FundingAgreement.objects.filter(whose, shares__period__days__contains=today)
    for agreement in rows.select_related("payer", "account").distinct():
        subscribe(by=by, agreement=agreement, on=today)
