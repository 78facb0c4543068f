"""E-mails: one row an event and recipient, the recipient's language, nothing lost."""

import json
import re
import smtplib
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django.utils.module_loading import import_string
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from bezpechne.accounts import actions as accounts
from bezpechne.accounts import security_letters
from bezpechne.kernel import clock, queue
from bezpechne.kernel.mail import outbox as outgoing
from community.answers import links as unit_links
from community.answers.actions import answering, passing, rating, routing, units
from community.answers.models import Answer
from community.notices.models import Notice
from community.questions import links
from community.questions.actions import addresses, asking, moderating
from community.questions.models import Asker, Question
from tenants.models import City
from tests.factories import WORDS, Inside, Make, Maker, RunJobs


class Broken(BaseEmailBackend):
    """A mail server that is down."""

    def send_messages(self, messages: Any) -> int:
        raise smtplib.SMTPServerDisconnected("please run connect() first odarka@example.org")


class Once(BaseEmailBackend):
    """Takes the message, then the worker dies before it can say so."""

    taken: list[Any] = []

    def send_messages(self, messages: Any) -> int:
        self.taken.extend(messages)
        raise SystemExit(9)


def here(backend: type) -> Any:
    """Settings with a backend of this module."""
    return override_settings(EMAIL_BACKEND=f"{__name__}.{backend.__name__}")


@pytest.fixture(autouse=True)
def _backends_of_this_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """pytest's importlib mode gives this module no name that Django could import."""
    known = {"Broken": Broken, "Once": Once}
    monkeypatch.setattr(
        "django.core.mail.import_string",
        lambda path: known.get(path.rpartition(".")[2]) or import_string(path),
    )
    Once.taken = []


def whole_job(made: Make, inside: Inside) -> Question:
    """Everything that mails anybody, once."""
    made.invitation()
    question = made.question("unconfirmed")
    by, boss = made.moderator.actor, made.administrator
    patrol, other = made.unit("А", "a@example.org"), made.unit("Б", "b@example.org")
    with inside(made.city):
        accounts.request_reset(email=boss.email, visitor="v")
        units.send_test_mail(by=boss.actor, unit=patrol)
        asker = Asker.objects.get(question=question)
        asking.resend_confirmation(asker=asker, visitor="v")
        asking.confirm(asker=asker)
        moderating.ask_back(by=by, question=question, text="Де саме?")
        asking.reply(question=question, text="Біля входу")
        moderating.reject(by=by, question=question, reason="Не про поліцію")
        moderating.reconsider(by=by, question=question)
        moderating.publish(by=by, question=question, public=Make.public(question))
        routing.route(by=by, question=question, unit=patrol)
        row = routing.route(by=by, question=question, unit=other)
        routing.renew_link(by=by, routing=row)
        answer = answering.submit(routing=row, words=WORDS)
        answering.send_back(by=by, answer=answer, reason="Додайте термін")
        row.refresh_from_db()
        passing.pass_on(routing=row, name="Олена", email="olena@example.org", note="")
        passing.take_back(door=unit_links.own_door(row))
        answer = answering.submit(routing=row, words=WORDS)
        answering.submit(routing=row, words=WORDS)
        answering.publish(by=by, answer=answer, words=WORDS)
        answering.correct(by=by, answer=answer, words=WORDS, note="Уточнено")
        moderating.hide(by=by, question=question, reason="Помилка")
        moderating.show_again(by=by, question=question)
        asking.find_lost_links(email=asker.email, visitor="v")
        addresses.ask_new_address(asker=asker, email="new@example.org", visitor="v")
        asker.refresh_from_db()
        addresses.confirm_new_address(asker=asker, code=links.new_address_code(asker))
        rating.rate(question=question, helped=False)
        rating.ask_reopening(question=question, reason="Немає жодного терміну.")
        rating.keep_answer(by=by, question=question, reason="Термін у другому абзаці.")
        return Question.objects.select_related("asker").get()


