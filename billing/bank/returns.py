"""Money that left: which payment it may send back."""

from django.utils.translation import gettext as _

from billing.bank import purpose
from billing.bank.candidates import FreePayment, Ground
from billing.bank.suggested import Suggestion
from billing.models import StatementLine
from billing.wording import day_text


def suggested_returns(line: StatementLine, ground: Ground) -> list[Suggestion]:
    """Payments that came from whom the money went to, and still have so much free."""
    amount = -line.amount
    said = purpose.read(line.purpose, line.booked_on)
    found = [
        _made(line, one, is_return=said.is_return)
        for one in ground.payments
        if one.free >= amount and one.received_on <= line.booked_on and _is_theirs(line, one)
    ]
    found.sort(key=lambda one: (-one.score, one.order))
    exact = [one for one in found if not one.rest]
    certain = len(exact) == 1 and said.is_return and not line.is_reversal
    return [_sure(one) if certain and one is exact[0] else one for one in found]


def _is_theirs(line: StatementLine, one: FreePayment) -> bool:
    if line.payer_edrpou and one.edrpou:
        return line.payer_edrpou == one.edrpou
    return bool(line.payer_iban) and line.payer_iban in one.ibans


def _made(line: StatementLine, one: FreePayment, *, is_return: bool) -> Suggestion:
    rest = one.free + line.amount
    reasons = [_("the payment of %(day)s came from there") % {"day": day_text(one.received_on)}]
    if not rest:
        reasons.append(_("all that is free of it"))
    if is_return:
        reasons.append(_("the purpose says that it is sent back"))
    return Suggestion(
        returns=one.pk,
        payer_name=one.payer_name,
        score=40 + (0 if rest else 25) + (20 if is_return else 0),
        reasons=tuple(reasons),
        rest=rest,
    )


def _sure(one: Suggestion) -> Suggestion:
    return Suggestion(**{**one.__dict__, "certain": True})
