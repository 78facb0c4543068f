"""What a step lacks before the next one may begin, in sentences; what comes from where is data."""

from collections.abc import Callable
from datetime import date, timedelta

from django.utils.translation import gettext as _

from bezpechne.kernel import clock
from billing.funding.queries import shares_by_day
from billing.models import FundingPeriod
from billing.states import PayerKind
from billing.wording import day_text
from provisioning.handover.models import Handover
from provisioning.handover.states import Decision, Stage

Need = Callable[[Handover], list[str]]


def missing(row: Handover) -> list[str]:
    """What the step in force lacks; empty when the next one may begin. At most two queries."""
    return _NEEDS[Stage(row.stage)](row)


def _lead(row: Handover) -> list[str]:
    found = []
    if row.council is None:
        found.append(_("Choose the local budget that is to pay."))
    elif row.council.kind != PayerKind.LOCAL_BUDGET:
        found.append(_("The payer that was chosen is no local budget."))
    if row.owner_id is None:
        found.append(_("Say who leads the hand-over."))
    return found


def _trial(row: Handover) -> list[str]:
    if row.trial_starts is None or row.trial_ends is None:
        return [_("Enter the first and the last day of the trial.")]
    unpaid = [
        day
        for day, shares in shares_by_day(row.account_id, row.trial_starts, row.trial_ends).items()
        if not shares
    ]
    if unpaid:
        return [
            _("On %(day)s nobody pays: enter the donor’s agreement and its days.")
            % {"day": day_text(unpaid[0])}
        ]
    if row.trial_ends > clock.today():
        return [_("The trial goes on until %(day)s.") % {"day": day_text(row.trial_ends)}]
    return []


def _evaluation(row: Handover) -> list[str]:
    found = []
    open_points = sum(point["passed"] is None for point in row.checklist)
    if open_points:
        found.append(
            _("Points of the checklist without an answer: %(count)d.") % {"count": open_points}
        )
    if not row.representative or row.checked_on is None:
        found.append(_("Say which representative looked at it, and when."))
    return found


def _decision(row: Handover) -> list[str]:
    if not row.decision or row.decided_on is None:
        return [_("Enter what was decided, and when.")]
    if row.decision != Decision.HAND_OVER:
        return [_("It was decided not to hand over: go back to the trial, or close it.")]
    return []


def _memorandum(row: Handover) -> list[str]:
    return [] if row.memorandum_id else [_("Keep the signed memorandum.")]


def _request(row: Handover) -> list[str]:
    found = []
    if not row.kpkvk:
        found.append(_("Enter the budget programme."))
    if row.first_month is None or row.months is None or row.monthly_amount is None:
        found.append(_("Enter the first month, how many months, and the pay for one."))
    if row.request_sent_on is None:
        found.append(_("Enter the day on which the request was sent."))
    return found


def _council(row: Handover) -> list[str]:
    return [] if row.council_decision_id else [_("Keep the decision of the council.")]


def _contract(row: Handover) -> list[str]:
    if row.contract is None:
        return [_("Enter the contract among the city’s agreements, then choose it here.")]
    if row.contract.payer_id != row.council_id:
        return [_("The contract is not with the local budget of this hand-over.")]
    return []


def _switch(row: Handover) -> list[str]:
    if row.switch_on and row.switch_on > clock.today():
        return [_("The local budget pays from %(day)s on.") % {"day": day_text(row.switch_on)}]
    return []


def _renewal(row: Handover) -> list[str]:
    return _contract(row) or _contract_is_new(row)


def _contract_is_new(row: Handover) -> list[str]:
    """The next contract begins on the day after the last one that is paid."""
    last = last_paid(row)
    if row.contract and last and row.contract.starts_on != last + timedelta(days=1):
        return [
            _("Choose the contract that begins on %(day)s.")
            % {"day": day_text(last + timedelta(days=1))}
        ]
    return []


def last_paid(row: Handover) -> date | None:
    """The last day that somebody pays for, pauses left out."""
    paid = FundingPeriod.objects.filter(account_id=row.account_id, is_pause=False)
    found = paid.order_by("-days").first()
    return found.last if found else None


def _nothing(row: Handover) -> list[str]:
    return []


_NEEDS: dict[Stage, Need] = {
    Stage.LEAD: _lead,
    Stage.TRIAL: _trial,
    Stage.EVALUATION: _evaluation,
    Stage.DECISION: _decision,
    Stage.MEMORANDUM: _memorandum,
    Stage.REQUEST: _request,
    Stage.COUNCIL: _council,
    Stage.CONTRACT: _contract,
    Stage.SWITCH: _switch,
    Stage.PAID: _nothing,
    Stage.RENEWAL: _renewal,
    Stage.CLOSED: _nothing,
}
