"""Hours from writing to the city's figures: states, people, the database's own limits."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import translation

from bezpechne.accounts.models import User
from bezpechne.kernel import clock, metering
from bezpechne.kernel.activities import Activity
from bezpechne.kernel.actors import Actor, ActorKind
from bezpechne.kernel.audit.models import history_of
from community.timesheet import meters
from community.timesheet.actions import approving, writing
from community.timesheet.actions.writing import Work
from community.timesheet.models import Timesheet, WorkEntry
from community.timesheet.states import SheetState, TimesheetRefused
from tenants.models import City
from tests.factories import Inside, Make, Maker

MAY = date(2026, 5, 1)
DAY = date(2026, 5, 4)


@pytest.fixture
def made(alpha: City, make: Maker, inside: Inside) -> Any:
    """Poltava, in force for the test, on 10 May at noon in Kyiv."""
    noon = datetime(2026, 5, 10, 9, tzinfo=UTC)
    with inside(alpha), clock.frozen(noon), translation.override("en"):
        yield make(alpha)


def write(by: Actor, day: date = DAY, seen: int | None = None, **minutes: int) -> Timesheet:
    works = {activity: Work(number) for activity, number in minutes.items()}
    return writing.save_days(by=by, month=MAY, days={day: works}, seen=seen)


def stored(person: User) -> dict[tuple[int, str], int]:
    rows = WorkEntry.objects.filter(person=person)
    return {(row.day.day, row.activity): row.minutes for row in rows}


def figures(city: City) -> dict[str, int]:
    """The month's minutes that the platform reads, by activity."""
    names = [f"hours.{activity}" for activity in Activity.values]
    found = metering.months_of([city.schema_name], names, MAY, MAY)
    return {name.removeprefix("hours."): value for (_, _, name), value in found.items() if value}


def test_a_day_is_written_changed_and_cleared(made: Make) -> None:
    person = made.moderator
    write(person.actor, moderation=90, answers=30)
    write(person.actor, date(2026, 5, 5), other=15)
    assert stored(person) == {(4, "moderation"): 90, (4, "answers"): 30, (5, "other"): 15}
    write(person.actor, moderation=60)
    assert stored(person) == {(4, "moderation"): 60, (5, "other"): 15}
    sheet = write(person.actor)
    assert stored(person) == {(5, "other"): 15}
    entries = list(history_of(sheet))
    assert [entry.action for entry in entries] == ["hours_written"] * 4
    assert entries[2].old == {"2026-05-04": {"moderation": 90, "answers": 30}}
    assert entries[2].new == {"2026-05-04": {"moderation": 60}}
    assert (entries[0].actor_kind, entries[0].actor_id) == (ActorKind.STAFF, person.pk)


def test_saving_what_is_there_leaves_no_trace(made: Make) -> None:
    sheet = write(made.moderator.actor, moderation=90)
    again = write(made.moderator.actor, moderation=90)
    assert again.version == sheet.version
    assert history_of(sheet).count() == 1


def test_a_note_stays_unless_another_is_given(made: Make) -> None:
    by = made.moderator.actor
    days = {DAY: {"other": Work(30, "Навчання")}}
    writing.save_days(by=by, month=MAY, days=days)
    write(by, other=45)
    assert WorkEntry.objects.get().note == "Навчання"


@pytest.mark.parametrize(
    ("day", "minutes", "said"),
    [
        (date(2026, 5, 11), {"other": 15}, "has not come yet"),
        (date(2026, 4, 30), {"other": 15}, "not in this month"),
        (DAY, {"other": 20}, "whole quarters"),
        (DAY, {"other": 0}, "whole quarters"),
        (DAY, {"other": -15}, "whole quarters"),
        (DAY, {"gardening": 15}, "whole quarters"),
        (DAY, {"other": 720, "answers": 735}, "24 hours"),
    ],
)
def test_hours_that_cannot_be_are_refused(
    made: Make, day: date, minutes: dict[str, int], said: str
) -> None:
    with pytest.raises(TimesheetRefused, match=said):
        write(made.moderator.actor, day, **minutes)
    assert not Timesheet.objects.exists()


