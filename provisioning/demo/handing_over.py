"""The demo's hand-overs: Poltava's, led to the day of the change, and Ternopil's under evaluation."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from bezpechne.accounts.models import User
from bezpechne.accounts.permissions import Role
from bezpechne.kernel import clock
from billing.documents.papers import keep_paper
from billing.models import CityAccount, FundingAgreement, Paper, Payer
from billing.spreading import month_of
from billing.states import PaperKind
from billing.system import LEDGER
from provisioning.handover import actions
from provisioning.handover.models import Handover
from provisioning.handover.states import Decision, Stage
from provisioning.handover.switching import switch

REPRESENTATIVE = "Регіональний представник (демо)"


def lead_to_evaluation(account: CityAccount, council: Payer, first: date) -> Handover:
    """The trial began with the donor's money and ended with the last month."""
    officer = User.objects.filter(role=Role.FINANCE).order_by("pk").first()
    ended = month_of(clock.today()) - timedelta(days=1)
    with clock.frozen(datetime.combine(first, time(9), clock.KYIV)):
        row = actions.open_handover(by=LEDGER, account=account)
        leader = officer.pk if officer else 0
        row = _step(row, {"council": council, "owner_id": leader})
        row = _fill(row, {"trial_starts": first, "trial_ends": ended})
    return actions.advance(by=LEDGER, handover=row, expected=Stage.TRIAL)


def lead_to_change(row: Handover, contract: FundingAgreement, on: date) -> Handover:
    """Evaluated, decided, signed: the local budget pays from `on`."""
    today = clock.today()
    points = [{**point, "passed": True} for point in row.checklist]
    points[2]["remark"] = "На сайті ради – у розділі «Безпека»"
    seen = {"checklist": points, "representative": REPRESENTATIVE, "checked_on": today}
    row = _step(row, seen)
    row = _step(row, {"decision": Decision.HAND_OVER, "decided_on": today})
    row = _step(row, {"memorandum": _paper(row, PaperKind.MEMORANDUM, "М-7", today)})
    row = _step(
        row,
        {
            "first_month": on,
            "months": 13 - on.month,
            "monthly_amount": contract.monthly_amount,
            "kpkvk": contract.kpkvk,
            "request_sent_on": today,
        },
    )
    decision = _paper(row, PaperKind.DECISION, "1204-VIII", today)
    row = _step(row, {"council_decision": decision})
    row = _fill(row, {"contract": contract})
    return switch(by=LEDGER, handover=row, on=on)


def _fill(row: Handover, values: dict[str, Any]) -> Handover:
    return actions.record(by=LEDGER, handover=row, values=values, expected=row.stage)


def _step(row: Handover, values: dict[str, Any]) -> Handover:
    filled = _fill(row, values)
    return actions.advance(by=LEDGER, handover=filled, expected=filled.stage)


def _paper(row: Handover, kind: PaperKind, number: str, on: date) -> Paper:
    return keep_paper(
        by=LEDGER,
        kind=kind,
        upload=SimpleUploadedFile("scan.pdf", b"%PDF-1.4\n%%EOF\n"),
        number=number,
        dated_on=on,
        account=row.account,
    )
