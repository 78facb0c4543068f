"""A hand-over from the first talk to the day on which the local budget pays, and beside the way."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import translation

from bezpechne.accounts.models import User
from bezpechne.kernel import clock
from bezpechne.kernel.actors import SYSTEM
from billing.errors import LedgerRefused
from billing.funding.queries import gaps, shares_by_day
from billing.models import FundingAgreement, FundingPeriod, LedgerEvent, Payer, StripeObject
from billing.states import StripeKind
from billing.stripe.subscriptions import subscribe
from billing.system import LEDGER
from provisioning import life
from provisioning.handover import actions, reminders, switching, tasks, telling
from provisioning.handover.models import Handover
from provisioning.handover.needs import missing
from provisioning.handover.states import ALLOWED, LED, STEPS, Decision, Stage
from provisioning.provisioning import OPERATOR
from tenants.models import City
from tenants.states import CityState
from tests.factories import Make
from tests.handovers import Leading
from tests.money import Money

JULY = datetime(2026, 7, 10, 9, tzinfo=UTC)
OCTOBER = date(2026, 10, 1)
YEAR_END = date(2026, 12, 31)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _july() -> Iterator[None]:
    with clock.frozen(JULY), translation.override("en"):
        yield


def on(day: date) -> Any:
    return clock.frozen(datetime(day.year, day.month, day.day, 9, tzinfo=UTC))


@pytest.fixture
def lead(alpha: City) -> Leading:
    return Leading(alpha)


@pytest.fixture
def at_contract(lead: Leading) -> Leading:
    """Everything is there but the day."""
    lead.lead_to(Stage.CONTRACT)
    lead.fill(contract=lead.contract(OCTOBER, YEAR_END))
    return lead


def payers_of(lead: Leading, first: date, last: date) -> dict[date, list[int]]:
    agreements = dict(FundingAgreement.objects.values_list("pk", "payer"))
    days = shares_by_day(lead.account.pk, first, last)
    return {day: [agreements[key] for key in shares] for day, shares in days.items()}


# --- Steps ----------------------------------------------------------------------------------------


def test_each_step_says_what_it_lacks_and_none_is_skipped(lead: Leading) -> None:
    for stage in LED[:-1]:
        assert lead.row.stage == stage
        lacking = missing(lead.row)
        if stage != Stage.LEAD or lead.row.council is None:
            assert lacking, stage
            with pytest.raises(LedgerRefused):
                lead.advance()
        lead.fill(**lead.values(stage))
        assert missing(lead.row) == []
        lead.advance()
    assert lead.row.stage == Stage.CONTRACT
    assert "contract" in missing(lead.row)[0]


def test_the_table_of_changes_leads_forward_back_and_out() -> None:
    for place, stage in enumerate(STEPS[:-2]):
        assert STEPS[place + 1] in ALLOWED[stage]
    assert ALLOWED[Stage.CLOSED] == frozenset()
    assert all(Stage.CLOSED in ALLOWED[stage] for stage in LED)
    assert Stage.TRIAL not in ALLOWED[Stage.SWITCH]


def test_a_trial_that_nobody_pays_for_or_that_goes_on_is_not_evaluated(lead: Leading) -> None:
    lead.fill(**lead.values(Stage.LEAD))
    lead.advance()
    lead.fill(trial_starts=date(2025, 12, 1), trial_ends=date(2026, 6, 30))
    assert "2025" in missing(lead.row)[0]
    lead.fill(trial_starts=date(2026, 1, 1), trial_ends=date(2026, 8, 1))
    assert "goes on until" in missing(lead.row)[0]
    with pytest.raises(LedgerRefused, match="before the first") as refused:
        lead.fill(trial_starts=date(2026, 6, 30), trial_ends=date(2026, 1, 1))
    assert refused.value.field == "trial_ends"


def test_a_decision_not_to_hand_over_goes_back_or_ends(lead: Leading) -> None:
    lead.lead_to(Stage.DECISION)
    lead.fill(decision=Decision.CONTINUE, decided_on=date(2026, 7, 1))
    with pytest.raises(LedgerRefused, match="not to hand over"):
        lead.advance()
    row = actions.step_back(
        by=LEDGER, handover=lead.row, reason="Донор продовжує", expected=Stage.DECISION
    )
    assert row.stage == Stage.EVALUATION
    closed = actions.close(
        by=LEDGER, handover=row, reason="Рада відмовилася", expected=Stage.EVALUATION
    )
    assert closed.stage == Stage.CLOSED
    # Only then another one may begin.
    assert actions.open_handover(by=LEDGER, account=lead.account).stage == Stage.LEAD


def test_one_is_open_for_a_city(lead: Leading) -> None:
    with pytest.raises(LedgerRefused, match="open already"):
        actions.open_handover(by=LEDGER, account=lead.account)
    with pytest.raises(IntegrityError), transaction.atomic():
        Handover.objects.create(account=lead.account)


def test_a_second_press_and_a_second_officer_are_told(lead: Leading) -> None:
    lead.fill(**lead.values(Stage.LEAD))
    lead.advance()
    with pytest.raises(LedgerRefused, match="since you opened"):
        actions.advance(by=LEDGER, handover=lead.row, expected=Stage.LEAD)
    with pytest.raises(ValueError, match="Not of the step"):
        lead.fill(decision=Decision.CLOSE)


def test_only_finance_officers_lead(lead: Leading) -> None:
    acts: list[Callable[[], object]] = [
        lambda: actions.open_handover(by=SYSTEM, account=lead.account),
        lambda: actions.record(by=SYSTEM, handover=lead.row, values={}, expected=""),
        lambda: actions.advance(by=SYSTEM, handover=lead.row, expected=""),
        lambda: actions.step_back(by=SYSTEM, handover=lead.row, reason="x", expected=""),
        lambda: actions.close(by=SYSTEM, handover=lead.row, reason="x", expected=""),
        lambda: actions.set_due(by=SYSTEM, handover=lead.row, due_on=OCTOBER, owner_id=1),
        lambda: switching.switch(by=SYSTEM, handover=lead.row, on=OCTOBER),
        lambda: switching.extend_donor(by=SYSTEM, handover=lead.row, last=YEAR_END, paper="x"),
        lambda: switching.suspend(by=SYSTEM, handover=lead.row, until=YEAR_END, reason="x"),
        lambda: switching.begin_renewal(by=SYSTEM, handover=lead.row),
        lambda: switching.renew(by=SYSTEM, handover=lead.row),
    ]
    for act in acts:
        with pytest.raises(PermissionDenied):
            act()


# --- The day of the change ------------------------------------------------------------------------


def test_the_change_closes_the_donor_opens_the_council_and_leaves_one_payer_a_day(
    at_contract: Leading,
) -> None:
    lead = at_contract
    row = switching.switch(by=LEDGER, handover=lead.row, on=OCTOBER)
    assert (row.stage, row.switch_on, row.due_on) == (Stage.SWITCH, OCTOBER, OCTOBER)
    lead.donor.refresh_from_db()
    assert lead.donor.ends_on == date(2026, 9, 30)
    for day, payers in payers_of(lead, date(2026, 1, 1), YEAR_END).items():
        assert payers == [lead.council.pk if day >= OCTOBER else lead.donor.payer_id], day
    assert gaps([lead.account.pk]) == []


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 10, 2), "first day"),
        (date(2026, 9, 1), "valid from"),
        (date(2027, 1, 1), "valid"),
    ],
)
def test_a_wrong_day_changes_nothing(at_contract: Leading, day: date, words: str) -> None:
    before = list(FundingPeriod.objects.values_list("pk", "days"))
    with pytest.raises(LedgerRefused, match=words):
        switching.switch(by=LEDGER, handover=at_contract.row, on=day)
    assert list(FundingPeriod.objects.values_list("pk", "days")) == before
    at_contract.donor.refresh_from_db()
    assert at_contract.donor.ends_on == YEAR_END


def test_what_hangs_on_the_payers_moves_in_the_same_transaction(
    at_contract: Leading, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure there takes everything back."""

    def fail(**given: object) -> None:
        raise LedgerRefused("Down")

    monkeypatch.setattr(switching, "switch_subscriptions", fail)
    with pytest.raises(LedgerRefused, match="Down"):
        switching.switch(by=LEDGER, handover=at_contract.row, on=OCTOBER)
    assert Handover.objects.get().stage == Stage.CONTRACT
    assert FundingPeriod.objects.count() == 1


