"""Many at once: spam with its undo, assigning, routing; twice is once; one that cannot is told."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from bezpechne.kernel import clock
from bezpechne.kernel.actors import SYSTEM
from bezpechne.kernel.audit.models import history_of
from community.desk.actions import bulk
from community.desk.models import Assignment, Batch
from community.notices.models import Notice
from community.questions.actions import moderating
from community.questions.models import Question
from community.questions.queries import tallies
from community.questions.states import QuestionState, StateChangeRefused
from tenants.models import City
from tests.factories import Inside, Make, Maker


def signed_in(made: Make, client_of: Any, inside: Inside) -> Client:
    client: Client = client_of(made.city)
    person = made.moderator
    with inside(made.city):
        client.force_login(person)
    return client


def test_spam_goes_without_a_letter_and_comes_back(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    made = make(alpha)
    spam = [made.question() for _ in range(3)]
    urgent = made.question(happening_now=True)
    published = made.question("published")
    client = signed_in(made, client_of, inside)
    key = uuid4()
    sent = {
        "act": "spam",
        "key": key,
        "number": [row.pk for row in (*spam, urgent, published)],
    }
    with inside(alpha):
        letters = Notice.objects.count()
    done = client.post("/desk/bulk/?topic=trade", sent)
    assert done["Location"] == f"/desk/?topic=trade&batch={key}"
    # The second of two clicks.
    client.post("/desk/bulk/", sent)
    with inside(alpha):
        assert Notice.objects.count() == letters
        batch = Batch.objects.get()
        assert batch.done == [row.pk for row in spam]
        assert [number for number, _why in batch.refused] == [urgent.pk, published.pk]
        assert {row.state for row in Question.objects.filter(pk__in=batch.done)} == {"rejected"}
        assert tallies()["rejected"] == 3
        actions = [entry.action for entry in history_of(spam[0])]
        assert actions.count("rejected_as_spam") == 1
    page = client.get(done["Location"]).content.decode()
    assert f"/desk/bulk/{key}/undo/" in page
    assert f"№ {urgent.pk}" in page

    # One is decided about meanwhile: it stays, and is named.
    with inside(alpha):
        moderating.reconsider(by=made.moderator.actor, question=spam[0])
        moderating.reject(by=made.moderator.actor, question=spam[0], reason="Не про поліцію")
    for _ in range(2):
        client.post(f"/desk/bulk/{key}/undo/")
    with inside(alpha):
        states = {row.pk: row.state for row in Question.objects.all()}
        assert [states[row.pk] for row in spam] == ["rejected", "in_moderation", "in_moderation"]
        assert Question.objects.get(pk=spam[1].pk).rejection_reason == ""


def test_the_undo_is_over_after_ten_minutes(alpha: City, make: Maker, inside: Inside) -> None:
    made = make(alpha)
    question, by = made.question(), made.moderator.actor
    with inside(alpha):
        batch = bulk.reject_spam(by=by, key=uuid4(), numbers=[question.pk])
        with clock.frozen(clock.now() + timedelta(minutes=11)):
            assert not bulk.may_undo(batch)
            with pytest.raises(StateChangeRefused):
                bulk.undo(by=by, batch=batch)
        assert Question.objects.get().state == QuestionState.REJECTED


def test_many_are_assigned_and_routed(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    made = make(alpha)
    unit = made.unit()
    rows = [made.question("published") for _ in range(2)]
    client = signed_in(made, client_of, inside)
    ticked = {"number": [row.pk for row in rows]}
    boss = made.administrator
    client.post("/desk/bulk/", {"act": "assign", "key": uuid4(), "person": boss.pk, **ticked})
    client.post("/desk/bulk/", {"act": "route", "key": uuid4(), "unit": unit.pk, **ticked})
    again = client.post("/desk/bulk/", {"act": "route", "key": uuid4(), "unit": unit.pk, **ticked})
    with inside(alpha):
        assert Assignment.objects.filter(person=boss).count() == 2
        assert Notice.objects.filter(kind="assigned").count() == 2
        assert Notice.objects.filter(kind="routed").count() == 2
        assert Batch.objects.latest("pk").done == []
        assert len(Batch.objects.latest("pk").refused) == 2
    assert again.status_code == 302


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"act": "spam"},
        {"act": "spam", "key": "x", "number": "1"},
        {"act": "burn", "key": str(uuid4()), "number": "1"},
        {"act": "route", "key": str(uuid4()), "number": "1", "unit": "999999"},
        {"act": "assign", "key": str(uuid4()), "number": "1", "person": "999999"},
        {"act": "spam", "key": str(uuid4()), "number": ["-1", "1" * 30, "\x00", "abc"]},
    ],
)
def test_odd_forms_change_nothing_and_say_so(
    alpha: City, make: Maker, inside: Inside, client_of: Any, sent: dict[str, Any]
) -> None:
    made = make(alpha)
    made.question()
    response = signed_in(made, client_of, inside).post("/desk/bulk/", sent, follow=True)
    assert response.status_code == 200
    assert list(response.context["messages"])
    with inside(alpha):
        assert not Batch.objects.exists()


def test_rows_and_results_of_another_city_are_out_of_reach(
    alpha: City, beta: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    foreign = make(beta).question()
    made = make(alpha)
    client = signed_in(made, client_of, inside)
    key = uuid4()
    client.post("/desk/bulk/", {"act": "spam", "key": key, "number": foreign.pk})
    with inside(beta):
        assert Question.objects.get().state == QuestionState.IN_MODERATION
        batch = bulk.reject_spam(by=make(beta).moderator.actor, key=uuid4(), numbers=[foreign.pk])
    assert client.post(f"/desk/bulk/{batch.key}/undo/").status_code == 404
    with inside(beta):
        assert Question.objects.get().state == QuestionState.REJECTED


def test_nobody_but_the_desk(alpha: City, make: Maker, inside: Inside) -> None:
    question = make(alpha).question()
    with inside(alpha):
        with pytest.raises(PermissionDenied):
            bulk.reject_spam(by=SYSTEM, key=uuid4(), numbers=[question.pk])
        assert not Batch.objects.exists()
