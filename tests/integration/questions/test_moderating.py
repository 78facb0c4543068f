"""The desk's actions: every one in every state, by every role; history; the original text."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from bezpechne.kernel.actors import SYSTEM, Actor, ActorKind
from bezpechne.kernel.audit.models import Entry, history_of
from community.questions.actions import moderating
from community.questions.models import Question, Topic
from community.questions.queries import tallies
from community.questions.states import QuestionState, StateChangeRefused
from tenants.models import City
from tests.factories import Inside, Make, Maker

Act = Callable[[Actor, Question], object]
S = QuestionState


def _public(question: Question, **fields: Any) -> moderating.Public:
    return Make.public(question, **fields)


# Action → states in which it may be done, with the state that follows.
ACTIONS: dict[str, tuple[Act, dict[str, str]]] = {
    "publish": (
        lambda by, q: moderating.publish(by=by, question=q, public=_public(q)),
        {S.IN_MODERATION: S.PUBLISHED, S.CLARIFICATION: S.PUBLISHED},
    ),
    "edit": (
        lambda by, q: moderating.edit(by=by, question=q, public=_public(q, text="Інший текст")),
        {S.PUBLISHED: S.PUBLISHED, S.ANSWERED: S.ANSWERED},
    ),
    "reject": (
        lambda by, q: moderating.reject(by=by, question=q, reason="Не про поліцію"),
        {
            S.IN_MODERATION: S.REJECTED,
            S.CLARIFICATION: S.REJECTED,
            S.PRIVATE_WAITING: S.REJECTED,
        },
    ),
    "make_private": (
        lambda by, q: moderating.make_private(by=by, question=q, reason="Названо людину"),
        {S.IN_MODERATION: S.IN_MODERATION, S.CLARIFICATION: S.CLARIFICATION},
    ),
    "set_topic": (
        lambda by, q: moderating.set_topic(
            by=by, question=q, topic=Topic.objects.get(code="noise")
        ),
        {
            S.PRIVATE_WAITING: S.PRIVATE_WAITING,
            S.PRIVATE_ANSWERED: S.PRIVATE_ANSWERED,
        },
    ),
    "reconsider": (
        lambda by, q: moderating.reconsider(by=by, question=q),
        {S.REJECTED: S.IN_MODERATION},
    ),
    "ask_back": (
        lambda by, q: moderating.ask_back(by=by, question=q, text="Де саме це?"),
        {S.IN_MODERATION: S.CLARIFICATION},
    ),
    "hide": (
        lambda by, q: moderating.hide(by=by, question=q, reason="Помилка"),
        {S.PUBLISHED: S.HIDDEN, S.ANSWERED: S.HIDDEN},
    ),
    "show_again": (
        lambda by, q: moderating.show_again(by=by, question=q),
        {S.HIDDEN: S.PUBLISHED},
    ),
}
each_action = pytest.mark.parametrize("name", ACTIONS)


@each_action
@pytest.mark.parametrize("state", S.values)
def test_an_action_works_in_its_states_and_in_no_other(
    alpha: City, make: Maker, inside: Inside, name: str, state: str
) -> None:
    act, following = ACTIONS[name]
    question = make(alpha).question(state)
    by = make(alpha).moderator.actor
    with inside(alpha):
        before, rows = tallies(), Entry.objects.count()
        if state not in following:
            with pytest.raises(StateChangeRefused, match=r"\w"):
                act(by, question)
            assert Question.objects.get().state == state
            assert (tallies(), Entry.objects.count()) == (before, rows)
            return
        act(by, question)
        assert Question.objects.get().state == following[state]
        entry, *more = Entry.objects.order_by("pk")[rows:]
        # A private question may be with a unit when it is closed.
        ended = (name, state) == ("reject", S.PRIVATE_WAITING)
        assert [row.action for row in more] == (["routing_withdrawn"] if ended else [])
        assert (entry.actor_kind, entry.actor_id) == (ActorKind.STAFF, by.id)
        if following[state] != state:
            assert (entry.old["state"], entry.new["state"]) == (state, following[state])
        counted = {state: tallies()[state] for state in S.values}
        assert counted == {s: Question.objects.filter(state=s).count() for s in S.values}


@each_action
@pytest.mark.parametrize("who", ["resident", "unit", "operator", "system", "deactivated"])
def test_nobody_but_the_desk_may_do_it(
    alpha: City, make: Maker, inside: Inside, name: str, who: str
) -> None:
    act, following = ACTIONS[name]
    question = make(alpha).question(next(iter(following)))
    actors = {
        "resident": Actor(ActorKind.RESIDENT, question.pk),
        "unit": Actor(ActorKind.UNIT, 1),
        "operator": make(alpha).operator.actor,
        "system": SYSTEM,
        "deactivated": make(alpha).user(is_active=False).actor,
    }
    with inside(alpha):
        rows = Entry.objects.count()
        with pytest.raises(PermissionDenied):
            act(actors[who], question)
        assert Entry.objects.count() == rows


@each_action
def test_the_administrator_may_do_what_the_moderator_may(
    alpha: City, make: Maker, inside: Inside, name: str
) -> None:
    act, following = ACTIONS[name]
    question = make(alpha).question(next(iter(following)))
    by = make(alpha).administrator.actor
    with inside(alpha):
        act(by, question)


def test_what_the_resident_wrote_never_changes(alpha: City, make: Maker, inside: Inside) -> None:
    written = "Чому <b>тут</b> стоять машини? Мій сусід Іван знає."
    question = make(alpha).question("in_moderation", text=written, place="біля дому Івана")
    by = make(alpha).moderator.actor
    with inside(alpha):
        topic = Topic.objects.get(code="parking")
        moderating.publish(
            by=by, question=question, public=_public(question, text="Чому тут стоять машини?")
        )
        moderating.edit(
            by=by,
            question=question,
            public=_public(question, text="Чому стоять машини?", place="біля ринку", topic=topic),
        )
        fresh = Question.objects.select_related("topic").get()
        assert (fresh.text, fresh.place) == (written, "біля дому Івана")
        assert (fresh.public_text, fresh.public_place) == ("Чому стоять машини?", "біля ринку")
        assert fresh.topic.code == "parking"
        entry = history_of(fresh).filter(action="edited").get()
        assert entry.old["public_text"] == "Чому тут стоять машини?"
        assert entry.new["public_text"] == "Чому стоять машини?"
        assert (entry.old["topic"], entry.new["topic"]) == ("trade", "parking")


def test_photos_are_shown_only_when_chosen(alpha: City, make: Maker, inside: Inside) -> None:
    question = make(alpha).question("in_moderation", photos=2)
    by = make(alpha).moderator.actor
    with inside(alpha):
        first, second = question.photos.all()
        moderating.publish(by=by, question=question, public=_public(question, photos=[first.pk]))
        assert [photo.is_public for photo in question.photos.all()] == [True, False]
        moderating.edit(by=by, question=question, public=_public(question, photos=[second.pk]))
        assert [photo.is_public for photo in question.photos.all()] == [False, True]


def test_a_question_without_a_map_is_not_published_where_the_centre_is(
    alpha: City, make: Maker, inside: Inside
) -> None:
    question = make(alpha).question("in_moderation", point_is_rough=True)
    by = make(alpha).moderator.actor
    assert alpha.centre is not None
    lat, lon = alpha.centre
    with inside(alpha):
        with pytest.raises(StateChangeRefused):
            moderating.publish(by=by, question=question, public=_public(question))
        placed = _public(question, point=(lat + 0.001, lon))
        moderating.publish(by=by, question=question, public=placed)
        fresh = Question.objects.get()
        assert (fresh.point_is_rough, fresh.lat) == (False, lat + 0.001)


def test_a_question_shown_again_keeps_its_date_and_its_answer(
    alpha: City, make: Maker, inside: Inside
) -> None:
    question = make(alpha).question("answered")
    by = make(alpha).moderator.actor
    with inside(alpha):
        moderating.hide(by=by, question=question, reason="Помилка модератора")
        moderating.show_again(by=by, question=question)
        fresh = Question.objects.get()
        assert fresh.state == S.ANSWERED
        assert fresh.published_at == question.published_at
        assert fresh.hidden_reason == ""


def test_reasons_are_kept_for_the_resident(alpha: City, make: Maker, inside: Inside) -> None:
    question = make(alpha).question("rejected")
    with inside(alpha):
        entry = history_of(question).last()
        assert entry is not None
        assert question.rejection_reason == entry.note == "Не стосується поліції"


def test_the_page_of_yesterday_does_not_undo_the_work_of_today(
    alpha: City, make: Maker, inside: Inside
) -> None:
    """Two moderators with the same page open: the second is told, not obeyed."""
    question = make(alpha).question("in_moderation")
    by = make(alpha).moderator.actor
    with inside(alpha):
        stale = Question.objects.get()
        moderating.publish(by=by, question=question, public=_public(question))
        with pytest.raises(StateChangeRefused):
            moderating.reject(by=by, question=stale, reason="Не про поліцію")
        assert Question.objects.get().rejection_reason == ""


def test_history_tells_what_was_changed_at_publication(
    alpha: City, make: Maker, inside: Inside
) -> None:
    question = make(alpha).question("in_moderation")
    by = make(alpha).moderator.actor
    with inside(alpha):
        topic = Topic.objects.get(code="parking")
        public = _public(question, topic=topic, point=(question.lat + 0.01, question.lon))
        moderating.publish(by=by, question=question, public=public)
        entry = history_of(question).last()
        assert entry is not None
        assert (entry.old.get("topic"), entry.new.get("topic")) == ("trade", "parking")
        assert entry.old.get("lat") == question.lat


def test_history_tells_which_photos_were_shown(alpha: City, make: Maker, inside: Inside) -> None:
    question = make(alpha).question("in_moderation", photos=1)
    by = make(alpha).moderator.actor
    with inside(alpha):
        moderating.publish(by=by, question=question, public=_public(question))
        moderating.edit(by=by, question=question, public=_public(question, photos=[]))
        entry = history_of(question).last()
        assert entry is not None
        assert entry.new != {}
