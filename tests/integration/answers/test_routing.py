"""Sending a question to a unit and what the unit may do with its link."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from bezpechne.kernel import clock
from bezpechne.kernel.actors import ActorKind
from bezpechne.kernel.audit.models import Entry, history_of
from community.answers import links
from community.answers.actions import answering, routing
from community.answers.models import Answer, Routing, Unit
from community.answers.states import RoutingState
from community.questions.actions import moderating
from community.questions.states import StateChangeRefused
from tenants.models import City
from tests.factories import WORDS, Inside, Maker, RunJobs

BY_LINK: dict[str, Callable[[Routing], object]] = {
    "open": lambda row: routing.mark_opened(routing=row),
    "accept": lambda row: routing.accept(routing=row),
    "pass_back": lambda row: routing.pass_back(routing=row, reason="Не наше"),
    "submit": lambda row: answering.submit(routing=row, words=WORDS),
}


def fresh(row: Routing) -> Routing:
    return Routing.objects.select_related("question", "unit").get(pk=row.pk)


def test_a_routed_question_has_a_link_for_thirty_days(
    alpha: City, make: Maker, inside: Inside
) -> None:
    row = make(alpha).routing()
    with inside(alpha):
        found = links.routing_by(links.token(row))
        assert found == row
        assert links.usable(row)
        assert row.token_hash != links.token(row)
        with clock.frozen(clock.now() + timedelta(days=routing.LINK_DAYS, seconds=5)):
            assert not links.usable(fresh(row))


@pytest.mark.parametrize("text", ["", "x" * 32, "\x00", "' OR 1=1 --", "../" * 10])
def test_another_text_is_no_link(alpha: City, make: Maker, inside: Inside, text: str) -> None:
    row = make(alpha).routing()
    with inside(alpha):
        assert links.routing_by(text) is None
        assert links.routing_by(row.token_hash) is None


def killed_by_rerouting(by: Any, row: Routing, other: Unit) -> None:
    routing.route(by=by, question=row.question, unit=other)


def killed_by_withdrawal(by: Any, row: Routing, other: Unit) -> None:
    routing.withdraw(by=by, routing=row, reason="Помилково надіслано")


def killed_by_hiding(by: Any, row: Routing, other: Unit) -> None:
    moderating.hide(by=by, question=row.question, reason="Помилка")


def killed_by_an_answer_of_others(by: Any, row: Routing, other: Unit) -> None:
    answer = answering.enter(by=by, question=row.question, unit=other, channel="phone", words=WORDS)
    answering.publish(by=by, answer=answer, words=WORDS)


def killed_by_passing_back(by: Any, row: Routing, other: Unit) -> None:
    routing.pass_back(routing=row, reason="Не наша компетенція")


def killed_by_its_own_published_answer(by: Any, row: Routing, other: Unit) -> None:
    answer = answering.submit(routing=row, words=WORDS)
    answering.publish(by=by, answer=answer, words=WORDS)


@pytest.mark.parametrize("use", BY_LINK)
@pytest.mark.parametrize(
    "kill",
    [
        killed_by_rerouting,
        killed_by_withdrawal,
        killed_by_hiding,
        killed_by_an_answer_of_others,
        killed_by_passing_back,
        killed_by_its_own_published_answer,
    ],
)
def test_a_dead_link_does_nothing(
    alpha: City,
    make: Maker,
    inside: Inside,
    kill: Callable[[Any, Routing, Unit], None],
    use: str,
) -> None:
    row = make(alpha).routing()
    other = make(alpha).unit("Інший підрозділ", "other@example.org")
    by = make(alpha).moderator.actor
    with inside(alpha):
        kill(by, row, other)
        answers, entries = Answer.objects.count(), Entry.objects.count()
        for stale in (row, fresh(row)):
            with pytest.raises(StateChangeRefused):
                BY_LINK[use](stale)
        assert (Answer.objects.count(), Entry.objects.count()) == (answers, entries)


@pytest.mark.parametrize("use", BY_LINK)
def test_an_expired_link_does_nothing_until_it_is_renewed(
    alpha: City, make: Maker, inside: Inside, use: str
) -> None:
    row = make(alpha).routing()
    by = make(alpha).moderator.actor
    with inside(alpha), clock.frozen(clock.now() + timedelta(days=31)):
        with pytest.raises(StateChangeRefused):
            BY_LINK[use](row)
        old = links.token(row)
        routing.renew_link(by=by, routing=row)
        assert links.routing_by(old) is None
        BY_LINK[use](fresh(row))


def test_a_reroute_tells_both_units(
    alpha: City, make: Maker, inside: Inside, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    row = make(alpha).routing()
    other = make(alpha).unit("Інший підрозділ", "other@example.org")
    by = make(alpha).moderator.actor
    run_jobs()
    outbox.clear()
    with inside(alpha):
        routing.route(by=by, question=row.question, unit=other, note="Це ваше")
    run_jobs()
    assert sorted(message.to[0] for message in outbox) == [
        "other@example.org",
        "patrol@example.org",
    ]
    with inside(alpha):
        assert [entry.action for entry in history_of(row.question)][-3:] == [
            "routed",
            "routing_withdrawn",
            "routed",
        ]


def test_the_same_unit_is_not_sent_the_same_question_twice(
    alpha: City, make: Maker, inside: Inside
) -> None:
    row = make(alpha).routing()
    by = make(alpha).moderator.actor
    with inside(alpha):
        with pytest.raises(StateChangeRefused):
            routing.route(by=by, question=row.question, unit=row.unit)
        with clock.frozen(clock.now() + timedelta(days=31)):
            again = routing.route(by=by, question=row.question, unit=row.unit)
        assert again.pk != row.pk


@pytest.mark.parametrize(
    "state", ["unconfirmed", "in_moderation", "clarification", "rejected", "answered", "hidden"]
)
def test_only_a_published_question_is_routed(
    alpha: City, make: Maker, inside: Inside, state: str
) -> None:
    question, unit = make(alpha).question(state), make(alpha).unit()
    by = make(alpha).moderator.actor
    with inside(alpha), pytest.raises(StateChangeRefused):
        routing.route(by=by, question=question, unit=unit)


@pytest.mark.parametrize("fields", [{"email": ""}, {"is_active": False}])
def test_a_unit_that_cannot_be_written_to_is_not_chosen(
    alpha: City, make: Maker, inside: Inside, fields: dict[str, Any]
) -> None:
    question, unit = make(alpha).question("published"), make(alpha).unit()
    by = make(alpha).moderator.actor
    with inside(alpha):
        Unit.objects.filter(pk=unit.pk).update(**fields)
        unit.refresh_from_db()
        with pytest.raises(StateChangeRefused):
            routing.route(by=by, question=question, unit=unit)


def test_nobody_but_the_desk_routes(alpha: City, make: Maker, inside: Inside) -> None:
    row = make(alpha).routing()
    with inside(alpha):
        by = links.own_door(row).actor
        acts: list[Callable[[], object]] = [
            lambda: routing.route(by=by, question=row.question, unit=row.unit),
            lambda: routing.withdraw(by=by, routing=row, reason="Так треба"),
            lambda: routing.renew_link(by=by, routing=row),
        ]
        for act in acts:
            with pytest.raises(PermissionDenied):
                act()


def test_the_desk_sees_when_the_link_was_opened_and_accepted(
    alpha: City, make: Maker, inside: Inside
) -> None:
    row = make(alpha).routing()
    with inside(alpha):
        for _ in range(2):
            routing.mark_opened(routing=row)
        routing.accept(routing=row)
        seen = fresh(row)
        assert seen.state == RoutingState.ACCEPTED
        assert None not in {seen.opened_at, seen.accepted_at}
        entries = history_of(row.question).filter(actor_kind=ActorKind.UNIT)
        assert [(entry.action, entry.actor_id) for entry in entries] == [
            ("link_opened", row.pk),
            ("accepted", row.pk),
        ]


def test_a_question_passed_back_can_be_sent_to_another(
    alpha: City, make: Maker, inside: Inside
) -> None:
    row = make(alpha).routing()
    other = make(alpha).unit("Інший підрозділ", "other@example.org")
    by = make(alpha).moderator.actor
    with inside(alpha):
        routing.pass_back(routing=row, reason="Не наша компетенція")
        assert fresh(row).end_reason == "Не наша компетенція"
        assert routing.route(by=by, question=row.question, unit=other).is_open


def test_after_an_answer_the_question_is_not_passed_back(
    alpha: City, make: Maker, inside: Inside
) -> None:
    answer = make(alpha).submitted()
    with inside(alpha):
        assert answer.routing is not None
        with pytest.raises(StateChangeRefused):
            routing.pass_back(routing=answer.routing, reason="Передумали")


def test_a_unit_whose_question_others_answered_is_told(
    alpha: City, make: Maker, inside: Inside, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    row = make(alpha).routing()
    other = make(alpha).unit("Інший підрозділ", "other@example.org")
    by = make(alpha).moderator.actor
    run_jobs()
    outbox.clear()
    with inside(alpha):
        killed_by_an_answer_of_others(by, row, other)
        assert history_of(row.question).filter(action="routing_withdrawn").exists()
    run_jobs()
    assert "patrol@example.org" in [message.to[0] for message in outbox]