def test_subscriptions_at_stripe_are_wanted_for_the_new_payer_and_end_for_the_old(
    at_contract: Leading, settings: Any
) -> None:
    settings.STRIPE_API_KEY = "sk_test"
    lead = at_contract
    Payer.objects.update(stripe_since=clock.now())
    subscribe(by=LEDGER, agreement=lead.donor, on=date(2026, 7, 10))
    switching.switch(by=LEDGER, handover=lead.row, on=OCTOBER)
    rows = {row.agreement_id: row for row in StripeObject.objects.exclude(agreement=None)}
    assert rows[lead.donor.pk].ends_on == OCTOBER
    assert lead.row.contract_id is not None
    begun = rows[lead.row.contract_id]
    assert (begun.kind, begun.starts_on) == (StripeKind.SCHEDULE, OCTOBER)


def test_on_the_day_the_local_budget_pays_and_the_trial_is_over(
    at_contract: Leading, alpha: City
) -> None:
    with on(date(2026, 7, 10)):
        life.start_trial(by=OPERATOR, city=alpha, until=date(2026, 12, 1))
    switching.switch(by=LEDGER, handover=at_contract.row, on=OCTOBER)
    with on(OCTOBER - timedelta(days=1)):
        tasks.walk(0)
        assert Handover.objects.get().stage == Stage.SWITCH
    with on(OCTOBER + timedelta(days=3)):
        # Also after days of downtime, and once.
        tasks.walk(0)
        tasks.walk(0)
    row = Handover.objects.get()
    assert (row.stage, row.due_on) == (Stage.PAID, None)
    alpha.refresh_from_db()
    assert (alpha.state, alpha.trial_ends_on) == (CityState.ACTIVE, None)
    assert LedgerEvent.objects.filter(action="handover_paid").count() == 1


