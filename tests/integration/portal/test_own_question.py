"""The resident's private page: withdrawing, another address, language, thank-you, reopening."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied

from bezpechne.kernel import clock, metering
from bezpechne.kernel.audit.models import history_of
from community.answers.actions import answering, rating, routing
from community.answers.models import Answer, Rating, Routing
from community.answers.states import AnswerState, RoutingState
from community.desk import queries as desk
from community.notices.models import Notice
from community.portal.following import WAIT_MEDIAN, usual_days
from community.questions import links
from community.questions.actions import addresses, asking, withdrawing
from community.questions.models import Asker, Photo, Question
from community.questions.queries import counts, tallies
from community.questions.states import QuestionState, StateChangeRefused
from tenants.current import enter_city
from tenants.models import City
from tests.factories import WORDS, Inside, Make, Maker, RunJobs


@pytest.fixture
def made(alpha: City, make: Maker, inside: Inside) -> Any:
    """Poltava, in force for the test."""
    with inside(alpha):
        yield make(alpha)


@pytest.fixture
def client_of(alpha: City, client_of: Any) -> Any:
    """Requests leave the city behind; the test goes on in Poltava."""

    def make(city: City) -> Any:
        client = client_of(city)

        class Staying:
            def get(self, *given: Any) -> Any:
                return self._sent(client.get(*given))

            def post(self, *given: Any) -> Any:
                return self._sent(client.post(*given))

            def force_login(self, user: Any) -> None:
                client.force_login(user)

            def _sent(self, response: Any) -> Any:
                enter_city(alpha)
                return response

        return Staying()

    return make


@pytest.fixture
def run_jobs(alpha: City, run_jobs: RunJobs) -> RunJobs:
    """The same for jobs."""

    def run() -> int:
        done = run_jobs()
        enter_city(alpha)
        return done

    return run


def fresh(question: Question) -> Question:
    return Question.objects.select_related("asker", "topic").get(pk=question.pk)


def actions_of(question: Question) -> list[str]:
    return list(history_of(question).values_list("action", flat=True))


# --- Withdrawing ----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["in_moderation", "clarification", "published"])
def test_a_question_is_withdrawn_and_comes_back_to_the_moderator(made: Make, state: str) -> None:
    question = made.question(state)
    withdrawing.withdraw(question=question, reason="Вже прибрали")
    row = fresh(question)
    assert (row.state, row.is_public) == (QuestionState.WITHDRAWN, False)
    assert history_of(row).last().note == "Вже прибрали"  # type: ignore[union-attr] # there is one
    assert counts().asked == 0
    withdrawing.undo_withdrawal(question=question)
    assert fresh(question).state == QuestionState.IN_MODERATION
    assert {name: number for name, number in tallies().items() if number} == {"in_moderation": 1}


@pytest.mark.parametrize("state", ["rejected", "answered", "hidden", "withdrawn", "duplicate"])
def test_what_is_over_cannot_be_withdrawn(made: Make, state: str) -> None:
    question = made.question(state)
    with pytest.raises(StateChangeRefused):
        withdrawing.withdraw(question=question)
    assert fresh(question).state == state


def test_only_a_withdrawn_question_comes_back_and_only_for_a_week(made: Make) -> None:
    with pytest.raises(StateChangeRefused):
        withdrawing.undo_withdrawal(question=made.question("rejected"))
    question = made.question("withdrawn")
    late = clock.now() + timedelta(days=7, minutes=1)
    with clock.frozen(late), pytest.raises(StateChangeRefused, match="7"):
        withdrawing.undo_withdrawal(question=question)
    assert fresh(question).state == QuestionState.WITHDRAWN


def test_the_unit_is_told_and_its_link_and_answer_end(made: Make, run_jobs: RunJobs) -> None:
    row = made.routing()
    answer = made.submitted(row)
    run_jobs()
    mail.outbox.clear()
    withdrawing.withdraw(question=row.question)
    row.refresh_from_db()
    answer.refresh_from_db()
    assert row.state == RoutingState.WITHDRAWN
    assert answer.state == AnswerState.WITHDRAWN
    assert not Routing.objects.filter(pk=row.pk, state__in=["sent", "accepted"]).exists()
    run_jobs()
    [letter] = mail.outbox
    assert letter.to == ["patrol@example.org"]
    assert "Мешканець відкликав" in letter.body or "withdrew" in letter.body
    with pytest.raises(StateChangeRefused):
        routing.accept(routing=row)


def test_an_answer_that_the_desk_wrote_down_is_set_aside(made: Make) -> None:
    question = made.question("published")
    answer = made.answer(question)
    withdrawing.withdraw(question=question)
    answer.refresh_from_db()
    assert answer.state == AnswerState.WITHDRAWN


def test_an_unconfirmed_question_is_deleted_at_once(
    made: Make, alpha: City, client_of: Any, django_capture_on_commit_callbacks: Any
) -> None:
    question = made.question("unconfirmed", photos=1)
    token = links.pending_token(question.asker)
    with django_capture_on_commit_callbacks(execute=True):
        page = client_of(alpha).post(f"/ask/sent/{token}/discard/")
    assert page.status_code == 302
    assert not Question.objects.exists()
    assert not Asker.objects.exists()
    assert not Photo.objects.exists()
    assert tallies().get("unconfirmed", 0) == 0
    assert client_of(alpha).post(f"/ask/sent/{token}/discard/").status_code == 404


def test_a_confirmed_question_is_not_deleted_by_an_old_page(
    made: Make, alpha: City, client_of: Any
) -> None:
    question = made.question("published")
    client_of(alpha).post(f"/ask/sent/{links.pending_token(question.asker)}/discard/")
    assert fresh(question).state == QuestionState.PUBLISHED


def test_withdrawing_on_the_page_and_twice(made: Make, alpha: City, client_of: Any) -> None:
    question = made.question("published")
    client, path = client_of(alpha), f"/follow/{made.follow_token(question)}/"
    assert client.post(f"{path}withdraw/", {"withdraw-reason": "\x00дякую"}).status_code in {
        302,
        422,
    }
    assert client.post(f"{path}withdraw/", {"withdraw-reason": ""}).status_code in {302, 422}
    assert client.post(f"{path}withdraw/").status_code == 422
    assert client.get(f"/q/{question.pk}/").status_code == 404
    assert "undo/" in client.get(path).text
    assert client.post(f"{path}undo/").status_code == 302
    assert client.post(f"{path}undo/").status_code == 422


# --- Another address ------------------------------------------------------------------------------


def code_in(letter: Any) -> str:
    found = re.search(r"\b(\d{6})\b", letter.body)
    assert found, letter.body
    return found[1]


def test_letters_move_once_the_code_of_the_new_mailbox_is_typed(
    made: Make, alpha: City, client_of: Any, run_jobs: RunJobs
) -> None:
    question = made.question("published", email="old@example.org")
    token = made.follow_token(question)
    client, path = client_of(alpha), f"/follow/{token}/"
    run_jobs()
    mail.outbox.clear()
    assert client.post(f"{path}address/", {"address-email": "New@Example.org"}).status_code == 302
    run_jobs()
    [letter] = mail.outbox
    assert letter.to == ["new@example.org"]
    assert token not in letter.message().as_string()
    assert fresh(question).asker.email == "old@example.org"

    assert client.post(f"{path}address/code/", {"code-code": "000000"}).status_code == 422
    mail.outbox.clear()
    answer = client.post(f"{path}address/code/", {"code-code": code_in(letter)})
    assert answer.status_code == 302
    asker = fresh(question).asker
    assert (asker.email, asker.former_email, asker.new_email) == (
        "new@example.org",
        "old@example.org",
        "",
    )
    run_jobs()
    assert [sent.to for sent in mail.outbox] == [["old@example.org"]]
    assert "new@example.org" not in mail.outbox[0].body
    mail.outbox.clear()
    made.answer(question, publish=True)
    run_jobs()
    assert [sent.to for sent in mail.outbox] == [["new@example.org"]]


def test_a_code_works_once_for_a_day_for_the_newest_address_ten_times(made: Make) -> None:
    asker = made.question("published").asker
    addresses.ask_new_address(asker=asker, email="one@example.org", visitor="v")
    asker.refresh_from_db()
    first = links.new_address_code(asker)
    addresses.ask_new_address(asker=asker, email="two@example.org", visitor="v")
    asker.refresh_from_db()
    newest = links.new_address_code(asker)
    assert first != newest
    with pytest.raises(asking.AskRefused):
        addresses.confirm_new_address(asker=asker, code=first)
    with clock.frozen(clock.now() + timedelta(hours=25)), pytest.raises(asking.AskRefused):
        addresses.confirm_new_address(asker=asker, code=newest)
    addresses.confirm_new_address(asker=asker, code=newest)
    with pytest.raises(asking.AskRefused):
        addresses.confirm_new_address(asker=asker, code=newest)

    addresses.ask_new_address(asker=asker, email="three@example.org", visitor="v")
    asker.refresh_from_db()
    for _ in range(asking.CODE_ATTEMPTS):
        with pytest.raises(asking.AskRefused):
            addresses.confirm_new_address(asker=asker, code="nonsense")
    with pytest.raises(asking.AskRefused):
        addresses.confirm_new_address(asker=asker, code=links.new_address_code(asker))
    asker.refresh_from_db()
    assert asker.email == "two@example.org"


def test_the_same_address_and_too_many_are_refused(made: Make) -> None:
    asker = made.question("published").asker
    with pytest.raises(asking.AskRefused):
        addresses.ask_new_address(asker=asker, email=asker.email, visitor="v")
    for number in range(addresses.REQUESTS_A_DAY):
        addresses.ask_new_address(asker=asker, email=f"{number}@example.org", visitor="v")
    with pytest.raises(asking.AskRefused):
        addresses.ask_new_address(asker=asker, email="last@example.org", visitor="v")


def test_the_old_address_is_forgotten_after_a_week(made: Make) -> None:
    asker = made.question("published").asker
    addresses.ask_new_address(asker=asker, email="one@example.org", visitor="v")
    asker.refresh_from_db()
    addresses.confirm_new_address(asker=asker, code=links.new_address_code(asker))
    addresses.forget_former_addresses()
    asker.refresh_from_db()
    assert asker.former_email
    with clock.frozen(clock.now() + timedelta(days=7, minutes=1)):
        addresses.forget_former_addresses()
    asker.refresh_from_db()
    assert (asker.former_email, asker.email) == ("", "one@example.org")


def test_addresses_are_in_no_history(made: Make) -> None:
    question = made.question("published", email="old@example.org")
    asker = question.asker
    addresses.ask_new_address(asker=asker, email="new@example.org", visitor="v")
    asker.refresh_from_db()
    addresses.confirm_new_address(asker=asker, code=links.new_address_code(asker))
    told = [f"{row.old}{row.new}{row.note}" for row in history_of(question)]
    assert "@" not in "".join(told)


def test_letters_come_in_the_language_that_was_chosen(
    made: Make, alpha: City, client_of: Any
) -> None:
    question = made.question("published")
    path = f"/follow/{made.follow_token(question)}/language/"
    assert client_of(alpha).post(path, {"language-language": "de"}).status_code == 422
    assert client_of(alpha).post(path, {"language-language": "en"}).status_code == 302
    made.answer(question, publish=True)
    assert Notice.objects.get(kind="answered").language == "en"


# --- Thank-you and reopening ----------------------------------------------------------------------


def test_a_get_rates_nothing_and_a_post_may_be_changed(
    made: Make, alpha: City, client_of: Any
) -> None:
    question = made.question("answered")
    client, path = client_of(alpha), f"/follow/{made.follow_token(question)}/"
    assert client.get(f"{path}helped/").status_code == 405
    assert client.post(f"{path}helped/", {"helped": "maybe"}).status_code == 422
    assert not Rating.objects.exists()
    for value, helped in (("yes", True), ("yes", True), ("no", False)):
        assert client.post(f"{path}helped/", {"helped": value}).status_code == 302
        assert Rating.objects.get().helped is helped
    assert actions_of(question).count("rated") == 2


def test_there_is_nothing_to_rate_before_an_answer(made: Make, alpha: City, client_of: Any) -> None:
    question = made.question("published")
    path = f"/follow/{made.follow_token(question)}/helped/"
    assert client_of(alpha).post(path, {"helped": "yes"}).status_code == 422


def test_the_comment_is_for_the_desk_and_never_public(
    made: Make, alpha: City, client_of: Any
) -> None:
    question = made.unhelped()
    client, path = client_of(alpha), f"/follow/{made.follow_token(question)}/"
    secret = "Телефонуйте Одарці ввечері"
    assert client.post(f"{path}comment/", {"comment-text": secret}).status_code == 302
    assert secret in client.get(path).text
    assert secret not in client.get(f"/q/{question.pk}/").text
    client.force_login(made.moderator)
    assert secret in client.get(f"/desk/q/{question.pk}/").text


def test_reopening_is_asked_once_and_the_desk_may_take_the_answer_back(
    made: Make, alpha: City, client_of: Any
) -> None:
    row = made.routing()
    answer = made.submitted(row)
    by = made.moderator.actor
    answering.publish(by=by, answer=answer, words=WORDS)
    question = fresh(row.question)
    with pytest.raises(StateChangeRefused):
        rating.ask_reopening(question=question, reason="Немає жодного терміну.")
    rating.rate(question=question, helped=False)
    rating.ask_reopening(question=question, reason="Немає жодного терміну.")
    assert [found.pk for found in desk.queue("reopening")] == [question.pk]
    assert desk.tab_counts(tallies())["reopening"] == 1
    assert fresh(question).state == QuestionState.ANSWERED, "the desk decides"

    answering.take_back(by=by, answer=answer, reason="Додайте термін")
    assert fresh(question).state == QuestionState.PUBLISHED
    assert not desk.queue("reopening").exists()
    row.refresh_from_db()
    assert row.state == RoutingState.ACCEPTED
    # The former answer stays with the resident, and a second one is marked anew.
    page = client_of(alpha).get(f"/follow/{made.follow_token(question)}/").text
    assert WORDS.text in page
    second = answering.submit(routing=row, words=WORDS)
    answering.publish(by=by, answer=second, words=WORDS)
    rating.rate(question=question, helped=False)
    with pytest.raises(StateChangeRefused):
        rating.ask_reopening(question=question, reason="І знову без терміну.")


def test_the_desk_may_keep_the_answer_and_says_why(made: Make, run_jobs: RunJobs) -> None:
    question = made.unhelped()
    by = made.moderator.actor
    with pytest.raises(StateChangeRefused):
        rating.keep_answer(by=by, question=question, reason="Ніхто не просив")
    rating.ask_reopening(question=question, reason="Немає жодного терміну.")
    with pytest.raises(PermissionDenied):
        rating.keep_answer(by=asking.resident(question), question=question, reason="Сам")
    run_jobs()
    mail.outbox.clear()
    rating.keep_answer(by=by, question=question, reason="Термін у другому абзаці.")
    assert not desk.queue("reopening").exists()
    run_jobs()
    [letter] = mail.outbox
    assert "Термін у другому абзаці." in letter.body
    with pytest.raises(StateChangeRefused):
        rating.ask_reopening(question=question, reason="Немає жодного терміну.")


# --- The page -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "state",
    [
        "in_moderation",
        "clarification",
        "rejected",
        "published",
        "answered",
        "hidden",
        "withdrawn",
        "duplicate",
    ],
)
def test_the_page_is_whole_in_every_state(
    made: Make, alpha: City, client_of: Any, state: str
) -> None:
    question = made.question(state, photos=1)
    for language in ("", "/en"):
        page = client_of(alpha).get(f"{language}/follow/{made.follow_token(question)}/")
        assert page.status_code == 200
        assert ("/withdraw/" in page.text) == (
            state in {"in_moderation", "clarification", "published"}
        )


def test_how_long_it_usually_takes_is_this_citys_own_or_unknown(
    made: Make, beta: City, inside: Inside
) -> None:
    assert usual_days() is None
    first = clock.today().replace(day=1)
    metering.put_months({(first, WAIT_MEDIAN): 50})
    assert usual_days() == 3
    with inside(beta):
        assert usual_days() is None


ACTIONS = ("withdraw", "undo", "address", "address/code", "language", "helped", "comment", "reopen")


@pytest.mark.parametrize("action", ACTIONS)
def test_a_link_of_another_city_or_no_link_does_nothing(
    made: Make, alpha: City, beta: City, client_of: Any, action: str
) -> None:
    question = made.unhelped()
    token = made.follow_token(question)
    data = {
        "withdraw-reason": "x",
        "address-email": "thief@example.org",
        "language-language": "en",
        "helped": "yes",
        "comment-text": "Чуже",
        "reopen-reason": "Хочу прочитати чуже",
    }
    before = (fresh(question).language, Rating.objects.get().helped, actions_of(question))
    assert client_of(beta).post(f"/follow/{token}/{action}/", data).status_code == 404
    for other in ("x", links.pending_token(question.asker), token[:-1]):
        assert client_of(alpha).post(f"/follow/{other}/{action}/", data).status_code == 404
    after = (fresh(question).language, Rating.objects.get().helped, actions_of(question))
    assert after == before
    assert Answer.objects.filter(state=AnswerState.PUBLISHED).count() == 1
