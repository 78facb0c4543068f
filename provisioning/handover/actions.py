"""A hand-over begun, filled in, led to its next step and back: with `switching`, the only writers."""

from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bezpechne.accounts.permissions import Permission
from bezpechne.kernel import clock
from bezpechne.kernel.actors import Actor
from billing.audit import note
from billing.errors import LedgerRefused
from billing.models import CityAccount
from provisioning.handover.models import Handover
from provisioning.handover.needs import missing
from provisioning.handover.states import ALLOWED, LED, STEPS, Stage

# Days that a step usually takes; what has a date of its own is in `due_date`.
USUAL_DAYS: dict[str, int] = {
    Stage.LEAD: 30,
    Stage.EVALUATION: 14,
    Stage.DECISION: 14,
    Stage.MEMORANDUM: 30,
    Stage.CONTRACT: 30,
}
# A request that comes later misses next year's budget; the council adopts that by 25 December
# (Budget Code of Ukraine, art. 77).
REQUEST_BY = (10, 1)
BUDGET_BY = (12, 25)
# What each step's form fills in.
FIELDS: dict[str, tuple[str, ...]] = {
    Stage.LEAD: ("council", "owner_id"),
    Stage.TRIAL: ("trial_starts", "trial_ends", "thresholds"),
    Stage.EVALUATION: ("checklist", "representative", "checked_on"),
    Stage.DECISION: ("decision", "decided_on"),
    Stage.MEMORANDUM: ("memorandum",),
    Stage.REQUEST: (
        "first_month",
        "months",
        "monthly_amount",
        "engagement",
        "kpkvk",
        "request_sent_on",
        "request",
    ),
    Stage.COUNCIL: ("council_decision",),
    Stage.CONTRACT: ("contract",),
    Stage.RENEWAL: ("contract",),
}


def due_date(row: Handover, stage: str) -> date | None:
    """When a step that begins today is to be done; None where nothing waits."""
    today = clock.today()
    if stage == Stage.TRIAL:
        return row.trial_ends
    if stage in {Stage.REQUEST, Stage.RENEWAL}:
        return _next(today, *REQUEST_BY)
    if stage == Stage.COUNCIL:
        return _next(today, *BUDGET_BY)
    if stage == Stage.SWITCH:
        return row.switch_on
    usual = USUAL_DAYS.get(stage)
    return today + timedelta(days=usual) if usual else None


def _next(today: date, month: int, day: int) -> date:
    this_year = date(today.year, month, day)
    return this_year if this_year >= today else date(today.year + 1, month, day)


def open_handover(*, by: Actor, account: CityAccount) -> Handover:
    """Begins a hand-over with the first talk. Raises LedgerRefused while another one is open."""
    by.require(Permission.FINANCE)
    row = Handover(account=account, owner_id=by.id)
    row.due_on = due_date(row, Stage.LEAD)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            note(by=by, action="handover_opened", subject=row)
    except IntegrityError:
        raise LedgerRefused(_("A hand-over of this city is open already."), "account") from None
    return row


def locked(row: Handover, expected: str = "") -> Handover:
    """The row, locked. Raises LedgerRefused when somebody has moved it on since (`expected`)."""
    rows = Handover.objects.select_for_update(of=("self",))
    found: Handover = rows.select_related("account", "council", "contract").get(pk=row.pk)
    if expected and found.stage != expected:
        raise LedgerRefused(
            _("Somebody has led this hand-over to the step “%(stage)s” since you opened the page.")
            % {"stage": found.get_stage_display()}
        )
    return found


