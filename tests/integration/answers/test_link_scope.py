"""A letter's link that opens all open questions of its unit: what it opens, and what never."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bezpechne.kernel import clock
from bezpechne.kernel.audit.models import history_of
from community.answers import links, queries
from community.answers.actions import answering, routing, units
from community.answers.models import Routing, Unit
from community.answers.states import RoutingState
from community.questions.states import StateChangeRefused
from tenants.models import City
from tests.factories import WORDS, Inside, Make, Maker

ClientOf = Callable[[Any], Any]


def page(token: str, name: str = "page") -> str:
    return reverse(f"answers:{name}", args=[token])


@pytest.fixture
def made(alpha: City, make: Maker) -> Make:
    return make(alpha)


@pytest.fixture
def wide(made: Make) -> tuple[Routing, Routing]:
    """The letter's routing and another one of the same unit."""
    unit = made.wide_unit()
    return made.routing(unit=unit), made.routing(unit=unit)


def test_a_link_opens_one_question_unless_the_city_allows_more(
    alpha: City, made: Make, inside: Inside, client_of: ClientOf
) -> None:
    unit = made.unit()
    assert unit.link_scope == "question"
    one, other = made.routing(unit=unit), made.routing(unit=unit)
    token = made.unit_token(one)
    body = client_of(alpha).get(page(token)).content.decode()
    assert "/others/" not in body
    assert client_of(alpha).get(page(token, "others")).status_code == 404
    assert client_of(alpha).get(page(f"{token}.{other.pk}")).status_code == 410
    assert client_of(alpha).post(page(f"{token}.{other.pk}", "accept")).status_code == 404


def test_all_abilities_by_the_letters_link_recorded_with_that_link(
    alpha: City, wide: tuple[Routing, Routing], made: Make, inside: Inside, client_of: ClientOf
) -> None:
    letter, other = wide
    text = f"{made.unit_token(letter)}.{other.pk}"
    client = client_of(alpha)
    listed = client.get(page(made.unit_token(letter), "others")).content.decode()
    assert f"{text}/" in listed
    assert client.get(page(text)).status_code == 200
    assert client.post(page(text, "opened")).status_code == 204
    assert client.post(page(text, "opened")).status_code == 204
    assert client.post(page(text, "accept")).status_code == 302
    assert client.post(page(text, "submit"), {"text": WORDS.text}).status_code == 302
    assert client.get(page(text, "receipt")).status_code == 200
    with inside(alpha):
        done = history_of(other.question).filter(actor_kind="unit")
        assert [entry.action for entry in done] == ["link_opened", "accepted", "answer_submitted"]
        assert {entry.actor_id for entry in done} == {letter.pk}
        assert {entry.new["link_of"] for entry in done} == {letter.question_id}


@pytest.mark.parametrize("end", ["withdraw", "renew", "expire", "answered", "narrow"])
def test_the_end_of_the_letters_link_ends_it_all(
    alpha: City, wide: tuple[Routing, Routing], made: Make, inside: Inside, end: str
) -> None:
    letter, other = wide
    text, by = f"{made.unit_token(letter)}.{other.pk}", made.moderator.actor
    with inside(alpha):
        before = links.find(text)
        assert before is not None
        if end == "withdraw":
            routing.withdraw(by=by, routing=letter, reason="Помилка")
        elif end == "renew":
            routing.renew_link(by=by, routing=letter)
        elif end == "expire":
            Routing.objects.filter(pk=letter.pk).update(expires_at=clock.now())
        elif end == "answered":
            answer = answering.submit(routing=letter, words=WORDS)
            answering.publish(by=by, answer=answer, words=WORDS)
        else:
            values = {field: getattr(letter.unit, field) for field in units.FIELDS}
            boss = made.administrator.actor
            units.save_unit(by=boss, unit=letter.unit, values={**values, "link_scope": "question"})
        door = links.find(text)
        assert door is None or not links.opens(door)
        with pytest.raises(StateChangeRefused):
            routing.accept(routing=other, door=before)
        # The other letter's own link is untouched.
        routing.accept(routing=other)


