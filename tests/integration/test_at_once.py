"""Two people at one moment, and processes that die: with real commits, in a city of their own."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from django.core.management import call_command
from django.db import connection

from bezpechne.accounts import actions as accounts
from bezpechne.accounts.models import Invitation, User
from bezpechne.kernel import clock, metering, queue, throttle
from bezpechne.kernel.images import ImageRefused
from community.answers.actions import answering, routing
from community.answers.models import Answer, Routing
from community.answers.states import OPEN
from community.notices.models import Notice
from community.questions.actions import asking, moderating
from community.questions.actions.counting import recount_cells
from community.questions.actions.photos import keep_photo
from community.questions.models import MAX_PHOTOS, Cell, Photo, Question
from community.questions.queries import tallies
from community.questions.states import StateChangeRefused
from community.timesheet.actions import approving, writing
from community.timesheet.models import Timesheet, WorkEntry
from tenants.models import City
from tests import pictures
from tests.factories import WORDS, Make, inside
from tests.integration.committed import at_once, remove_city, start_worker, unblocked

pytestmark = pytest.mark.processes

SLUG = "lubny"


@pytest.fixture(scope="module")
def _city(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with unblocked(django_db_blocker):
        remove_city(SLUG)
        call_command("provision_city", "Лубни", admin_email="boss@example.org", json=True)
        _empty()
    yield
    with unblocked(django_db_blocker):
        remove_city(SLUG)


@pytest.fixture
def city(_city: None, django_db_blocker: Any) -> Iterator[City]:
    """A city whose rows are really committed; emptied after each test."""
    with unblocked(django_db_blocker):
        yield City.objects.get(slug=SLUG)
        _empty()


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE city_lubny.questions_question, city_lubny.questions_cell, city_lubny.audit_entry,"
            " city_lubny.timesheet_month, city_lubny.timesheet_entry,"
            " city_lubny.notices_notice, city_lubny.accounts_user, city_lubny.accounts_mail,"
            " city_lubny.accounts_invitation CASCADE"
        )
        cursor.execute("UPDATE city_lubny.questions_tally SET number = 0")
        cursor.execute("DELETE FROM city_lubny.answers_unit WHERE NOT is_liaison")
        cursor.execute("TRUNCATE public.procrastinate_jobs CASCADE")
        cursor.execute("DELETE FROM public.kernel_throttle")
        cursor.execute("DELETE FROM public.kernel_counter WHERE schema = 'city_lubny'")


def within(city: City, act: Any, **arguments: Any) -> Any:
    """An action inside the city, in whatever thread."""

    def run() -> Any:
        with inside(city):
            return act(**arguments)

    return run


def test_a_form_sent_twice_at_once_is_one_question(city: City) -> None:
    draft = Make(city).draft(submit_key=uuid4())
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM public.procrastinate_jobs")
    act = within(city, asking.submit, draft=draft, visitor="203.0.113.7")
    results = at_once([act] * 4)
    assert len({asker.pk for asker in results}) == 1, results
    with inside(city):
        assert Question.objects.count() == 1
        assert Notice.objects.count() == 1
        assert tallies()["unconfirmed"] == 1


def test_a_question_confirmed_twice_at_once_is_received_once(city: City) -> None:
    asker = Make(city).asker()
    results = at_once([within(city, asking.confirm, asker=asker)] * 3)
    assert {question.state for question in results} == {"in_moderation"}
    with inside(city):
        assert Notice.objects.filter(kind="received").count() == 1
        assert tallies()["in_moderation"] == 1


def test_two_moderators_decide_and_one_is_told(city: City) -> None:
    question = Make(city).question("in_moderation")
    by = Make(city).moderator.actor
    with inside(city):
        public = Make.public(question)
    results = at_once(
        [
            within(city, moderating.publish, by=by, question=question, public=public),
            within(city, moderating.reject, by=by, question=question, reason="Не про поліцію"),
        ]
    )
    assert sum(isinstance(result, StateChangeRefused) for result in results) == 1, results
    with inside(city):
        counted = {state: number for state, number in tallies().items() if number}
        assert counted == {Question.objects.get().state: 1}


def test_pins_that_cross_on_the_map_at_once_are_counted_right(city: City) -> None:
    """Each way locks cells of both places, and all cells are counted anew meanwhile."""
    made = Make(city)
    by, centre = made.moderator.actor, city.centre
    assert centre is not None
    places = [centre, (centre[0] + 0.02, centre[1] - 0.02)]
    questions = [made.question("published") for _ in range(4)]

    def there_and_back(turn: int) -> None:
        for step in range(6):
            public = Make.public(questions[turn], point=places[(turn + step) % 2])
            moderating.edit(by=by, question=questions[turn], public=public)

    walks = [within(city, there_and_back, turn=turn) for turn in range(4)]
    results = at_once([*walks, within(city, recount_cells)])
    assert results == [None] * 5
    with inside(city):
        kept = sorted(Cell.objects.values_list())
        recount_cells()
        assert sorted(Cell.objects.values_list()) == kept


def test_months_approved_at_once_are_all_in_the_sum(city: City) -> None:
    made, may = Make(city), date(2026, 5, 1)
    sheets = [
        made.hours(made.user("moderator"), may, "submitted", moderation=15 * n) for n in range(1, 5)
    ]
    by = made.administrator.actor
    results = at_once([within(city, approving.approve, by=by, sheet=sheet) for sheet in sheets])
    assert not [result for result in results if isinstance(result, Exception)], results
    found = metering.months_of([city.schema_name], ["hours.moderation"], may, may)
    assert list(found.values()) == [150]


def test_hours_written_twice_at_once_stand_once(city: City) -> None:
    by, day = Make(city).moderator.actor, date(2026, 5, 4)
    days = {day: {"other": writing.Work(30)}}
    act = within(city, writing.save_days, by=by, month=day.replace(day=1), days=days)
    results = at_once([act] * 4)
    assert not [result for result in results if isinstance(result, Exception)], results
    with inside(city):
        assert [entry.minutes for entry in WorkEntry.objects.all()] == [30]
        assert Timesheet.objects.get().version == 1


def test_two_routings_at_once_leave_one_link(city: City) -> None:
    made = Make(city)
    question, by = made.question("published"), made.moderator.actor
    units = [made.unit(f"Підрозділ {n}", f"unit{n}@example.org") for n in range(2)]
    results = at_once(
        [within(city, routing.route, by=by, question=question, unit=unit) for unit in units]
    )
    assert not [result for result in results if isinstance(result, Exception)], results
    with inside(city):
        assert Routing.objects.filter(state__in=OPEN).count() == 1
        assert Routing.objects.count() == 2


def test_an_answer_and_a_withdrawal_at_once_agree(city: City) -> None:
    made = Make(city)
    row, by = made.routing(), made.moderator.actor
    results = at_once(
        [
            within(city, answering.submit, routing=row, words=WORDS),
            within(city, routing.withdraw, by=by, routing=row, reason="Не туди"),
        ]
    )
    assert sum(isinstance(result, StateChangeRefused) for result in results) <= 1, results
    with inside(city):
        assert not Routing.objects.get().is_open
        assert not Answer.objects.exclude(state="withdrawn").exists()


def test_two_administrators_removing_each_other_do_not_both_succeed(city: City) -> None:
    made = Make(city)
    users = [made.user("administrator") for _ in range(2)]
    results = at_once(
        [within(city, accounts.deactivate, by=users[n].actor, user=users[1 - n]) for n in range(2)]
    )
    assert sum(isinstance(result, accounts.AccountError) for result in results) == 1, results
    with inside(city):
        assert User.objects.filter(role="administrator", is_active=True).count() == 1


def test_an_invitation_accepted_twice_at_once_makes_one_account(city: City) -> None:
    invitation = Make(city).invitation()
    results = at_once(
        [
            within(
                city,
                accounts.accept_invitation,
                invitation=invitation,
                name="Нова",
                password="чотири слова що не разом",
            )
        ]
        * 2
    )
    assert sum(isinstance(result, accounts.AccountError) for result in results) == 1, results
    with inside(city):
        assert User.objects.filter(email=invitation.email).count() == 1


def test_an_invitation_sent_twice_at_once_is_one(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = Make(city).administrator.actor
    seen, both, real = threading.local(), threading.Barrier(2), clock.now

    def together() -> datetime:
        """Both have looked for an open invitation before either makes one."""
        if not getattr(seen, "before", False):
            seen.before = True
            both.wait(timeout=10)
        return real()

    monkeypatch.setattr(clock, "now", together)
    act = within(city, accounts.invite, by=by, email="nova@example.org", role="moderator")
    results = at_once([act] * 2)
    monkeypatch.undo()
    with inside(city):
        assert Invitation.objects.filter(accepted_at=None, revoked_at=None).count() == 1
    unexpected = [
        result
        for result in results
        if isinstance(result, Exception) and not isinstance(result, accounts.AccountError)
    ]
    assert unexpected == []


def test_photos_of_one_form_sent_at_once_are_five_at_most(city: City) -> None:
    key = uuid4()
    results = at_once(
        [
            within(
                city,
                keep_photo,
                submit_key=key,
                file=pictures.upload(pictures.jpeg()),
                visitor=str(number),
            )
            for number in range(8)
        ]
    )
    assert sum(isinstance(result, ImageRefused) for result in results) == 3, results
    with inside(city):
        assert Photo.objects.filter(submit_key=key).count() == MAX_PHOTOS


def test_a_limit_holds_for_many_at_once(city: City) -> None:
    act = within(
        city,
        partial(throttle.allow, "test", "somebody", limit=3, window=timedelta(hours=1)),
    )
    assert sum(at_once([act] * 8)) == 3


# --- The queue and the mail server, over the wire ---------------------------------------------------


class Server:
    """Takes messages over SMTP; may end the worker before it can say that one was taken."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.worker: Any = None
        with socket.create_server(("127.0.0.1", 0)) as found:
            self.port: int = found.getsockname()[1]
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Called by aiosmtpd for each message."""
        text = envelope.content.decode("utf-8", "replace")
        headers = text.partition("\r\n\r\n")[0]
        self.ids += [
            line.partition(": ")[2]
            for line in headers.splitlines()
            if line.lower().startswith("message-id: ")
        ]
        if self.worker:
            self.worker.kill()
            await asyncio.sleep(0.2)
        return "250 taken"

    def __enter__(self) -> "Server":
        self._controller.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._controller.stop()


def jobs() -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status::text, attempts FROM public.procrastinate_jobs"
            " WHERE task_name = 'notices.deliver_mail' ORDER BY id"
        )
        return list(cursor.fetchall())


def smtp(port: int) -> dict[str, str]:
    return {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(port)}


def test_a_worker_killed_while_sending_repeats_one_mail_and_loses_none(city: City) -> None:
    Make(city).asker()
    with inside(city):
        notice = Notice.objects.get()
        message_id = notice.message_id
    with Server() as server:
        server.worker = start_worker(**smtp(server.port))
        assert server.worker.wait(timeout=60) == -9
        server.worker.stdout.close()
        server.worker = None
        assert server.ids == [message_id]
        assert jobs()[0][0] == "doing"
        with connection.cursor() as cursor:
            # As if half a minute had passed since the worker's last sign of life.
            cursor.execute(
                "UPDATE public.procrastinate_workers"
                " SET last_heartbeat = last_heartbeat - interval '10 minutes'"
            )
        # The worker may have died with a housekeeping job in its other hand, too.
        assert queue.recover_stalled() >= 1
        assert jobs() == [("todo", 1)]
        with start_worker(**smtp(server.port)) as worker:
            out, _ = worker.communicate(timeout=60)
        assert worker.returncode == 0, out
        assert server.ids == [message_id, message_id]
    # Done jobs may be deleted at once; none may be waiting.
    assert {status for status, _ in jobs()} <= {"succeeded"}
    with inside(city):
        notice.refresh_from_db()
        assert notice.sent_at is not None


def test_a_mail_server_that_is_down_delays_and_loses_nothing(city: City) -> None:
    Make(city).asker()
    with Server() as server:
        closed = server.port
    with start_worker(**smtp(closed)) as worker:
        out, _ = worker.communicate(timeout=60)
    assert "odarka" not in out
    [(status, attempts)] = jobs()
    assert (status, attempts) == ("todo", 1)
    with inside(city):
        notice = Notice.objects.get()
        assert (notice.error, notice.sent_at) == ("ConnectionRefusedError", None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT scheduled_at FROM public.procrastinate_jobs")
        assert all(row[0] is None or row[0] > clock.now() - timedelta(minutes=1) for row in cursor)
        cursor.execute("UPDATE public.procrastinate_jobs SET scheduled_at = NULL")
    with Server() as server:
        with start_worker(**smtp(server.port)) as worker:
            out, _ = worker.communicate(timeout=60)
        assert worker.returncode == 0, out
        assert len(server.ids) == 1
    with inside(city):
        notice.refresh_from_db()
        assert (notice.error, notice.sent_at is not None) == ("", True)
