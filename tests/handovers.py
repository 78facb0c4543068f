"""Hand-overs for tests, led by the product's own actions to the step that a test is about."""

from datetime import date
from typing import Any

from billing.models import FundingAgreement, Payer
from billing.states import PaperKind, PayerKind
from billing.system import LEDGER
from provisioning.handover import actions
from provisioning.handover.models import Handover
from provisioning.handover.states import LED, Decision, Stage
from tenants.models import City
from tests.money import Money, d


class Leading:
    """A city paid by a donor, whose council takes over; `officer` leads it."""

    def __init__(
        self,
        city: City,
        *,
        donor: FundingAgreement | None = None,
        council: Payer | None = None,
        officer: int | None = None,
    ) -> None:
        self.money = Money()
        self.account = self.money.account(city)
        self.donor = donor or self._donor()
        self.council = council or self.money.payer(PayerKind.LOCAL_BUDGET, "Міська рада")
        self.officer = officer or self.money.officer().pk
        self.row = actions.open_handover(by=LEDGER, account=self.account)

    def _donor(self) -> FundingAgreement:
        agreement = self.money.agreement(self.account, monthly="18500.00")
        self.money.fund(agreement)
        return agreement

    def contract(self, first: date, last: date, **fields: Any) -> FundingAgreement:
        return self.money.agreement(
            self.account, self.council, monthly="18500.00", days=(first, last), **fields
        )

    def fill(self, **values: Any) -> Handover:
        self.row = actions.record(
            by=LEDGER, handover=self.row, values=values, expected=self.row.stage
        )
        return self.row

    def advance(self) -> Handover:
        self.row = actions.advance(by=LEDGER, handover=self.row, expected=self.row.stage)
        return self.row

    def values(self, stage: str) -> dict[str, Any]:
        """What fills a step so that nothing is missing."""
        row = self.row
        points = [{**point, "passed": True} for point in row.checklist]
        found: dict[Stage, dict[str, Any]] = {
            Stage.LEAD: {"council": self.council, "owner_id": self.officer},
            Stage.TRIAL: {"trial_starts": date(2026, 1, 1), "trial_ends": date(2026, 6, 30)},
            Stage.EVALUATION: {
                "checklist": points,
                "representative": "Роман Регіональний",
                "checked_on": date(2026, 7, 1),
            },
            Stage.DECISION: {"decision": Decision.HAND_OVER, "decided_on": date(2026, 7, 2)},
            Stage.MEMORANDUM: {"memorandum": self._paper(PaperKind.MEMORANDUM)},
            Stage.REQUEST: {
                "first_month": date(2026, 10, 1),
                "months": 3,
                "monthly_amount": d("18500.00"),
                "kpkvk": "0218230",
                "request_sent_on": date(2026, 7, 3),
            },
            Stage.COUNCIL: {"council_decision": self._paper(PaperKind.DECISION)},
        }
        return found[Stage(stage)]

    def _paper(self, kind: PaperKind) -> Any:
        return self.money.paper(kind, account=self.account)

    def lead_to(self, stage: Stage) -> Handover:
        """Every step before is filled in; the clock must be behind the trial."""
        for step in LED[: LED.index(stage)]:
            self.fill(**self.values(step))
            self.advance()
        return self.row