def test_no_link_opens_a_question_of_another_unit(
    alpha: City, wide: tuple[Routing, Routing], made: Make, inside: Inside, client_of: ClientOf
) -> None:
    token = made.unit_token(wide[0])
    second = made.wide_unit("Інші", "other@example.org")
    foreign = made.routing(unit=second)
    for number in (foreign.pk, 0, 10**17, 10**30, "²", "1x", "-1", "", " 1", f"{wide[1].pk}.1"):
        response = client_of(alpha).get(f"{page(token)[:-1]}.{number}/")
        assert response.status_code == 410, number
    assert client_of(alpha).post(page(f"{token}.{foreign.pk}", "accept")).status_code == 404
    with inside(alpha):
        foreign.refresh_from_db()
        assert foreign.state == RoutingState.SENT
        door = links.find(token)
        assert door is not None
        lines, _after = queries.others_page(door, "")
        assert {line.routing.unit_id for line in lines} == {wide[0].unit_id}


def test_no_link_opens_a_question_of_another_city(
    alpha: City, beta: City, wide: tuple[Routing, Routing], made: Make, make: Maker,
    inside: Inside, client_of: ClientOf,
) -> None:  # fmt: skip
    foreign = make(beta).routing(unit=make(beta).wide_unit())
    token = made.unit_token(wide[0])
    assert client_of(beta).get(page(token)).status_code == 410
    assert client_of(beta).get(page(f"{token}.{foreign.pk}")).status_code == 410
    assert client_of(alpha).get(page(f"{token}.{foreign.pk}")).status_code == 410
    assert client_of(beta).get(page(token, "others")).status_code == 404


def test_a_colleagues_link_never_opens_the_others(
    alpha: City, wide: tuple[Routing, Routing], made: Make, inside: Inside, client_of: ClientOf
) -> None:
    letter, other = wide
    passed = made.passed(letter)
    with inside(alpha):
        token = links.pass_token(passed)
    body = client_of(alpha).get(page(token)).content.decode()
    assert "/others/" not in body
    assert client_of(alpha).get(page(token, "others")).status_code == 404
    assert client_of(alpha).get(page(f"{token}.{other.pk}")).status_code == 410


def test_the_list_is_paged_and_costs_the_same_with_one_and_thirty(
    alpha: City, made: Make, inside: Inside, client_of: ClientOf
) -> None:
    unit = made.wide_unit()
    url = page(made.unit_token(made.routing(unit=unit)), "others")
    costs, pages = [], []
    for _round in range(2):
        # What is cached for a while is read anew before, not while it is counted.
        client_of(alpha).get(url)
        with CaptureQueriesContext(connection) as counted:
            pages.append(client_of(alpha).get(url).content.decode())
        costs.append(len(counted))
        if _round == 0:
            for _number in range(30):
                made.routing(unit=unit)
    assert costs[0] == costs[1]
    first = pages[1]
    assert first.count('class="unit-list__text"') == queries.OTHERS_PAGE
    after = first.partition("?after=")[2].partition('"')[0]
    second = client_of(alpha).get(f"{url}?after={after}").content.decode()
    assert second.count('class="unit-list__text"') == 31 - queries.OTHERS_PAGE
    for odd in ("x", "-1", "9" * 40, "\x00"):
        assert client_of(alpha).get(url, {"after": odd}).status_code == 200


def test_the_administrator_chooses_and_the_list_of_units_says_so(
    alpha: City, made: Make, inside: Inside, client_of: ClientOf
) -> None:
    unit = made.unit()
    client = client_of(alpha)
    with inside(alpha):
        client.force_login(made.administrator)
    data = {"name_uk": "Патруль", "kind": "patrol", "email": "p@example.org", "link_scope": "unit"}
    url = reverse("desk:edit_unit", args=[unit.pk])
    assert client.post(url, {**data, "link_scope": "everything"}).status_code == 422
    assert client.post(url, data).status_code == 302
    with inside(alpha):
        assert Unit.objects.get(pk=unit.pk).link_scope == "unit"
    with inside(alpha):
        client.force_login(made.moderator)
    assert client.post(url, data).status_code == 403