def record(*, by: Actor, handover: Handover, values: dict[str, Any], expected: str) -> Handover:
    """Fills in the step in force. Raises LedgerRefused: another step by now, reversed dates."""
    by.require(Permission.FINANCE)
    with transaction.atomic():
        row = locked(handover, expected)
        strange = values.keys() - set(FIELDS.get(row.stage, ()))
        if strange:
            raise ValueError(f"Not of the step {row.stage}: {sorted(strange)}")
        changed = [name for name, value in values.items() if getattr(row, name) != value]
        for name in changed:
            setattr(row, name, values[name])
        _check(row)
        if row.stage == Stage.TRIAL:
            row.due_on = row.trial_ends
            changed.append("due_on")
        row.save(update_fields=changed)
        note(by=by, action="handover_recorded", subject=row, stage=row.stage, changed=changed)
    return row


def _check(row: Handover) -> None:
    today = clock.today()
    if row.trial_starts and row.trial_ends and row.trial_ends < row.trial_starts:
        raise LedgerRefused(_("The last day is before the first."), "trial_ends")
    for name in ("checked_on", "decided_on", "request_sent_on"):
        day = getattr(row, name)
        if day and day > today:
            raise LedgerRefused(_("The day is in the future."), name)
    if row.first_month and row.months and not 1 <= row.months <= 13 - row.first_month.month:
        raise LedgerRefused(
            _("A budget is of one calendar year: these months go beyond it."), "months"
        )


def advance(*, by: Actor, handover: Handover, expected: str) -> Handover:
    """To the next step. Raises LedgerRefused while something is missing."""
    by.require(Permission.FINANCE)
    with transaction.atomic():
        row = locked(handover, expected)
        if row.stage not in LED or row.stage == Stage.CONTRACT:
            raise LedgerRefused(_("This step has an action of its own."))
        if lacks := missing(row):
            raise LedgerRefused(" ".join(lacks))
        move(row, STEPS[STEPS.index(Stage(row.stage)) + 1])
        note(by=by, action="handover_advanced", subject=row, stage=row.stage, due_on=row.due_on)
    return row


def step_back(*, by: Actor, handover: Handover, reason: str, expected: str) -> Handover:
    """To the step before, with a reason; what was filled in stays. Raises LedgerRefused."""
    by.require(Permission.FINANCE)
    with transaction.atomic():
        row = locked(handover, expected)
        if row.stage not in LED or row.stage == Stage.LEAD:
            raise LedgerRefused(_("There is no earlier step."))
        move(row, STEPS[STEPS.index(Stage(row.stage)) - 1])
        note(by=by, action="handover_returned", subject=row, reason=reason, stage=row.stage)
    return row


def set_due(*, by: Actor, handover: Handover, due_on: date, owner_id: int | None) -> Handover:
    """Another day for the step in force, and who leads it; reminders are counted from it.

    Raises LedgerRefused for a closed one.
    """
    by.require(Permission.FINANCE)
    with transaction.atomic():
        row = locked(handover)
        if row.stage == Stage.CLOSED:
            raise LedgerRefused(_("The hand-over is closed."))
        row.due_on, row.owner_id = due_on, owner_id
        row.save(update_fields=["due_on", "owner_id"])
        note(by=by, action="handover_due_changed", subject=row, due_on=due_on, owner=owner_id)
    return row


def close(*, by: Actor, handover: Handover, reason: str, expected: str) -> Handover:
    """Ends it where it is; who pays on which day stays as it is. Raises LedgerRefused."""
    by.require(Permission.FINANCE)
    if not reason.strip():
        raise LedgerRefused(_("Say why the hand-over is closed."), "reason")
    with transaction.atomic():
        row = locked(handover, expected)
        before = row.stage
        row.closed_reason = reason.strip()[:300]
        move(row, Stage.CLOSED)
        note(by=by, action="handover_closed", subject=row, reason=reason, before=before)
    return row


def move(row: Handover, to: Stage) -> None:
    """Saves the row in its next step. Raises LedgerRefused for a change that does not exist."""
    if to not in ALLOWED[row.stage]:
        raise LedgerRefused(
            _("From “%(from)s” there is no way to “%(to)s”.")
            % {"from": row.get_stage_display(), "to": to.label}
        )
    row.stage, row.stage_since = to, clock.today()
    row.due_on = due_date(row, to)
    row.save()
