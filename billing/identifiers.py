"""Codes of organisations, accounts and budgets, checked before they are kept."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from stdnum import iban as iban_check
from stdnum.exceptions import ValidationError as WrongNumber
from stdnum.ua import edrpou as edrpou_check
from stdnum.ua import rntrc as rnokpp_check


def normalised_iban(text: str) -> str:
    """Without blanks, in capitals."""
    return re.sub(r"\s", "", text).upper()


def validate_edrpou(value: str) -> None:
    """Eight digits whose last one checks the others."""
    try:
        edrpou_check.validate(value)
    except WrongNumber:
        raise ValidationError(
            _("This is no EDRPOU code: eight digits, the last of which checks the others.")
        ) from None


def validate_contractor_code(value: str) -> None:
    """EDRPOU (8 digits) of an organisation, RNOKPP (10 digits) of a person; both check themselves."""
    kind = rnokpp_check if len(value) == len("1234567890") else edrpou_check
    try:
        kind.validate(value)
    except WrongNumber:
        raise ValidationError(
            _(
                "This is neither an EDRPOU code (eight digits) nor a tax number of a person (ten):"
                " the last digit does not fit."
            )
        ) from None


def validate_iban(value: str) -> None:
    """ISO 13616; a Ukrainian one has 29 characters."""
    try:
        iban_check.validate(normalised_iban(value))
    except WrongNumber:
        raise ValidationError(
            _("This is no account number. A Ukrainian IBAN is UA and 27 digits.")
        ) from None


def validate_budget_code(value: str) -> None:
    """Code of a local budget: 11 digits."""
    if not re.fullmatch(r"\d{11}", value, re.ASCII):
        raise ValidationError(_("The code of a local budget has 11 digits."))


def validate_kpkvk(value: str) -> None:
    """Code of a budget programme: 7 digits (order of the Ministry of Finance No 793)."""
    if not re.fullmatch(r"\d{7}", value, re.ASCII):
        raise ValidationError(_("The code of a budget programme has 7 digits."))


def validate_kekv(value: str) -> None:
    """Code of the economic classification: 4 digits (order No 333)."""
    if not re.fullmatch(r"\d{4}", value, re.ASCII):
        raise ValidationError(_("The economic classification has 4 digits."))