def test_those_concerned_are_told_in_their_language(
    at_contract: Leading, alpha: City, beta: City, run_jobs: Callable[[], int], outbox: list[Any]
) -> None:
    Make(alpha).user("administrator", "boss@example.org", language="en")
    Make(beta).user("administrator", "stranger@example.org")
    Make(None).user("operator", "operator@example.org")
    switching.switch(by=LEDGER, handover=at_contract.row, on=OCTOBER)
    run_jobs()
    told = {mail.to[0]: mail for mail in outbox}
    assert "stranger@example.org" not in told
    assert told["boss@example.org"].subject == "Poltava: the local budget takes over"
    assert "/finance/" not in told["boss@example.org"].body
    assert "01.10.2026" in told["operator@example.org"].body
    assert not any("18" in mail.body and "500" in mail.body for mail in outbox)


# --- The contract is late -------------------------------------------------------------------------


def test_the_donor_pays_longer_by_a_supplementary_agreement(alpha: City) -> None:
    money = Money()
    agreement = money.agreement(
        money.account(alpha), days=(date(2026, 1, 1), date(2026, 9, 30)), monthly="18500.00"
    )
    money.fund(agreement)
    lead = Leading(alpha, donor=agreement)
    with pytest.raises(LedgerRefused, match="last day of a month"):
        switching.extend_donor(by=LEDGER, handover=lead.row, last=date(2026, 11, 15), paper="ДУ 1")
    with pytest.raises(LedgerRefused, match="pays until"):
        switching.extend_donor(by=LEDGER, handover=lead.row, last=date(2026, 8, 31), paper="ДУ 1")
    switching.extend_donor(by=LEDGER, handover=lead.row, last=date(2026, 11, 30), paper="ДУ № 1")
    agreement.refresh_from_db()
    assert agreement.ends_on == date(2026, 11, 30)
    days = payers_of(lead, date(2026, 9, 1), date(2026, 11, 30))
    assert set(map(tuple, days.values())) == {(agreement.payer_id,)}
    assert LedgerEvent.objects.get(action="handover_donor_extended").reason == "ДУ № 1"


