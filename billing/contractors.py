"""Who does the work: the only writers of that table."""

from django.db import transaction
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel.actors import Actor
from billing.audit import note
from billing.errors import LedgerRefused
from billing.models import Contractor, FundingAgreement

CONTRACTOR_FIELDS = (
    "name",
    "code",
    "address",
    "iban",
    "bank",
    "contact",
    "position",
    "signatory",
    "basis",
)


def save_contractor(*, by: Actor, contractor: Contractor) -> Contractor:
    """Adds or changes who a form has cleaned. Raises LedgerRefused for a code that another has."""
    by.require(Permission.FINANCE)
    with transaction.atomic():
        old = Contractor.objects.select_for_update().filter(pk=contractor.pk or 0).first()
        same = Contractor.objects.filter(code=contractor.code).exclude(code="")
        if twin := same.exclude(pk=contractor.pk).first():
            raise LedgerRefused(
                _("“%(name)s” has this code already.") % {"name": twin.name}, "code"
            )
        contractor.save()
        # Names of fields alone: requisites of a person stay out of the history.
        changed = [
            name
            for name in CONTRACTOR_FIELDS
            if old and getattr(old, name) != getattr(contractor, name)
        ]
        action = "contractor_changed" if old else "contractor_added"
        note(by=by, action=action, subject=contractor, changed=changed)
    return contractor


def assign(*, by: Actor, agreement: FundingAgreement, contractor: Contractor) -> FundingAgreement:
    """Says who does the work of an agreement. Papers that are signed already stay as they are."""
    by.require(Permission.FINANCE)
    with transaction.atomic():
        row = FundingAgreement.objects.select_for_update().get(pk=agreement.pk)
        old, row.contractor = row.contractor_id, contractor
        row.save(update_fields=["contractor"])
        note(
            by=by,
            action="contractor_assigned",
            subject=row,
            old=old,
            new=contractor.pk,
        )
    return row
