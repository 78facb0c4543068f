"""Notes, who has a question, two people on one item, letters that do not arrive, reminders."""

import smtplib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bezpechne.kernel import clock
from bezpechne.kernel.actors import SYSTEM
from bezpechne.kernel.mail import outbox as outgoing
from community.answers.actions import answering
from community.answers.models import Answer
from community.desk.actions import reminders, working
from community.desk.models import Assignment, Note, Presence, Reminders
from community.notices import sending
from community.notices.models import Notice, permanent_refusal, without_address
from community.questions.models import Question
from tenants.models import City
from tests.factories import WORDS, Inside, Make, Maker, RunJobs

SECRET = "Дзвонила мешканці, вона плаче"


def signed_in(made: Make, client_of: Any, inside: Inside, who: str = "moderator") -> Client:
    client: Client = client_of(made.city)
    person = getattr(made, who)
    with inside(made.city):
        client.force_login(person)
    return client


# --- notes ----------------------------------------------------------------------------------------


def test_a_note_is_for_the_desk_alone(
    alpha: City, make: Maker, inside: Inside, client_of: Any, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    made = make(alpha)
    routing = made.routing()
    desk = signed_in(made, client_of, inside)
    sent = {"note-text": SECRET, "note-submit_key": uuid4()}
    for _ in range(2):
        desk.post(f"/desk/q/{routing.question_id}/note/", sent)
    with inside(alpha):
        assert Note.objects.get().author_id == made.moderator.pk
        question = Question.objects.get(pk=routing.question_id)
        answer = made.submitted(routing)
        answering.publish(by=made.moderator.actor, answer=answer, words=WORDS)
    assert SECRET in desk.get(f"/desk/q/{question.pk}/").content.decode()
    run_jobs()
    stranger = client_of(alpha)
    for path in (
        f"/q/{question.pk}/",
        f"/follow/{made.follow_token(question)}/",
        f"/unit/{made.unit_token(routing)}/",
    ):
        assert SECRET not in stranger.get(path).content.decode()
    assert all(SECRET not in message.body for message in outbox)


def test_assignment_tells_a_colleague_and_not_oneself(
    alpha: City, make: Maker, inside: Inside, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    made = make(alpha)
    question, by, boss = made.question(), made.moderator.actor, made.administrator
    run_jobs()
    outbox.clear()
    with inside(alpha):
        assert working.assign(by=by, question=question, person=made.moderator)
        assert not working.assign(by=by, question=question, person=made.moderator)
        assert working.assign(by=by, question=question, person=boss)
    run_jobs()
    [letter] = outbox
    assert letter.to == [boss.email]
    assert question.text not in letter.body
    assert question.asker.name not in letter.body
    with inside(alpha):
        assert working.assign(by=by, question=question, person=None)
        assert not Assignment.objects.exists()
        gone = made.user(is_active=False)
        with pytest.raises(ValueError, match=r"\w"):
            working.assign(by=by, question=question, person=gone)
        with pytest.raises(PermissionDenied):
            working.assign(by=SYSTEM, question=question, person=boss)


# --- two people on one item -----------------------------------------------------------------------


def test_two_people_see_each_other_until_a_page_is_closed(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    made = make(alpha)
    question, other = made.question(), made.question()
    one = signed_in(made, client_of, inside)
    two = signed_in(made, client_of, inside, "administrator")
    path = f"/desk/q/{question.pk}/presence/"
    assert made.moderator.name not in one.post(path).content.decode()
    assert made.moderator.name in two.post(path).content.decode()
    assert made.administrator.name in one.post(path).content.decode()
    later = clock.now() + timedelta(seconds=50)
    with clock.frozen(later):
        assert made.administrator.name not in one.post(path).content.decode()
        # Somewhere else now: what was left behind is gone.
        two.post(f"/desk/q/{other.pk}/presence/")
        with inside(alpha):
            rows = Presence.objects.filter(person=made.administrator)
            assert [row.question_id for row in rows] == [other.pk]
        with CaptureQueriesContext(connection) as queries:
            one.post(path)
    assert len(queries) <= 8


def public(question: Question, **more: Any) -> dict[str, Any]:
    return {
        "public-topic": question.topic.code,
        "public-text": question.text,
        "public-place": question.place,
        "public-lat": question.lat,
        "public-lon": question.lon,
        **more,
    }


def test_the_second_save_is_compared_and_not_lost(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    made = make(alpha)
    question = made.question("published")
    path = f"/desk/q/{question.pk}/edit/"
    one = signed_in(made, client_of, inside)
    two = signed_in(made, client_of, inside, "administrator")
    seen = one.get(f"/desk/q/{question.pk}/").context["forms"]["public"].initial["seen"]
    first = {"public-text": "Перша правка питання", "public-seen": seen}
    assert two.post(path, public(question, **first)).status_code == 302
    second = {"public-text": "Друга правка питання", "public-seen": seen}
    refused = one.post(path, public(question, **second))
    page = refused.content.decode()
    assert refused.status_code == 422
    assert page.count("Перша правка питання") >= 1
    assert page.count("Друга правка питання") >= 2
    with inside(alpha):
        assert Question.objects.get().public_text == "Перша правка питання"
    # Decided: the form that came back carries the newest version.
    fresh = refused.context["forms"]["public"]["seen"].value()
    assert fresh != seen
    again = one.post(path, public(question, **{**second, "public-seen": fresh}))
    assert again.status_code == 302
    with inside(alpha):
        assert Question.objects.get().public_text == "Друга правка питання"


def test_a_correction_is_compared_too(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    made = make(alpha)
    question = made.question("answered")
    with inside(alpha):
        answer = Answer.objects.get()
    path = f"/desk/q/{question.pk}/answer/{answer.pk}/correct/"
    one = signed_in(made, client_of, inside)
    seen = one.get(f"/desk/q/{question.pk}/").context["forms"]["correct"].initial["seen"]

    def sent(text: str) -> dict[str, str]:
        return {"correct-text": text, "correct-note": "Уточнено", "correct-seen": seen}

    assert one.post(path, sent("Перше уточнення відповіді")).status_code == 302
    refused = one.post(path, sent("Друге уточнення відповіді"))
    assert refused.status_code == 422
    assert "Перше уточнення" in refused.content.decode()
    with inside(alpha):
        assert Answer.objects.get().public_text == "Перше уточнення відповіді"


# --- letters --------------------------------------------------------------------------------------

REFUSAL = smtplib.SMTPRecipientsRefused(
    {"odarka@example.org": (550, b"5.1.1 <odarka@example.org>: user odarka unknown")}
)


def refuse(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def send(self: Any, messages: Any) -> int:
        raise error

    monkeypatch.setattr(EmailBackend, "send_messages", send)


def test_a_refused_address_waits_for_a_call_and_is_not_tried_for_hours(
    alpha: City, make: Maker, inside: Inside, client_of: Any, run_jobs: RunJobs, monkeypatch: Any
) -> None:
    made = make(alpha)
    question = made.question("clarification", email="odarka@example.org")
    with monkeypatch.context() as patch:
        refuse(patch, REFUSAL)
        run_jobs()
    desk = signed_in(made, client_of, inside)
    with inside(alpha):
        notice = Notice.objects.get(kind="clarification")
        assert notice.refused_at is not None
        assert "550 5.1.1" in notice.refusal
        assert "odarka" not in notice.refusal
    listed = desk.get("/desk/?tab=bouncing")
    assert [row.pk for row in listed.context["rows"]] == [question.pk]
    assert "5.1.1" in desk.get(f"/desk/q/{question.pk}/").content.decode()
    # The address was mended elsewhere: sent again, and off the list.
    with inside(alpha):
        assert sending.resend(by=made.moderator.actor, question=question, notice=notice)
        assert not sending.resend(by=made.moderator.actor, question=question, notice=notice)
    run_jobs()
    with inside(alpha):
        again = Notice.objects.filter(kind="clarification").latest("pk")
        assert (again.sent_at is not None, again.pk != notice.pk) == (True, True)
    desk.post(f"/desk/q/{question.pk}/letters/settle/")
    assert desk.get("/desk/?tab=bouncing").context["rows"] == []


@pytest.mark.parametrize(
    ("error", "permanent"),
    [
        (REFUSAL, True),
        (smtplib.SMTPRecipientsRefused({"a@b.c": (451, b"greylisted")}), False),
        (smtplib.SMTPDataError(552, b"mailbox full"), True),
        (smtplib.SMTPDataError(451, b"later"), False),
        (smtplib.SMTPServerDisconnected("gone"), False),
        (OSError(), False),
    ],
)
def test_only_a_refusal_for_good_ends_the_tries(error: Exception, permanent: bool) -> None:
    assert (permanent_refusal(error) is not None) is permanent


def test_a_servers_words_lose_every_address() -> None:
    words = without_address(
        "<Odarka@Example.org> no mailbox odarka here\nfor x@y.z", "odarka@example.org"
    )
    assert words == "<…> no mailbox … here for …"


def test_a_letter_of_another_question_is_not_sent_here(
    alpha: City, make: Maker, inside: Inside, client_of: Any, run_jobs: RunJobs
) -> None:
    made = make(alpha)
    question, other = made.question(), made.question()
    run_jobs()
    with inside(alpha):
        letter = Notice.objects.get(kind="received", question_id=other.pk)
    desk = signed_in(made, client_of, inside)
    assert desk.post(f"/desk/q/{question.pk}/letters/{letter.pk}/").status_code == 404


# --- reminders ------------------------------------------------------------------------------------

WEDNESDAY = datetime(2026, 11, 25, 7, 10, tzinfo=UTC)  # 9:10 in Kyiv
SATURDAY = WEDNESDAY + timedelta(days=3)


def daily(made: Make, **values: Any) -> None:
    person = made.moderator
    values = {"at_once": False, "daily": True, "hour": 9, "working_days": True, **values}
    reminders.choose(by=person.actor, person=person, values=values)


def digests(outbox: list[Any], person: str = "moderator@example.org") -> list[Any]:
    return [message for message in outbox if message.to == [person]]


def test_a_digest_comes_once_a_day_at_its_hour_and_only_when_something_waits(
    alpha: City, make: Maker, inside: Inside, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    made = make(alpha)
    with inside(alpha):
        daily(made)
        with clock.frozen(WEDNESDAY - timedelta(hours=1)):
            assert reminders.send_digests() == 0
        with clock.frozen(WEDNESDAY):
            assert reminders.send_digests() == 1
            assert reminders.send_digests() == 0
    with clock.frozen(WEDNESDAY):
        run_jobs()
    assert digests(outbox) == []
    question = made.question()
    with inside(alpha):
        with clock.frozen(SATURDAY):
            assert reminders.send_digests() == 0
        # The worker was down the whole morning.
        late = WEDNESDAY + timedelta(days=1, hours=5)
        with clock.frozen(late):
            assert reminders.send_digests() == 1
            assert reminders.send_digests() == 0
    with clock.frozen(late):
        run_jobs()
    [letter] = digests(outbox)
    assert "/desk/me/notifications/" in letter.body
    assert question.text not in letter.body


def test_an_urgent_question_is_told_at_once_to_those_who_asked(
    alpha: City, beta: City, make: Maker, inside: Inside, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    made = make(alpha)
    with inside(alpha):
        daily(made, daily=False, at_once=True)
    with inside(beta):
        daily(make(beta), daily=False, at_once=True)
    made.question()
    run_jobs()
    assert digests(outbox) == []
    question = made.question(happening_now=True)
    run_jobs()
    [letter] = digests(outbox)
    assert f"/desk/q/{question.pk}/" in letter.body
    assert "poltava" in letter.body
    assert question.text not in letter.body


def test_a_closed_account_gets_nothing(
    alpha: City, make: Maker, inside: Inside, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    made = make(alpha)
    with inside(alpha):
        daily(made, at_once=True)
        person = made.moderator
        person.is_active = False
        person.save()
        with clock.frozen(WEDNESDAY):
            assert reminders.send_digests() == 0


def test_everybody_chooses_for_oneself(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    made = make(alpha)
    desk = signed_in(made, client_of, inside)
    path = "/desk/me/notifications/"
    assert desk.post(path, {"daily": "on", "hour": "25"}).status_code == 422
    assert desk.post(path, {"daily": "on", "hour": "8"}).status_code == 302
    with inside(alpha):
        row = Reminders.objects.get()
        assert (row.person_id, row.hour, row.daily, row.at_once, row.working_days) == (
            made.moderator.pk,
            8,
            True,
            False,
            False,
        )


def test_letters_to_the_desk_are_written_in_the_language_of_the_reader(
    alpha: City, make: Maker, inside: Inside, outbox: list[Any]
) -> None:
    made = make(alpha)
    question = made.question(happening_now=True)
    english = made.user("moderator", "en@example.org", language="en")
    with inside(alpha):
        working.assign(by=made.moderator.actor, question=question, person=english)
        outgoing.deliver(Notice, Notice.objects.get(kind="assigned").pk)
    [letter] = outbox
    assert letter.subject == f"Question № {question.pk} is yours"
    assert "/en/desk/q/" in letter.body
