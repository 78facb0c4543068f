"""The steps of a city's life: who may, what each leads to, what is refused, what it does to the site."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.core.management.base import CommandError
from procrastinate.contrib.django import app

from bezpechne.accounts.models import AccountMail
from bezpechne.kernel import clock
from bezpechne.kernel.actors import SYSTEM
from bezpechne.kernel.audit.models import Entry
from community.notices.models import Notice
from community.notices.tasks import purge_everywhere
from community.questions.models import Question
from provisioning import life
from provisioning.life import CityChangeRefused
from provisioning.models import JournalEntry
from provisioning.provisioning import OPERATOR
from tenants.models import City
from tenants.states import CityState
from tests.factories import Inside, Maker
from tests.route_table import question_form
from tests.worlds import populate

SHA = "a" * 64


def in_days(days: int) -> date:
    return clock.today() + timedelta(days=days)


def as_draft(city: City) -> City:
    """As the wizard makes one."""
    city.state = CityState.DRAFT
    city.save(update_fields=["state"])
    return city


def fresh(city: City) -> City:
    return City.objects.get(pk=city.pk)


def archived_with_export(city: City) -> City:
    life.archive(by=OPERATOR, city=city)
    return life.note_export(city, SHA, at=clock.now() + timedelta(seconds=1))


ACTIONS: dict[str, Callable[[Any, City], object]] = {
    "launch": lambda by, city: life.launch(by=by, city=city),
    "trial": lambda by, city: life.start_trial(by=by, city=city, until=in_days(40)),
    "extend": lambda by, city: life.extend(by=by, city=city, until=in_days(50)),
    "activate": lambda by, city: life.activate(by=by, city=city),
    "suspend": lambda by, city: life.suspend(by=by, city=city, reason="Так"),
    "resume": lambda by, city: life.resume(by=by, city=city),
    "archive": lambda by, city: life.archive(by=by, city=city),
    "unarchive": lambda by, city: life.unarchive(by=by, city=city),
    "schedule": lambda by, city: life.schedule_deletion(by=by, city=city),
    "cancel": lambda by, city: life.cancel_deletion(by=by, city=city),
    "delete": lambda by, city: life.delete(by=by, city=city, name="Полтава"),
    "export": lambda by, city: life.note_export(city, SHA, by=by),
}
# What each state takes; everything else is refused and changes nothing.
TAKES = {
    CityState.DRAFT: {"launch", "trial", "activate", "archive", "export"},
    CityState.TRIAL: {"launch", "extend", "activate", "suspend", "archive", "export"},
    CityState.ACTIVE: {"launch", "trial", "suspend", "archive", "export"},
    CityState.SUSPENDED: {"launch", "trial", "activate", "resume", "archive", "export"},
    CityState.ARCHIVED: {"unarchive", "export"},
    CityState.DELETED: {"delete", "export"},
}


@pytest.mark.parametrize("action", ACTIONS)
def test_only_an_operator_may(alpha: City, make: Maker, action: str) -> None:
    people = (make(alpha).administrator, make(alpha).moderator, make(None).user("finance"))
    for actor in (*[user.actor for user in people], SYSTEM):
        with pytest.raises(PermissionDenied):
            ACTIONS[action](actor, alpha)


@pytest.mark.parametrize("state", CityState.values)
def test_each_state_takes_its_steps_and_no_other(alpha: City, state: str) -> None:
    taken = set()
    for name, act in ACTIONS.items():
        City.objects.filter(pk=alpha.pk).update(
            state=state, trial_ends_on=in_days(9), deletion_on=None, resume_state=""
        )
        before = JournalEntry.objects.count()
        try:
            act(OPERATOR, alpha)
        except CityChangeRefused:
            assert fresh(alpha).state == state
            assert JournalEntry.objects.count() == before
        else:
            taken.add(name)
    assert taken == TAKES[CityState(state)]


def test_a_suspended_trial_returns_to_its_trial_and_not_after_its_end(alpha: City) -> None:
    life.start_trial(by=OPERATOR, city=alpha, until=in_days(5))
    life.suspend(by=OPERATOR, city=alpha, reason="Перерва")
    assert life.resume(by=OPERATOR, city=alpha).state == CityState.TRIAL
    life.suspend(by=OPERATOR, city=alpha, reason="Перерва")
    with clock.frozen(clock.now() + timedelta(days=6)):
        with pytest.raises(CityChangeRefused):
            life.resume(by=OPERATOR, city=alpha)
        again = life.start_trial(by=OPERATOR, city=alpha, until=in_days(5))
    assert (again.state, again.suspended_reason) == (CityState.TRIAL, "")


def test_a_suspension_without_a_reason_is_refused(alpha: City) -> None:
    with pytest.raises(CityChangeRefused):
        life.suspend(by=OPERATOR, city=alpha, reason=" \n")
    assert fresh(alpha).state == CityState.ACTIVE


def test_the_last_day_of_a_trial_is_checked(alpha: City) -> None:
    for days in (-1, 0, 732):
        with pytest.raises(CityChangeRefused):
            life.start_trial(by=OPERATOR, city=alpha, until=in_days(days))
    life.start_trial(by=OPERATOR, city=alpha, until=in_days(1))
    for days in (0, 1, 5000):
        with pytest.raises(CityChangeRefused):
            life.extend(by=OPERATOR, city=alpha, until=in_days(days))


@pytest.mark.parametrize("state", ["draft", "trial", "active", "suspended"])
def test_the_archive_gives_back_what_it_took(alpha: City, state: str) -> None:
    City.objects.filter(pk=alpha.pk).update(
        state=state, suspended_reason="Перерва" if state == "suspended" else ""
    )
    life.archive(by=OPERATOR, city=alpha, reason="Договір закінчився")
    back = life.unarchive(by=OPERATOR, city=alpha)
    assert back.state == ("draft" if state == "draft" else "suspended")
    assert (back.archived_at, back.deletion_on) == (None, None)
    if state in {"trial", "active"}:
        assert back.suspended_reason == life.OUT_OF_ARCHIVE
        assert life.resume(by=OPERATOR, city=alpha).state == state


def test_a_second_operator_is_told_what_the_first_has_done(alpha: City) -> None:
    seen = life.seen(alpha)
    life.suspend(by=OPERATOR, city=alpha, reason="Перерва", expected=seen)
    for act in (life.activate, life.archive, life.resume):
        with pytest.raises(CityChangeRefused):
            act(by=OPERATOR, city=alpha, expected=seen)
    life.resume(by=OPERATOR, city=alpha, expected=life.seen(fresh(alpha)))


def test_every_step_is_in_the_journal_and_in_the_citys_own_history(
    alpha: City, inside: Inside
) -> None:
    life.suspend(by=OPERATOR, city=alpha, reason="Перерва")
    life.archive(by=OPERATOR, city=alpha, reason="Так вирішили")
    wanted = [("suspended", "Перерва"), ("archived", "Так вирішили")]
    rows = JournalEntry.objects.filter(city_id=alpha.pk).exclude(action="provisioned")
    assert list(rows.order_by("id").values_list("action", "reason")) == wanted
    with inside(alpha):
        own = Entry.objects.filter(subject="city").exclude(action="provisioned")
        assert list(own.order_by("id").values_list("action", "note")) == wanted


# --- what a visitor, a link and a letter meet --------------------------------------------------


def test_a_draft_is_behind_its_curtain_whatever_the_launch_date(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    as_draft(alpha)
    life.launch(by=OPERATOR, city=alpha, on=in_days(-3))
    make(alpha).question("published", text="Чому ТАЄМНИЦЯ не відкрита всім?")
    world = populate(alpha)
    visitor = client_of(alpha)
    for path in ("/", "/ask/", "/about/"):
        response = visitor.get(path)
        assert "tenants/curtain.html" in [template.name for template in response.templates]
        assert "ТАЄМНИЦЯ" not in response.text
    assert visitor.get("/map/pins.json?bbox=22,44,40,52").status_code == 403
    assert visitor.get(f"/follow/{world.links['follow']}/").status_code == 200
    staff = client_of(alpha)
    with inside(alpha):
        staff.force_login(make(alpha).moderator)
        before = Question.objects.count()
    assert "ТАЄМНИЦЯ" in staff.get("/").text
    assert staff.post("/ask/", question_form(alpha)).status_code == 302
    with inside(alpha):
        assert Question.objects.count() == before + 1


def test_an_archived_city_is_closed_to_everybody(
    alpha: City, beta: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    make(alpha).question("published", text="Чому ТАЄМНИЦЯ не відкрита всім?")
    world = populate(alpha)
    staff = client_of(alpha)
    with inside(alpha):
        staff.force_login(make(alpha).administrator)
    life.archive(by=OPERATOR, city=alpha)
    paths = [
        "/",
        "/en/",
        "/ask/",
        "/desk/",
        "/account/sign-in/",
        "/nothing-here/",
        f"/follow/{world.links['follow']}/",
        f"/confirm/{world.links['confirm']}/",
        f"/answer/{world.links['unit']}/",
        f"/account/invitation/{world.links['invitation']}/",
        f"/files/photo/{world.photo.key}/full.jpg",
        "/files/accent.css",
    ]
    for client in (client_of(alpha), staff):
        for path in paths:
            response = client.get(path)
            assert response.status_code == 410, path
            assert "no-store" in response["Cache-Control"], path
            assert "ТАЄМНИЦЯ" not in response.text
            assert "tel:102" in response.text
    assert client_of(alpha).get("/map/pins.json?bbox=22,44,40,52").json() == {"detail": "archived"}
    with inside(alpha):
        before = Question.objects.count()
    assert client_of(alpha).post("/ask/", question_form(alpha)).status_code == 410
    with inside(alpha):
        assert Question.objects.count() == before
    assert client_of(beta).get("/").status_code == 200
    life.unarchive(by=OPERATOR, city=alpha)
    assert staff.get("/desk/").status_code == 200
    assert client_of(alpha).get(f"/answer/{world.links['unit']}/").status_code == 200


def test_what_has_begun_in_a_suspended_city_goes_on(
    alpha: City, make: Maker, inside: Inside, client_of: Any, run_jobs: Any, outbox: list[Any]
) -> None:
    asker = make(alpha).asker(email="odarka@example.org")
    world = populate(alpha)
    life.suspend(by=OPERATOR, city=alpha, reason="Перерва")
    token = make(alpha).token("confirm", asker.pk)
    assert client_of(alpha).post(f"/confirm/{token}/").status_code == 302
    assert client_of(alpha).get(f"/answer/{world.links['unit']}/").status_code == 200
    run_jobs()
    assert [mail.subject for mail in outbox if "odarka@example.org" in mail.to]


def test_letters_of_an_archived_city_wait_and_go_out_once_it_is_back(
    alpha: City, beta: City, make: Maker, inside: Inside, run_jobs: Any, outbox: list[Any]
) -> None:
    make(alpha).asker(email="odarka@example.org")
    make(alpha).invitation("new@example.org")
    make(beta).asker(email="neighbour@example.org")
    life.archive(by=OPERATOR, city=alpha)
    run_jobs()
    assert [mail.to for mail in outbox] == [["neighbour@example.org"]]
    with inside(alpha):
        for model in (Notice, AccountMail):
            assert not model.objects.exclude(sent_at=None, dropped_at=None).exists()
    outbox.clear()
    life.unarchive(by=OPERATOR, city=alpha)
    run_jobs()
    run_jobs()
    assert sorted(mail.to for mail in outbox if mail.to != ["admin@example.org"]) == [
        ["new@example.org"],
        ["odarka@example.org"],
    ]


def test_periodic_work_leaves_closed_cities_out(alpha: City, beta: City) -> None:
    life.archive(by=OPERATOR, city=alpha)
    purge_everywhere(0)
    jobs = app.job_manager.list_jobs(task="questions.purge_unconfirmed")
    assert len(list(jobs)) == 1


def test_drafts_and_closed_cities_are_not_named_to_the_public(
    alpha: City, beta: City, client_of: Any
) -> None:
    page = client_of(None).get("/").text
    assert "Полтава" in page
    assert "Тернопіль" in page
    as_draft(beta)
    life.archive(by=OPERATOR, city=alpha)
    page = client_of(None).get("/").text
    assert "Полтава" not in page
    assert "Тернопіль" not in page
    life.unarchive(by=OPERATOR, city=alpha)
    assert "Полтава" in client_of(None).get("/").text


# --- deletion, up to its beginning (the rest: test_removal.py) ----------------------------------


def test_deletion_needs_an_export_made_after_the_archiving(alpha: City) -> None:
    life.note_export(alpha, SHA)
    life.archive(by=OPERATOR, city=alpha)
    with pytest.raises(CityChangeRefused):
        life.schedule_deletion(by=OPERATOR, city=alpha)
    life.note_export(alpha, SHA, at=clock.now() - timedelta(days=1))
    with pytest.raises(CityChangeRefused):
        life.schedule_deletion(by=OPERATOR, city=alpha)
    life.note_export(alpha, SHA, at=clock.now() + timedelta(seconds=1))
    assert life.schedule_deletion(by=OPERATOR, city=alpha).deletion_on == in_days(30)


def test_deletion_waits_its_time_and_for_the_typed_name(alpha: City) -> None:
    archived_with_export(alpha)
    life.schedule_deletion(by=OPERATOR, city=alpha)
    early, late = (clock.now() + timedelta(days=days) for days in (29, 30))
    with clock.frozen(early), pytest.raises(CityChangeRefused):
        life.delete(by=OPERATOR, city=alpha, name="Полтава")
    with clock.frozen(late):
        with pytest.raises(CityChangeRefused):
            life.delete(by=OPERATOR, city=alpha, name="Тернопіль")
        assert life.delete(by=OPERATOR, city=alpha, name=" полтава ").state == CityState.DELETED


def test_a_deletion_is_taken_back_until_it_happens(alpha: City) -> None:
    archived_with_export(alpha)
    life.schedule_deletion(by=OPERATOR, city=alpha)
    assert life.cancel_deletion(by=OPERATOR, city=alpha).deletion_on is None
    with clock.frozen(clock.now() + timedelta(days=99)):
        with pytest.raises(CityChangeRefused):
            life.delete(by=OPERATOR, city=alpha, name="Полтава")
        life.schedule_deletion(by=OPERATOR, city=alpha)
        assert life.unarchive(by=OPERATOR, city=alpha).deletion_on is None


def test_what_went_on_after_the_archive_asks_for_a_new_export(alpha: City) -> None:
    archived_with_export(alpha)
    life.unarchive(by=OPERATOR, city=alpha)
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        life.archive(by=OPERATOR, city=alpha)
        with pytest.raises(CityChangeRefused):
            life.schedule_deletion(by=OPERATOR, city=alpha)


# --- the command --------------------------------------------------------------------------------


def test_the_command_walks_through_a_life(
    alpha: City, capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    settings.CITY_DELETION_DAYS = 0
    for line, shows in (
        (["trial", "poltava", "--until", in_days(40).isoformat()], "trial until"),
        (["extend", "poltava", "--until", in_days(50).isoformat()], in_days(50).isoformat()),
        (["activate", "poltava"], "active"),
        (["archive", "poltava", "--reason", "Так"], "closed"),
        (["unarchive", "poltava"], "suspended"),
        (["resume", "poltava"], "open"),
        (["archive", "poltava"], "archived"),
    ):
        call_command("city", *line)
        assert shows in capsys.readouterr().out, line
    life.note_export(alpha, SHA, at=clock.now() + timedelta(seconds=1))
    for line, shows in (
        (["schedule-delete", "poltava"], "deletion from"),
        (["cancel-delete", "poltava"], "archived"),
        (["schedule-delete", "poltava"], "deletion from"),
        (["delete", "poltava", "--yes-delete", "Полтава"], "deleted"),
    ):
        call_command("city", *line)
        assert shows in capsys.readouterr().out, line


@pytest.mark.parametrize(
    "line",
    [
        ["extend", "poltava", "--until", "2099-01-01"],
        ["trial", "poltava", "--until", "1999-01-01"],
        ["trial", "poltava", "--until", "soon"],
        ["unarchive", "poltava"],
        ["schedule-delete", "poltava"],
        ["cancel-delete", "poltava"],
        ["delete", "poltava", "--yes-delete", "Полтава"],
        ["archive", "nowhere"],
    ],
)
def test_the_command_exits_with_2_on_a_refusal(alpha: City, line: list[str]) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("city", *line)
    assert refused.value.returncode == 2
    assert fresh(alpha).state == CityState.ACTIVE
