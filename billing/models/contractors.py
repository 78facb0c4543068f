"""Who does the work: the other side of a payer's agreement."""

from django.db import models
from django.db.models import Q

from bezpechne.kernel import clock
from billing.identifiers import validate_contractor_code, validate_iban
from billing.models.payers import SaidByActions


class Contractor(SaidByActions):
    """The organisation, entrepreneur or person whose name stands on acts as «Виконавець»."""

    name = models.CharField(max_length=200)
    # EDRPOU of an organisation, or the tax number of a person: shown on papers alone.
    code = models.CharField(max_length=10, blank=True, validators=[validate_contractor_code])
    address = models.CharField(max_length=250, blank=True)
    iban = models.CharField(max_length=34, blank=True, validators=[validate_iban])
    bank = models.CharField(max_length=120, blank=True)
    contact = models.CharField(max_length=200, blank=True)
    position = models.CharField(max_length=120, blank=True)
    signatory = models.CharField(max_length=120, blank=True)
    # What the signatory acts by: «Статут».
    basis = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        db_table = "billing_contractor"
        constraints = [
            models.UniqueConstraint(
                fields=["code"], name="billing_contractor_unique", condition=~Q(code="")
            )
        ]

    def __str__(self) -> str:
        return f"contractor {self.pk}"