def test_a_grant_is_not_prolonged_beyond_its_end(alpha: City) -> None:
    money = Money()
    donor = money.payer()
    grant = money.grant(donor, ends_on=date(2026, 10, 31))
    agreement = money.agreement(
        money.account(alpha), donor, days=(date(2026, 1, 1), date(2026, 9, 30)), grant=grant
    )
    money.fund(agreement)
    lead = Leading(alpha, donor=agreement)
    with pytest.raises(LedgerRefused, match="grant runs"):
        switching.extend_donor(by=LEDGER, handover=lead.row, last=date(2026, 11, 30), paper="ДУ 1")
    assert FundingPeriod.objects.count() == 1


def test_without_a_payer_the_site_is_paused_on_the_day_and_goes_on_with_the_contract(
    alpha: City,
) -> None:
    money = Money()
    agreement = money.agreement(
        money.account(alpha), days=(date(2026, 1, 1), date(2026, 9, 30)), monthly="18500.00"
    )
    money.fund(agreement)
    lead = Leading(alpha, donor=agreement)
    lead.lead_to(Stage.CONTRACT)
    reason = "Договір ще не підписано"
    switching.suspend(by=LEDGER, handover=lead.row, until=date(2026, 10, 31), reason=reason)
    alpha.refresh_from_db()
    assert alpha.state == CityState.ACTIVE
    with on(OCTOBER):
        tasks.walk(0)
        alpha.refresh_from_db()
        assert (alpha.state, alpha.suspended_reason) == (CityState.SUSPENDED, reason)
        lead.row.refresh_from_db()
        lead.fill(contract=lead.contract(date(2026, 11, 1), YEAR_END))
        switching.switch(by=LEDGER, handover=lead.row, on=date(2026, 11, 1))
        tasks.walk(0)
        alpha.refresh_from_db()
        assert alpha.state == CityState.SUSPENDED
    with on(date(2026, 11, 1)):
        tasks.walk(0)
    alpha.refresh_from_db()
    assert (alpha.state, alpha.suspended_reason) == (CityState.ACTIVE, "")
    assert gaps([lead.account.pk]) == []
    days = payers_of(lead, date(2026, 9, 1), YEAR_END)
    assert days[date(2026, 9, 30)] == [agreement.payer_id]
    assert days[OCTOBER] == []
    assert days[date(2026, 11, 1)] == [lead.council.pk]


def test_a_site_that_an_operator_suspended_stays_so(at_contract: Leading, alpha: City) -> None:
    life.suspend(by=OPERATOR, city=alpha, reason="Технічні роботи")
    switching.switch(by=LEDGER, handover=at_contract.row, on=OCTOBER)
    with on(OCTOBER):
        tasks.walk(0)
    alpha.refresh_from_db()
    assert alpha.state == CityState.SUSPENDED


def test_nothing_is_prolonged_or_paused_once_the_next_payer_is_settled(
    at_contract: Leading,
) -> None:
    switching.switch(by=LEDGER, handover=at_contract.row, on=OCTOBER)
    before = list(FundingPeriod.objects.values_list("pk", "days"))
    row = Handover.objects.get()
    with pytest.raises(LedgerRefused, match="nothing is late"):
        switching.extend_donor(by=LEDGER, handover=row, last=date(2027, 1, 31), paper="ДУ")
    with pytest.raises(LedgerRefused, match="nothing is late"):
        switching.suspend(by=LEDGER, handover=row, until=date(2027, 1, 31), reason="x")
    assert list(FundingPeriod.objects.values_list("pk", "days")) == before
    with on(OCTOBER):
        tasks.walk(0)
        row = actions.close(by=LEDGER, handover=row, reason="Завершено", expected=Stage.PAID)
        with pytest.raises(LedgerRefused, match="closed"):
            actions.set_due(by=LEDGER, handover=row, due_on=OCTOBER, owner_id=1)


