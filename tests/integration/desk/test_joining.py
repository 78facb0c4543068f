"""A question that says the same: joined, followed, separated; no cycle, no chain, no lost resident."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation

from bezpechne.kernel.actors import SYSTEM
from community.answers.actions import answering
from community.answers.actions import joining as joining_of_answers
from community.answers.models import Answer
from community.answers.states import RoutingState
from community.desk.similar import similar_to
from community.notices.models import Notice
from community.questions import links
from community.questions.actions import joining, moderating
from community.questions.models import Follower, Question
from community.questions.queries import tallies
from community.questions.states import QuestionState, StateChangeRefused
from tenants.models import City
from tests.factories import WORDS, Inside, Make, Maker, RunJobs


def join(made: Make, question: Question, other: Question) -> Question:
    return joining_of_answers.join(by=made.moderator.actor, question=question, other=other)


def test_the_resident_is_told_and_hears_the_answer(
    alpha: City, make: Maker, inside: Inside, run_jobs: RunJobs, outbox: list[Any], client_of: Any
) -> None:
    made = make(alpha)
    root = made.question("published", email="first@example.org")
    double = made.question(email="second@example.org", text="Чому тут досі темно ввечері?")
    run_jobs()
    outbox.clear()
    with inside(alpha):
        join(made, double, root)
        token = links.follow_token(double.asker)
    run_jobs()
    [letter] = outbox
    assert letter.to == ["second@example.org"]
    assert f"№ {root.pk}" in letter.body or f"№ {root.pk}" in letter.body
    page = client_of(alpha).get(f"/en/follow/{token}/").content.decode()
    assert f"Joined to question № {root.pk}" in page
    assert f"/q/{root.pk}/" in page
    outbox.clear()
    made.answer(root, publish=True)
    run_jobs()
    assert {message.to[0] for message in outbox} == {"first@example.org", "second@example.org"}
    told = next(message for message in outbox if message.to == ["second@example.org"])
    assert "first@example.org" not in told.body
    with inside(alpha):
        stop = links.follower_token(double)
    assert f"/follow/stop/{stop}/" in told.body


def test_whoever_wants_no_more_letters_gets_none(
    alpha: City, make: Maker, inside: Inside, run_jobs: RunJobs, outbox: list[Any], client_of: Any
) -> None:
    made = make(alpha)
    root, client = made.question("published"), client_of(alpha)
    double = made.joined(root)
    with inside(alpha):
        stop = links.follower_token(double)
    # A program that reads mail opens the link; only a person presses the button.
    client.get(f"/follow/stop/{stop}/")
    with inside(alpha):
        assert Follower.objects.get().left_at is None
    client.post(f"/follow/stop/{stop}/")
    assert client.post(f"/follow/stop/{stop}/").status_code == 302
    run_jobs()
    outbox.clear()
    made.answer(root, publish=True)
    run_jobs()
    assert double.asker.email not in {message.to[0] for message in outbox}


def test_followers_hear_of_a_correction_once_each_and_of_no_other_address(
    alpha: City, make: Maker, inside: Inside, run_jobs: RunJobs, outbox: list[Any], client_of: Any
) -> None:
    made = make(alpha)
    root = made.question("published", email="first@example.org")
    with inside(alpha):
        doubles = {
            name: made.question(email=f"{name}@example.org", text=f"Чому темно? {name}")
            for name in ("second", "third", "left")
        }
        for double in doubles.values():
            join(made, double, root)
        stop = links.follower_token(doubles["left"])
        own = links.follower_token(doubles["second"])
    client_of(alpha).post(f"/follow/stop/{stop}/")
    stranger = made.question("answered", email="stranger@example.org")
    made.answer(root, publish=True)
    run_jobs()
    outbox.clear()
    with inside(alpha):
        answer = Answer.objects.get(question=root)
        answering.correct(
            by=made.moderator.actor, answer=answer, words=WORDS, note="Уточнено строк робіт"
        )
    run_jobs()
    run_jobs()
    told = {message.to[0]: message for message in outbox}
    assert len(told) == len(outbox)
    assert set(told) == {f"{name}@example.org" for name in ("first", "second", "third")}
    letter = told["second@example.org"]
    assert f"№ {root.pk}" in letter.subject
    assert "Уточнено строк робіт" in letter.body
    assert f"/follow/stop/{own}/" in letter.body
    for stranger_to_it in ("first@", "third@", doubles["third"].text, stranger.text):
        assert stranger_to_it not in letter.body


def test_a_correction_of_what_is_hidden_since_tells_no_follower(
    alpha: City, make: Maker, inside: Inside, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    made = make(alpha)
    root = made.question("published")
    double, by = made.joined(root), made.moderator.actor
    made.answer(root, publish=True)
    run_jobs()
    outbox.clear()
    with inside(alpha):
        answering.correct(by=by, answer=Answer.objects.get(), words=WORDS, note="Уточнено")
        moderating.hide(by=by, question=Question.objects.get(pk=root.pk), reason="Помилка")
    run_jobs()
    assert double.asker.email not in {message.to[0] for message in outbox}


def test_the_unit_is_told_and_its_link_dies(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    made = make(alpha)
    routing, root = made.routing(), made.question("published")
    made.submitted(routing)
    token = made.unit_token(routing)
    with inside(alpha):
        join(made, Question.objects.get(pk=routing.question_id), root)
        routing.refresh_from_db()
        assert routing.state == RoutingState.WITHDRAWN
        assert Notice.objects.filter(kind="routing_withdrawn").count() == 1
        assert Answer.objects.get().state == "withdrawn"
    assert client_of(alpha).get(f"/unit/{token}/").status_code in {404, 410}


def test_a_double_of_a_double_goes_to_the_root_and_followers_go_along(
    alpha: City, make: Maker, inside: Inside
) -> None:
    made = make(alpha)
    root, middle, last = (made.question("published") for _ in range(3))
    with inside(alpha):
        join(made, middle, root)
        # By the number of the one that is joined already.
        assert (
            join(made, last, Question.objects.select_related("duplicate_of").get(pk=middle.pk))
            == root
        )
        other = made.question("published")
        # The root itself says the same as another: everybody goes along.
    with inside(alpha):
        join(made, root, other)
        rows = Question.objects.filter(duplicate_of=other)
        assert {row.pk for row in rows} == {root.pk, middle.pk, last.pk}
        assert Follower.objects.filter(question=other).count() == 3
        # A cycle: the newest root joined to one of its own.
        with pytest.raises(StateChangeRefused):
            join(made, other, Question.objects.select_related("duplicate_of").get(pk=root.pk))
        with pytest.raises(StateChangeRefused):
            join(made, other, other)


@pytest.mark.parametrize("state", ["rejected", "hidden", "withdrawn"])
def test_nothing_is_joined_to_what_is_closed(
    alpha: City, make: Maker, inside: Inside, state: str
) -> None:
    made = make(alpha)
    closed, question = made.question(state), made.question()
    with inside(alpha):
        with pytest.raises(StateChangeRefused):
            join(made, question, closed)
        assert Question.objects.get(pk=question.pk).state == QuestionState.IN_MODERATION
        assert not Follower.objects.exists()


@pytest.mark.parametrize("state", ["in_moderation", "published"])
def test_separated_it_is_what_it_was(alpha: City, make: Maker, inside: Inside, state: str) -> None:
    made = make(alpha)
    root, question = made.question("answered"), made.question(state)
    by = made.moderator.actor
    with inside(alpha):
        join(made, question, root)
        assert tallies()["duplicate"] == 1
        joining.separate(by=by, question=question)
        fresh = Question.objects.get(pk=question.pk)
        assert (fresh.state, fresh.duplicate_of) == (state, None)
        assert not Follower.objects.exists()
        assert tallies()["duplicate"] == 0
        with pytest.raises(StateChangeRefused):
            joining.separate(by=by, question=question)
        with pytest.raises(PermissionDenied):
            join_by_system(question, root)


def join_by_system(question: Question, root: Question) -> None:
    joining_of_answers.join(by=SYSTEM, question=question, other=root)


def test_by_its_number_on_the_page(
    alpha: City, beta: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    made = make(alpha)
    root, question = made.question("published"), made.question()
    foreign = make(beta).question("published")
    client = client_of(alpha)
    person = made.moderator
    with inside(alpha):
        client.force_login(person)
    for text in ("", "abc", "9" * 18, "№ -1", str(foreign.pk), str(question.pk)):
        refused = client.post(f"/desk/q/{question.pk}/join/", {"join-number": text})
        assert refused.status_code == 422, text
    done = client.post(f"/desk/q/{question.pk}/join/", {"join-number": f"№ {root.pk}"})
    assert done.status_code == 302
    with inside(alpha):
        assert Question.objects.get(pk=question.pk).duplicate_of_id == root.pk
    with translation.override("en"):
        page = client.get(f"/en/desk/q/{question.pk}/").content.decode()
    assert f"/desk/q/{root.pk}/" in page


def test_similar_ones_are_offered(alpha: City, make: Maker, inside: Inside) -> None:
    made = make(alpha)
    text = "Чому біля ринку на Соборності щодня стоять машини на тротуарі?"
    near = made.question("published", text=text)
    waiting = made.question(text="Машини стоять на тротуарі біля ринку, коли приберуть?")
    made.question("published", text="Хто годує собак у парку?", topic="parking")
    question = made.question(text="Знову машини на тротуарі біля ринку, чому?")
    with inside(alpha):
        assert {row.question.pk for row in similar_to(question)} == {waiting.pk, near.pk}
        assert all(row.near for row in similar_to(question))


def test_an_answer_that_waited_is_not_published_for_a_joined_question(
    alpha: City, make: Maker, inside: Inside
) -> None:
    made = make(alpha)
    answer = made.submitted()
    root = made.question("published")
    with inside(alpha):
        join(made, answer.question, root)
        with pytest.raises(StateChangeRefused):
            answering.publish(by=made.moderator.actor, answer=answer, words=WORDS)