def test_a_full_day_and_today_are_taken(made: Make) -> None:
    write(made.moderator.actor, date(2026, 5, 10), other=705, answers=735)


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"minutes": 0}, "timesheet_entry_minutes"),
        ({"minutes": 1455}, "timesheet_entry_minutes"),
        ({"minutes": 20}, "timesheet_entry_quarters"),
        ({"activity": "gardening"}, "timesheet_entry_activity_known"),
        ({"day": date(2026, 5, 11)}, "timesheet_entry_not_ahead"),
        ({"day": DAY}, "timesheet_entry_once"),
        ({"person_id": 10**12}, "person_id"),
    ],
)
def test_the_database_refuses_it_too(made: Make, fields: dict[str, Any], constraint: str) -> None:
    write(made.moderator.actor, other=15)
    row = {"day": date(2026, 5, 5), "activity": "other", "minutes": 15, **fields}
    entry = WorkEntry(**{"person_id": made.moderator.pk, **row})
    with pytest.raises(IntegrityError, match=constraint):
        _save_now(entry)


@transaction.atomic
def _save_now(row: WorkEntry) -> None:
    """References are looked at when a transaction ends; here now."""
    row.save()
    transaction.get_connection().check_constraints()


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"month": date(2026, 6, 2)}, "timesheet_month_first_day"),
        ({"month": MAY}, "timesheet_month_once"),
        ({"state": "lost"}, "timesheet_month_state_dated"),
        ({"state": "submitted"}, "timesheet_month_state_dated"),
        ({"state": "approved"}, "timesheet_month_state_dated"),
    ],
)
def test_the_database_knows_what_a_month_is(
    made: Make, fields: dict[str, Any], constraint: str
) -> None:
    write(made.moderator.actor, other=15)
    row = {"person_id": made.moderator.pk, "month": date(2026, 6, 1), **fields}
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Timesheet.objects.create(**row)


def test_two_windows_do_not_overwrite_each_other(made: Make) -> None:
    by = made.moderator.actor
    sheet = write(by, moderation=15)
    write(by, moderation=30, seen=sheet.version)
    with pytest.raises(TimesheetRefused, match="changed since"):
        write(by, moderation=45, seen=sheet.version)
    assert stored(made.moderator) == {(4, "moderation"): 30}


# --- states ---------------------------------------------------------------------------------------