# --- Each year anew -------------------------------------------------------------------------------


def test_a_renewal_goes_on_without_a_day_between(at_contract: Leading) -> None:
    lead = at_contract
    switching.switch(by=LEDGER, handover=lead.row, on=OCTOBER)
    with on(date(2026, 10, 5)):
        tasks.walk(0)
        lead.row = switching.begin_renewal(by=LEDGER, handover=Handover.objects.get())
        assert lead.row.due_on == date(2027, 10, 1)
        assert "2027" in missing(lead.row)[0]
        with pytest.raises(LedgerRefused):
            switching.renew(by=LEDGER, handover=lead.row)
        lead.fill(contract=lead.contract(date(2027, 1, 1), date(2027, 12, 31)))
        row = switching.renew(by=LEDGER, handover=lead.row)
    assert row.stage == Stage.PAID
    days = payers_of(lead, YEAR_END, date(2027, 1, 1))
    assert list(days.values()) == [[lead.council.pk]] * 2
    assert gaps([lead.account.pk]) == []


# --- Reminders ------------------------------------------------------------------------------------


@pytest.fixture
def mornings(run_jobs: Callable[[], int], outbox: list[Any]) -> Callable[[date], list[str]]:
    def morning(day: date) -> list[str]:
        outbox.clear()
        with on(day):
            reminders.send_due()
            run_jobs()
        return sorted(f"{mail.to[0]}: {mail.subject}" for mail in outbox)

    return morning


def test_a_step_is_reminded_of_once_before_and_every_fortnight_after(
    alpha: City, mornings: Callable[[date], list[str]]
) -> None:
    leader = Make(None).user("finance", "lead@example.org", language="en")
    Make(None).user("finance", "other@example.org", language="en")
    lead = Leading(alpha, officer=leader.pk)
    due = date(2026, 8, 20)
    actions.set_due(by=LEDGER, handover=lead.row, due_on=due, owner_id=leader.pk)
    soon = "lead@example.org: Poltava: a step of the hand-over is due"
    late = "lead@example.org: Poltava: a step of the hand-over is overdue"
    assert mornings(due - timedelta(days=8)) == []
    assert mornings(due - timedelta(days=7)) == [soon]
    assert mornings(due) == []
    assert mornings(due + timedelta(days=1)) == [late]
    assert mornings(due + timedelta(days=5)) == []
    assert mornings(due + timedelta(days=14)) == [
        late,
        "lead@example.org: Poltava: time for the request to the next year’s budget",
    ]


def test_money_that_ends_without_a_next_payer_is_told(
    at_contract: Leading, mornings: Callable[[date], list[str]]
) -> None:
    User.objects.update(language="en")
    ends = "Poltava: the money ends, the next payer is not there"
    assert any(ends in text for text in mornings(date(2026, 11, 20)))
    switching.switch(by=LEDGER, handover=at_contract.row, on=date(2026, 12, 1))
    assert not any(ends in text for text in mornings(date(2026, 11, 25)))


def test_a_local_budget_that_pays_to_december_alone_is_warned_in_september() -> None:
    today = date(2026, 9, 3)
    row = Handover(stage=Stage.PAID)
    september = (telling.SEPTEMBER, date(2026, 9, 1))
    assert list(reminders.due(row, today, YEAR_END)) == [september]
    assert list(reminders.due(row, today, date(2027, 12, 31))) == []
    assert list(reminders.due(row, date(2026, 8, 31), YEAR_END)) == []
    assert list(reminders.due(row, date(2026, 11, 1), YEAR_END)) == []