def jobs() -> list[tuple[str, dict[str, Any]]]:
    """Name and arguments of all jobs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, args FROM public.procrastinate_jobs ORDER BY id")
        return [
            (name, args if isinstance(args, dict) else json.loads(args))
            for name, args in cursor.fetchall()
        ]


def test_every_event_makes_one_row_and_one_job(alpha: City, make: Maker, inside: Inside) -> None:
    whole_job(make(alpha), inside)
    with inside(alpha):
        kinds = Counter(Notice.objects.values_list("kind", flat=True))
        keys = list(Notice.objects.values_list("key", flat=True))
        number = len(keys)
    assert kinds == {
        "confirm": 2,
        "received": 1,
        "clarification": 1,
        "rejected": 1,
        "published": 1,
        "routed": 3,
        "routing_withdrawn": 1,
        "answer_sent_back": 1,
        "answer_receipt": 2,
        "passed_on": 1,
        "pass_withdrawn": 1,
        "answered": 1,
        "corrected": 1,
        "hidden": 1,
        "lost_link": 1,
        "new_address": 1,
        "address_changed": 1,
        "reopen_declined": 1,
        "unit_test": 1,
    }
    assert len(set(keys)) == number
    assert Counter(name for name, _ in jobs()) == {
        "notices.deliver_mail": number,
        "accounts.deliver_mail": 2,
    }


def test_every_kind_of_letter_has_its_test_here(alpha: City, make: Maker, inside: Inside) -> None:
    """A new kind must be added to `whole_job`; trials have a test module of their own."""
    whole_job(make(alpha), inside)
    with inside(alpha):
        kinds = set(Notice.objects.values_list("kind", flat=True)) | {"invitation", "reset"}
    kinds.add("trial")
    # To operators: tests/integration/console/test_joining.py.
    kinds.add("join_request")
    # To finance people: tests/integration/billing/test_report_links.py.
    kinds.add("finance_report")
    # To officers, operators and administrators: tests/integration/provisioning/test_handover.py.
    kinds.add("handover")
    # About a private question: tests/integration/questions/test_private.py.
    kinds.add("taken_on")
    # To people of the desk, and about joined questions: tests/integration/desk.
    kinds |= {"assigned", "urgent", "digest", "joined", "answered_follower", "corrected_follower"}
    # About one's own account: tests/integration/accounts/test_staff_security.py.
    kinds |= {*security_letters.KINDS, "new_device"}
    assert kinds == set(outgoing._writers)


def test_jobs_know_ids_and_the_schema_alone(alpha: City, make: Maker, inside: Inside) -> None:
    whole_job(make(alpha), inside)
    for _, arguments in jobs():
        assert set(arguments) == {"schema", "mail_id"}
        assert arguments["schema"] == alpha.schema_name
        assert isinstance(arguments["mail_id"], int)


@pytest.mark.parametrize("language", ["uk", "en"])
def test_every_letter_can_be_written_in_the_language_of_its_reader(
    alpha: City, make: Maker, inside: Inside, outbox: list[Any], language: str
) -> None:
    """Each one at the moment when its event is in force, so that none is dropped."""
    made = make(alpha)
    asker = made.asker(language=language, email="odarka@example.org")
    by = made.moderator.actor
    with inside(alpha):
        asking.confirm(asker=asker)
        moderating.publish(by=by, question=asker.question, public=Make.public(asker.question))
    ready = made.question("answered", language=language)
    with inside(alpha):
        answering.correct(by=by, answer=Answer.objects.get(), words=WORDS, note="Уточнено")
        for notice in Notice.objects.filter(question_id__in=[asker.question_id, ready.pk]):
            outgoing.deliver(Notice, notice.pk)
    assert len(outbox) >= 5
    for message in outbox:
        cyrillic = bool(re.search("[а-яіїєґ]", message.subject))
        assert cyrillic is (language == "uk"), message.subject
        assert ("/en/" in message.body) is (language == "en")
        html = message.alternatives[0].content
        assert f'lang="{language}"' in html


def test_a_mail_is_sent_once_with_a_message_id_that_stays(
    alpha: City, make: Maker, inside: Inside, outbox: list[Any]
) -> None:
    make(alpha).asker()
    with inside(alpha):
        notice = Notice.objects.get()
        for _ in range(2):
            outgoing.deliver(Notice, notice.pk)
        notice.refresh_from_db()
        assert notice.sent_at is not None
        [message] = outbox
        assert message.extra_headers["Message-ID"] == notice.message_id
        assert re.fullmatch(r"<city_poltava\.\S+@bezpechne\.test>", notice.message_id)


def test_a_worker_killed_before_its_mark_repeats_the_mail_under_the_same_id(
    alpha: City, make: Maker, inside: Inside, outbox: list[Any]
) -> None:
    make(alpha).asker()
    with inside(alpha):
        notice = Notice.objects.get()
        with here(Once), pytest.raises(SystemExit):
            outgoing.deliver(Notice, notice.pk)
        notice.refresh_from_db()
        assert notice.sent_at is None
        outgoing.deliver(Notice, notice.pk)
        expected = [notice.message_id] * 2
    headers = [message.extra_headers["Message-ID"] for message in (*Once.taken, *outbox)]
    assert headers == expected


def test_a_mail_server_that_is_down_loses_nothing(
    alpha: City, make: Maker, inside: Inside, outbox: list[Any]
) -> None:
    make(alpha).asker(email="odarka@example.org")
    with inside(alpha):
        notice = Notice.objects.get()
        with here(Broken), pytest.raises(smtplib.SMTPServerDisconnected):
            outgoing.deliver(Notice, notice.pk)
        notice.refresh_from_db()
        assert (notice.error, notice.sent_at) == ("SMTPServerDisconnected", None)
        assert "odarka" not in notice.error
        outgoing.deliver(Notice, notice.pk)
        notice.refresh_from_db()
        assert (notice.error, len(outbox)) == ("", 1)
        assert notice.sent_at is not None


def test_a_failed_job_is_tried_for_hours_and_then_kept() -> None:
    """Ten attempts over more than half a day, whatever the exception was."""
    for name in ("notices.deliver_mail", "accounts.deliver_mail"):
        waits = []
        strategy = app.tasks[name].retry_strategy
        assert strategy is not None
        for attempts in range(12):
            job = Job(
                id=1,
                queue="default",
                lock=None,
                queueing_lock=None,
                task_name=name,
                attempts=attempts,
            )
            decision = strategy.get_retry_decision(exception=OSError(), job=job)
            waits.append(decision is not None)
        assert waits == [True] * 10 + [False] * 2
        assert sum(3**attempt for attempt in range(1, 11)) > timedelta(hours=12).total_seconds()


def test_a_dead_job_is_listed_and_put_back(
    alpha: City, make: Maker, capsys: pytest.CaptureFixture[str]
) -> None:
    make(alpha).asker()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE public.procrastinate_jobs SET status = 'doing'")
        cursor.execute("UPDATE public.procrastinate_jobs SET status = 'failed', attempts = 10")
    call_command("queue", "dead")
    assert "notices.deliver_mail\tcity_poltava\t10 attempts" in capsys.readouterr().out
    [job] = queue.dead_jobs()
    assert job.task_kwargs["schema"] == alpha.schema_name
    assert queue.retry_dead((job.id or 0) + 1) == 0
    assert queue.retry_dead() == 1
    assert queue.dead_jobs() == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM public.procrastinate_jobs")
        assert cursor.fetchall() == [("todo",)]


def test_what_is_out_of_date_is_dropped_not_sent(
    alpha: City, make: Maker, inside: Inside, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    made = make(alpha)
    whole_job(made, inside)
    with inside(alpha):
        question = Question.objects.get()
        moderating.hide(by=made.moderator.actor, question=question, reason="Помилка")
    run_jobs()
    with inside(alpha):
        sent = Counter(Notice.objects.filter(sent_at=None).values_list("kind", flat=True))
        done = Notice.objects.filter(sent_at=None, dropped_at=None)
        assert not done.exists()
    # Confirmed, routed and published since: those letters would say what is no longer so.
    assert {"confirm", "routed", "published", "rejected"} <= set(sent)


def test_a_letter_about_a_deleted_question_is_dropped(
    alpha: City, make: Maker, inside: Inside, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    make(alpha).asker()
    with inside(alpha), clock.frozen(clock.now() + timedelta(days=8)):
        asking.purge_unconfirmed()
    run_jobs()
    assert outbox == []


def test_a_rolled_back_action_mails_nobody(
    alpha: City, make: Maker, inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = make(alpha).question("in_moderation")
    by = make(alpha).moderator.actor
    before = (jobs(), question.state)

    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(queue, "defer", fail)
    with inside(alpha):
        with pytest.raises(RuntimeError):
            moderating.publish(by=by, question=question, public=Make.public(question))
        assert (jobs(), Question.objects.get().state) == before


NASTY = "Тема\r\nBcc: thief@example.org\r\n\r\nhello"
INJECTIONS: dict[str, Callable[[Make], Any]] = {
    "name": lambda made: made.question("published", name=NASTY),
    "text": lambda made: made.question("published", text=NASTY),
    "place": lambda made: made.question("published", place=NASTY[:60]),
    "unit": lambda made: made.routing(unit=made.unit(name=NASTY)),
}


@pytest.mark.parametrize("where", INJECTIONS)
def test_no_text_becomes_a_header(
    alpha: City, make: Maker, run_jobs: RunJobs, outbox: list[Any], where: str
) -> None:
    INJECTIONS[where](make(alpha))
    run_jobs()
    assert outbox
    for message in outbox:
        raw = message.message()
        assert raw["Bcc"] is None
        assert message.recipients() == message.to
        assert "thief" not in "".join(raw.values())


def test_a_name_of_a_city_or_address_with_a_line_break_is_refused_not_sent(
    alpha: City, make: Maker, inside: Inside
) -> None:
    make(alpha).asker(email="odarka@example.org\nBcc: thief@example.org")
    with inside(alpha), pytest.raises(ValueError, match=r"newline|Header"):
        outgoing.deliver(Notice, Notice.objects.get().pk)


def test_html_in_a_text_is_shown_not_run(
    alpha: City, make: Maker, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    make(alpha).question("published", text="<script>alert(1)</script> чому так? &amp;")
    run_jobs()
    for message in outbox:
        assert "<script>" not in message.alternatives[0].content
    assert any("<script>alert(1)</script>" in message.body for message in outbox)


def test_links_are_of_the_recipients_city_whatever_the_host_header(
    alpha: City, beta: City, make: Maker, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    for city in (alpha, beta):
        make(city).asker(email=f"{city.slug}@example.org")
    run_jobs()
    for message in outbox:
        slug = message.to[0].split("@")[0]
        hosts = set(re.findall(r"https?://([^/\s]+)", message.body))
        assert hosts == {f"{slug}.bezpechne.test:8000"}
