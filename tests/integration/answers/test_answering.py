"""From the unit's words to the green pin, and back."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from bezpechne.kernel.audit.models import Entry, history_of
from community.answers import links
from community.answers.actions import answering
from community.answers.models import Answer, Letter, Routing
from community.answers.queries import answer_in_force, published_answer
from community.answers.states import AnswerState, Channel, RoutingState
from community.questions.actions import moderating
from community.questions.models import Question
from community.questions.states import QuestionState, StateChangeRefused
from tenants.models import City
from tests.factories import WORDS, Inside, Make, Maker, RunJobs

BETTER = answering.Words(text="Краща відповідь підрозділу.", competence="", next_step="")


def test_a_unit_corrects_its_answer_until_it_is_published(
    alpha: City, make: Maker, inside: Inside
) -> None:
    answer = make(alpha).submitted(scans=1)
    by = make(alpha).moderator.actor
    with inside(alpha):
        row = answer.routing
        assert row is not None
        again = answering.submit(routing=row, words=BETTER, scans=Make.scans(1))
        assert (again.pk, again.text, again.letters.count()) == (answer.pk, BETTER.text, 2)
        assert Routing.objects.get().state == RoutingState.ACCEPTED
        answering.publish(by=by, answer=again, words=WORDS)
        with pytest.raises(StateChangeRefused):
            answering.submit(routing=row, words=BETTER)
        found = Answer.objects.get()
        assert (found.text, found.public_text) == (BETTER.text, WORDS.text)
        actions = [entry.action for entry in history_of(row.question)]
        assert actions[-3:] == ["answer_submitted", "answer_changed", "answered"]


def test_publication_turns_the_pin_green_and_ends_the_link(
    alpha: City, make: Maker, inside: Inside, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    answer = make(alpha).submitted()
    by = make(alpha).moderator.actor
    run_jobs()
    outbox.clear()
    with inside(alpha):
        answering.publish(by=by, answer=answer, words=WORDS)
        question = Question.objects.select_related("asker").get()
        assert (question.state, question.pin) == (QuestionState.ANSWERED, "answered")
        assert question.answered_at is not None
        row = Routing.objects.get()
        assert (row.state, links.usable(row)) == (RoutingState.DONE, False)
    run_jobs()
    assert [message.to for message in outbox] == [[question.asker.email]]
    assert WORDS.text in outbox[0].body


@pytest.mark.parametrize("channel", [Channel.PHONE, Channel.PAPER])
def test_the_desk_writes_down_what_came_otherwise(
    alpha: City, make: Maker, inside: Inside, channel: str
) -> None:
    question, unit = make(alpha).question("published"), make(alpha).unit()
    by = make(alpha).moderator.actor
    with inside(alpha):
        answer = answering.enter(
            by=by,
            question=question,
            unit=unit,
            channel=channel,
            words=WORDS,
            scans=Make.scans(2),
        )
        assert (answer.channel, answer.unit, answer.letters.count()) == (channel, unit, 2)
        entry = history_of(question).last()
        assert entry is not None
        assert entry.new == {"unit": unit.pk, "channel": channel, "letters": 2}
        assert entry.actor_id == by.id


def test_the_desk_does_not_pretend_that_the_unit_used_its_link(
    alpha: City, make: Maker, inside: Inside
) -> None:
    question, unit = make(alpha).question("published"), make(alpha).unit()
    by = make(alpha).moderator.actor
    with inside(alpha), pytest.raises(ValueError, match="link"):
        answering.enter(by=by, question=question, unit=unit, channel="link", words=WORDS)


@pytest.mark.parametrize(
    "state", ["unconfirmed", "in_moderation", "clarification", "rejected", "answered", "hidden"]
)
def test_only_a_published_question_gets_an_answer(
    alpha: City, make: Maker, inside: Inside, state: str
) -> None:
    question, unit = make(alpha).question(state), make(alpha).unit()
    by = make(alpha).moderator.actor
    with inside(alpha):
        answers = Answer.objects.count()
        with pytest.raises(StateChangeRefused):
            answering.enter(by=by, question=question, unit=unit, channel="phone", words=WORDS)
        assert Answer.objects.count() == answers


@pytest.mark.parametrize("way", ["publish", "take_back"])
def test_a_hidden_question_stays_hidden_whatever_happens_to_its_answer(
    alpha: City, make: Maker, inside: Inside, way: str
) -> None:
    question = make(alpha).question("answered" if way == "take_back" else "published")
    if way == "publish":
        make(alpha).answer(question)
    by = make(alpha).moderator.actor
    with inside(alpha):
        moderating.hide(by=by, question=question, reason="Суд заборонив")
        with pytest.raises(StateChangeRefused):
            IN_STATES[way][0](by, Answer.objects.get())
        assert Question.objects.get().state == QuestionState.HIDDEN


def test_a_published_answer_is_corrected_in_sight_of_the_public(
    alpha: City, make: Maker, inside: Inside
) -> None:
    question = make(alpha).question("answered")
    by = make(alpha).moderator.actor
    with inside(alpha):
        answer = Answer.objects.get()
        answering.correct(by=by, answer=answer, words=BETTER, note="Уточнено адресу")
        answer.refresh_from_db()
        assert (answer.public_text, answer.text) == (BETTER.text, WORDS.text)
        assert answer.corrected_at is not None
        assert answer.correction_note == "Уточнено адресу"
        entry = history_of(question).last()
        assert entry is not None
        assert entry.old["text"] == WORDS.text
        assert entry.new["text"] == BETTER.text


def test_an_answer_sent_back_gives_the_unit_its_link(
    alpha: City, make: Maker, inside: Inside, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    answer = make(alpha).submitted()
    by = make(alpha).moderator.actor
    run_jobs()
    outbox.clear()
    with inside(alpha):
        row = answer.routing
        assert row is not None
        answering.send_back(by=by, answer=answer, reason="Немає терміну")
        assert answer_in_force(row.question) is None
        answering.submit(routing=row, words=BETTER)
        assert Answer.objects.filter(state=AnswerState.SUBMITTED).count() == 1
    run_jobs()
    message, receipt = outbox
    assert {*message.to, *receipt.to} == {"patrol@example.org"}
    assert BETTER.text in receipt.body
    assert "Немає терміну" in message.body
    assert make(alpha).unit_token(row) in message.body


def test_an_answer_taken_back_turns_the_pin_red(alpha: City, make: Maker, inside: Inside) -> None:
    question = make(alpha).question("answered")
    by = make(alpha).moderator.actor
    with inside(alpha):
        answering.take_back(by=by, answer=Answer.objects.get(), reason="Не той підрозділ")
        found = Question.objects.get()
        assert (found.state, found.answered_at) == (QuestionState.PUBLISHED, None)
        assert published_answer(question) is None
        entry = history_of(question).last()
        assert entry is not None
        assert (entry.action, entry.note) == ("answer_taken_back", "Не той підрозділ")


def test_an_answer_taken_back_gives_the_unit_its_link_again(
    alpha: City, make: Maker, inside: Inside
) -> None:
    answer = make(alpha).submitted()
    by = make(alpha).moderator.actor
    with inside(alpha):
        answering.publish(by=by, answer=answer, words=WORDS)
        answering.take_back(by=by, answer=answer, reason="Помилка")
        assert links.usable(Routing.objects.select_related("question").get())


def test_the_newer_answer_takes_the_place_of_the_unpublished_one(
    alpha: City, make: Maker, inside: Inside
) -> None:
    submitted = make(alpha).submitted()
    entered = make(alpha).answer(submitted.question)
    by = make(alpha).moderator.actor
    with inside(alpha):
        submitted.refresh_from_db()
        assert submitted.state == AnswerState.WITHDRAWN
        with pytest.raises(StateChangeRefused):
            answering.publish(by=by, answer=submitted, words=WORDS)
        answering.publish(by=by, answer=entered, words=WORDS)


def test_five_letters_are_enough(alpha: City, make: Maker, inside: Inside) -> None:
    answer = make(alpha).submitted(scans=4)
    with inside(alpha):
        assert answer.routing is not None
        with pytest.raises(StateChangeRefused):
            answering.submit(routing=answer.routing, words=BETTER, scans=Make.scans(2))
        assert Letter.objects.count() == 4
        assert Answer.objects.get().text == WORDS.text


IN_STATES: dict[str, tuple[Callable[[Any, Answer], object], str]] = {
    "publish": (lambda by, a: answering.publish(by=by, answer=a, words=WORDS), "submitted"),
    "send_back": (lambda by, a: answering.send_back(by=by, answer=a, reason="Ще"), "submitted"),
    "correct": (
        lambda by, a: answering.correct(by=by, answer=a, words=WORDS, note="Ще раз"),
        "published",
    ),
    "take_back": (lambda by, a: answering.take_back(by=by, answer=a, reason="Ні"), "published"),
}


@pytest.mark.parametrize("name", IN_STATES)
@pytest.mark.parametrize("state", AnswerState.values)
def test_an_action_on_an_answer_works_in_its_state_alone(
    alpha: City, make: Maker, inside: Inside, name: str, state: str
) -> None:
    act, needed = IN_STATES[name]
    answer = make(alpha).submitted()
    by = make(alpha).moderator.actor
    with inside(alpha):
        if state == "published":
            answering.publish(by=by, answer=answer, words=WORDS)
        if state == "withdrawn":
            answering.send_back(by=by, answer=answer, reason="Коротко")
        entries = Entry.objects.count()
        if state == needed:
            act(by, answer)
            assert Entry.objects.count() == entries + 1
        else:
            with pytest.raises(StateChangeRefused):
                act(by, answer)
            assert Entry.objects.count() == entries


@pytest.mark.parametrize("name", IN_STATES)
def test_a_unit_cannot_do_what_the_desk_does(
    alpha: City, make: Maker, inside: Inside, name: str
) -> None:
    act, needed = IN_STATES[name]
    answer = make(alpha).submitted()
    by = make(alpha).moderator.actor
    with inside(alpha):
        assert answer.routing is not None
        if needed == "published":
            answering.publish(by=by, answer=answer, words=WORDS)
        with pytest.raises(PermissionDenied):
            act(links.own_door(answer.routing).actor, answer)
        with pytest.raises(PermissionDenied):
            answering.enter(
                by=links.own_door(answer.routing).actor,
                question=answer.question,
                unit=answer.unit,
                channel="phone",
                words=WORDS,
            )
