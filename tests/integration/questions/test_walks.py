"""Random walks through the actions: whatever the order, the promises hold."""

import random
from collections.abc import Callable

import pytest

from bezpechne.kernel.audit.models import Entry
from community.answers.actions import answering, routing
from community.answers.models import Answer, Routing
from community.answers.states import OPEN, AnswerState
from community.questions.actions import asking, moderating, withdrawing
from community.questions.models import Question, Topic
from community.questions.queries import tallies
from community.questions.states import (
    ALLOWED,
    HAS_ANSWER,
    NEVER_PRIVATE,
    PUBLIC,
    WAITING,
    QuestionState,
    StateChangeRefused,
)
from tenants.models import City
from tests.factories import WORDS, Inside, Make, Maker

STEPS = 60


@pytest.mark.parametrize("topic", ["trade", "domestic"])
@pytest.mark.parametrize("seed", range(4))
def test_promises_hold_on_any_way(
    alpha: City, make: Maker, inside: Inside, seed: int, topic: str
) -> None:
    dice = random.Random(seed)  # noqa: S311 - a repeatable walk, no secret
    made = make(alpha)
    by = made.moderator.actor
    units = [made.unit("А", "a@example.org"), made.unit("Б", "b@example.org")]
    question = made.asker(topic=topic).question
    original = question.text

    def routed() -> Routing:
        return dice.choice(list(Routing.objects.all()) or [Routing(pk=0, question=question)])

    def answered() -> Answer:
        return dice.choice(list(Answer.objects.all()) or [Answer(pk=0, question=question)])

    def withdraw() -> None:
        # What was never confirmed would be gone.
        if Question.objects.get().confirmed_at:
            withdrawing.withdraw(question=question)

    ways: list[Callable[[], object]] = [
        lambda: asking.confirm(asker=question.asker),
        lambda: asking.reply(question=question, text="Тут"),
        lambda: moderating.publish(by=by, question=question, public=Make.public(question)),
        lambda: moderating.make_private(by=by, question=question, reason="Так"),
        lambda: moderating.set_topic(by=by, question=question, topic=dice.choice(topics)),
        withdraw,
        lambda: withdrawing.undo_withdrawal(question=question),
        lambda: moderating.edit(by=by, question=question, public=Make.public(question)),
        lambda: moderating.reject(by=by, question=question, reason="Ні"),
        lambda: moderating.reconsider(by=by, question=question),
        lambda: moderating.ask_back(by=by, question=question, text="Де?"),
        lambda: moderating.hide(by=by, question=question, reason="Помилка"),
        lambda: moderating.show_again(by=by, question=question),
        lambda: routing.route(by=by, question=question, unit=dice.choice(units)),
        lambda: routing.withdraw(by=by, routing=routed(), reason="Не туди"),
        lambda: routing.renew_link(by=by, routing=routed()),
        lambda: routing.mark_opened(routing=routed()),
        lambda: routing.accept(routing=routed()),
        lambda: routing.pass_back(routing=routed(), reason="Не наше"),
        lambda: answering.submit(routing=routed(), words=WORDS),
        lambda: answering.enter(
            by=by, question=question, unit=dice.choice(units), channel="phone", words=WORDS
        ),
        lambda: answering.publish(by=by, answer=answered(), words=WORDS),
        lambda: answering.correct(by=by, answer=answered(), words=WORDS, note="Уточнено"),
        lambda: answering.send_back(by=by, answer=answered(), reason="Коротко"),
        lambda: answering.take_back(by=by, answer=answered(), reason="Помилка"),
    ]
    with inside(alpha):
        topics = list(Topic.objects.filter(code__in=["trade", "domestic"]))
        for _ in range(STEPS):
            before = Question.objects.get()
            entries = Entry.objects.count()
            act = dice.choice(ways)
            try:
                act()
            except (StateChangeRefused, Routing.DoesNotExist, Answer.DoesNotExist):
                assert Question.objects.get().state == before.state
                assert Entry.objects.count() == entries
            after = Question.objects.get()
            assert after.text == original
            assert after.state == before.state or after.state in ALLOWED[before.state]
            if before.state == QuestionState.HIDDEN and after.is_public:
                last = Entry.objects.latest("id")
                assert last.action == "shown_again", last.action
            if after.state in HAS_ANSWER:
                assert Answer.objects.filter(state=AnswerState.PUBLISHED).count() == 1
            if after.state in WAITING:
                assert not Answer.objects.filter(state=AnswerState.PUBLISHED).exists()
            assert not (before.is_private and not after.is_private)
            if after.is_private:
                assert after.state not in NEVER_PRIVATE
                assert (after.public_text, after.published_at) == ("", None)
            if after.state not in PUBLIC:
                assert not after.is_public
            assert Routing.objects.filter(state__in=OPEN).count() <= 1
            counted = {state: number for state, number in tallies().items() if number}
            assert counted == {after.state: 1}