STEPS = {
    "submit": lambda made, sheet: writing.submit(by=made.moderator.actor, month=MAY),
    "take_back": lambda made, sheet: writing.take_back(by=made.moderator.actor, month=MAY),
    "approve": lambda made, sheet: approving.approve(by=made.administrator.actor, sheet=sheet),
    "send_back": lambda made, sheet: approving.send_back(
        by=made.administrator.actor, sheet=sheet, reason="Неділя?"
    ),
    "close": lambda made, sheet: approving.close(by=made.administrator.actor, sheet=sheet),
    "reopen": lambda made, sheet: approving.reopen(
        by=made.administrator.actor, sheet=sheet, reason="Помилка"
    ),
}
LEADS = {
    ("open", "submit"): "submitted",
    ("submitted", "take_back"): "open",
    ("submitted", "approve"): "approved",
    ("submitted", "send_back"): "open",
    ("approved", "close"): "closed",
    ("approved", "reopen"): "open",
    ("closed", "reopen"): "open",
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("state", SheetState.values)
def test_every_step_from_every_state(made: Make, alpha: City, state: str, step: str) -> None:
    sheet = made.hours(made.moderator, MAY, state)
    before, rows = figures(alpha), history_of(sheet).count()
    if (state, step) in LEADS:
        STEPS[step](made, sheet)
    else:
        with pytest.raises(TimesheetRefused):
            STEPS[step](made, sheet)
    sheet.refresh_from_db()
    assert sheet.state == LEADS.get((state, step), state)
    if (state, step) not in LEADS:
        assert (figures(alpha), history_of(sheet).count()) == (before, rows)
    counts = sheet.state in {"approved", "closed"}
    assert figures(alpha) == ({"moderation": 90, "answers": 30} if counts else {})


@pytest.mark.parametrize("state", ["submitted", "approved", "closed"])
def test_only_an_open_month_is_written_in(made: Make, state: str) -> None:
    made.hours(made.moderator, MAY, state)
    with pytest.raises(TimesheetRefused, match="can only be read"):
        write(made.moderator.actor, moderation=15)


def test_an_empty_month_is_not_submitted(made: Make) -> None:
    with pytest.raises(TimesheetRefused, match="no hours"):
        writing.submit(by=made.moderator.actor, month=MAY)


def test_a_reason_is_kept_until_the_month_is_submitted_anew(made: Make) -> None:
    sheet = made.hours(made.moderator, MAY, "submitted")
    sheet = approving.send_back(by=made.administrator.actor, sheet=sheet, reason="Неділя?")
    assert sheet.return_reason == "Неділя?"
    assert writing.submit(by=made.moderator.actor, month=MAY).return_reason == ""


def test_nobody_approves_what_they_did_not_see(made: Make) -> None:
    seen = made.hours(made.moderator, MAY, "submitted").version
    writing.take_back(by=made.moderator.actor, month=MAY)
    write(made.moderator.actor, moderation=600)
    sheet = writing.submit(by=made.moderator.actor, month=MAY)
    with pytest.raises(TimesheetRefused, match="changed since"):
        approving.approve(by=made.administrator.actor, sheet=sheet, seen=seen)


# --- people ---------------------------------------------------------------------------------------


def test_a_moderator_decides_nothing(made: Make) -> None:
    sheet = made.hours(made.moderator, MAY, "submitted")
    by = made.user("moderator").actor
    for act in (approving.approve, approving.close):
        with pytest.raises(PermissionDenied):
            act(by=by, sheet=sheet)
    for give_back in (approving.send_back, approving.reopen):
        with pytest.raises(PermissionDenied):
            give_back(by=by, sheet=sheet, reason="Ні")


def test_nobody_without_the_desk_writes_hours(made: Make) -> None:
    person = made.user("moderator", is_active=False)
    with pytest.raises(PermissionDenied):
        write(person.actor, other=15)


def test_who_acts_for_the_administrator_neither_writes_nor_approves(made: Make) -> None:
    sheet = made.hours(made.moderator, MAY, "submitted")
    acting = Actor(
        ActorKind.OPERATOR,
        made.moderator.pk,
        made.administrator.actor.permissions,
        acting=1,
        reason="Просили",
    )
    with pytest.raises(TimesheetRefused, match="own people"):
        write(acting, other=15)
    with pytest.raises(TimesheetRefused, match="own administrator"):
        approving.approve(by=acting, sheet=sheet)
    with pytest.raises(TimesheetRefused, match="own administrator"):
        approving.reopen(by=acting, sheet=sheet, reason="Помилка")


def test_own_hours_are_another_administrator_s_where_there_is_one(made: Make) -> None:
    User.objects.filter(role="administrator").update(is_active=False)
    boss = made.user("administrator", "only@example.org")
    write(boss.actor, other=15)
    sheet = writing.submit(by=boss.actor, month=MAY)
    second = made.user("administrator", "other@example.org")
    with pytest.raises(TimesheetRefused, match="Another administrator"):
        approving.approve(by=boss.actor, sheet=sheet)
    User.objects.filter(pk=second.pk).update(is_active=False)
    approving.approve(by=boss.actor, sheet=sheet)


# --- figures --------------------------------------------------------------------------------------


def test_figures_are_the_sums_of_what_is_approved(made: Make, alpha: City, beta: City) -> None:
    one, two = made.moderator, made.user("moderator")
    first = made.hours(one, MAY, "approved", moderation=90, other=15)
    made.hours(two, MAY, "closed", moderation=30, working_groups=120)
    made.hours(made.user("moderator"), MAY, "submitted", moderation=600)
    wanted = {"moderation": 120, "other": 15, "working_groups": 120}
    assert figures(alpha) == wanted
    assert figures(beta) == {}
    meters.recount([MAY])
    assert figures(alpha) == wanted
    approving.reopen(by=made.administrator.actor, sheet=first, reason="Не той день")
    assert figures(alpha) == {"moderation": 30, "working_groups": 120}
    write(one.actor, date(2026, 5, 2), moderation=45)
    assert figures(alpha) == {"moderation": 30, "working_groups": 120}
    approving.approve(by=made.administrator.actor, sheet=writing.submit(by=one.actor, month=MAY))
    assert figures(alpha) == {"moderation": 75, "working_groups": 120}


def test_an_approval_that_is_rolled_back_leaves_the_figures(made: Make, alpha: City) -> None:
    sheet = made.hours(made.moderator, MAY, "submitted")
    with transaction.atomic():
        approving.approve(by=made.administrator.actor, sheet=sheet)
        assert figures(alpha) != {}
        transaction.set_rollback(True)
    assert figures(alpha) == {}


def test_figures_that_were_lost_come_back(made: Make, alpha: City) -> None:
    made.hours(made.moderator, MAY, "approved")
    metering.put_months({(MAY, "hours.moderation"): None, (MAY, "hours.answers"): 7})
    assert figures(alpha) == {"answers": 7}
    meters.recount_all()
    assert figures(alpha) == {"moderation": 90, "answers": 30}
