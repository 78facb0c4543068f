"""The desk's search, filters and pages: what is found, by whom, at what cost, and what leaks."""

import logging
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bezpechne.kernel import clock
from community.desk import finding
from community.desk.actions import working
from community.desk.filters import TABS, Filters
from community.desk.queries import listed, page
from community.notices.models import Notice
from community.questions.actions import joining
from community.questions.models import Asker, Question
from tenants import resolution
from tenants.models import City
from tests.factories import Inside, Make, Maker

LIGHT = "Чому біля під'їзду на вулиці Соборності немає освітлення?"


@pytest.fixture(autouse=True)
def _hosts_stay_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolution, "SECONDS", 3600.0)


def signed_in(made: Make, client_of: Any, inside: Inside) -> Client:
    client: Client = client_of(made.city)
    person = made.moderator
    with inside(made.city):
        client.force_login(person)
    return client


def numbers(response: Any) -> list[int]:
    return [question.pk for question in response.context["rows"]]


def look_for(client: Client, text: str, query: str = "") -> Any:
    return client.post(f"/desk/search/{query}", {"q": text}, follow=True)


@pytest.mark.parametrize(
    "text",
    [
        "освітленню",
        "ОСВІТЛЕННЯ",
        "під’їзд",
        "підʼїзду соборності",
        "Соборності",
        "одарка",
        "Секретна Одарка",
        "ODARKA@example.org",
        "odar@",
        "odarka@ex",
        "odarka@",
    ],
)
def test_a_question_is_found_by_words_by_name_and_by_address(
    alpha: City, make: Maker, inside: Inside, client_of: Any, text: str
) -> None:
    made = make(alpha)
    wanted = made.question(text=LIGHT, email="odarka@example.org")
    made.question(text="Хто прибирає сніг на сходах?", name="Іван Тихий", email="ivan@example.org")
    response = look_for(signed_in(made, client_of, inside), text)
    expected = [] if text == "odar@" else [wanted.pk]
    assert numbers(response) == expected


def test_a_number_opens_its_question(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    made = make(alpha)
    question = made.question("rejected")
    client = signed_in(made, client_of, inside)
    for text in (f"{question.pk}", f"№ {question.pk}", f"#{question.pk} "):
        response = client.post("/desk/search/", {"q": text})
        assert response["Location"] == f"/desk/q/{question.pk}/"
    assert look_for(client, f"№ {question.pk + 7}").status_code == 200


@pytest.mark.parametrize(
    "text", ["", " ", "\x00", "'\" & | ! :*", "(((", "№", "@", "a" * 5000, "\\"]
)
def test_odd_input_is_a_page(
    alpha: City, make: Maker, inside: Inside, client_of: Any, text: str
) -> None:
    made = make(alpha)
    made.question()
    assert look_for(signed_in(made, client_of, inside), text).status_code == 200


def test_what_was_typed_is_in_no_address_and_in_no_log(
    alpha: City, make: Maker, inside: Inside, client_of: Any, caplog: pytest.LogCaptureFixture
) -> None:
    made = make(alpha)
    made.question(name="Одарка Секретна", email="odarka@example.org")
    client = signed_in(made, client_of, inside)
    caplog.set_level(logging.DEBUG)
    for text in ("odarka@example.org", "Секретна"):
        caplog.clear()
        response = client.post("/desk/search/", {"q": text})
        assert text not in response["Location"]
        assert "odarka" not in response["Location"]
        found = client.get(response["Location"])
        assert len(numbers(found)) == 1
        # The list gives no name and no address away either.
        assert text not in found.content.decode().replace(f'value="{text}"', "").replace(
            f"“{text}”", ""
        ).replace(f"«{text}»", "")
        lines = [
            record.getMessage() for record in caplog.records if record.name != "django.db.backends"
        ]
        assert not [line for line in lines if text in line]


def test_a_search_is_its_visitors_own(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    made = make(alpha)
    made.question(text=LIGHT)
    first = signed_in(made, client_of, inside)
    address = first.post("/desk/search/", {"q": "освітлення"})["Location"]
    second = client_of(alpha)
    with inside(alpha):
        second.force_login(made.administrator)
    response = second.get(address)
    assert response.status_code == 302
    assert "found" not in response["Location"]


def test_another_city_and_the_unconfirmed_are_never_found(
    alpha: City, beta: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    make(beta).question(text=LIGHT, email="odarka@example.org")
    made = make(alpha)
    made.question("unconfirmed", text=LIGHT, email="odarka@example.org")
    client = signed_in(made, client_of, inside)
    for text in ("освітлення", "Одарка", "odarka@example.org"):
        assert numbers(look_for(client, text)) == []


def test_filters_narrow_every_list_and_stay_in_the_address(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    made = make(alpha)
    plain = made.question()
    parking = made.question(topic="parking")
    urgent = made.question(happening_now=True)
    mine = made.question()
    with inside(alpha):
        working.assign(by=made.moderator.actor, question=mine, person=made.moderator)
        Question.objects.filter(pk=plain.pk).update(created_at=clock.now() - timedelta(days=11))
    client = signed_in(made, client_of, inside)

    def found(query: str) -> set[int]:
        return set(numbers(client.get(f"/desk/{query}")))

    assert found("?topic=parking") == {parking.pk}
    assert found("?urgent=1") == {urgent.pk}
    assert found("?whose=me") == {mine.pk}
    assert found("?whose=nobody") == {plain.pk, parking.pk, urgent.pk}
    assert found(f"?whose={made.administrator.pk}") == set()
    assert found("?age=10") == {plain.pk}
    assert found("?age=77&unit=x&whose=zz&topic=%00") == {plain.pk, parking.pk, urgent.pk, mine.pk}
    page_of_list = client.get("/desk/?topic=parking&urgent=1").content.decode()
    assert "?tab=answers&amp;topic=parking&amp;urgent=1" in page_of_list
    # Kept over an action: from the list to the item, through a refusal and back.
    item = client.get(f"/desk/q/{parking.pk}/?topic=parking").content.decode()
    assert f"/desk/q/{parking.pk}/reject/?topic=parking" in item
    refused = client.post(f"/desk/q/{parking.pk}/reject/?topic=parking", {"reject-reason": ""})
    assert f"/desk/q/{parking.pk}/reject/?topic=parking" in refused.content.decode()
    done = client.post(
        f"/desk/q/{parking.pk}/reject/?topic=parking&evil=//x", {"reject-reason": "Не про нас"}
    )
    assert done["Location"] == f"/desk/q/{parking.pk}/?topic=parking"


def test_the_filter_of_a_unit_finds_what_it_has_and_what_it_answered(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    made = make(alpha)
    routing = made.routing()
    made.question("published")
    client = signed_in(made, client_of, inside)
    response = client.get(f"/desk/?tab=with_units&unit={routing.unit_id}")
    assert numbers(response) == [routing.question_id]
    assert numbers(client.get(f"/desk/?tab=with_units&unit={routing.unit_id + 1}")) == []


def test_pages_follow_by_key_and_miss_nothing(
    alpha: City, make: Maker, inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("community.desk.queries.PAGE", 3)
    made = make(alpha)
    for place in range(8):
        made.question(happening_now=place % 3 == 0)
    for _ in range(5):
        made.question("rejected")
    with inside(alpha):
        for tab, number in (("new", 8), ("closed", 5)):
            seen: list[int] = []
            after = ""
            while True:
                found = page(tab, listed(tab), after)
                seen += [row.pk for row in found.rows]
                after = found.after
                if not after:
                    break
            assert len(seen) == len(set(seen)) == number
        urgent = [row.is_urgent for row in page("new", listed("new"), "").rows]
        assert urgent == [True] * 3
        assert len(page("new", listed("new"), "x~y").rows) == 3


def test_costs_of_the_list_and_of_the_search_do_not_grow(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    made = make(alpha)
    client = signed_in(made, client_of, inside)
    with inside(alpha):
        by, person = made.moderator.actor, made.administrator
    found = {}
    for number in (1, 29):
        for _ in range(number):
            question = made.question(text=LIGHT)
            with inside(alpha):
                working.assign(by=by, question=question, person=person)
        address = client.post("/desk/search/", {"q": "освітлення"})["Location"]
        costs = []
        for path in ("/desk/", "/desk/?whose=me&topic=trade&urgent=1&age=3", address):
            client.get(path)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(path).status_code == 200
            costs.append(len(queries))
        found[number] = costs
    assert found[1] == found[29]
    assert max(found[29]) <= 16


def test_the_cost_of_an_item_does_not_grow_with_what_hangs_on_it(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    made = make(alpha)
    client = signed_in(made, client_of, inside)
    by, question = made.moderator.actor, made.question("published", text=LIGHT)
    found = {}
    for number in (1, 29):
        for _ in range(number):
            other = made.question(text=LIGHT)
            with inside(alpha):
                working.write_note(by=by, question=question, text="Дзвонила", submit_key=uuid4())
                joining.join(by=by, question=other, other=question)
                Notice.objects.create(
                    kind="received",
                    key=uuid4().hex,
                    question_id=question.pk,
                    subject_id=question.pk,
                    created_at=clock.now(),
                )
        client.get(f"/desk/q/{question.pk}/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/desk/q/{question.pk}/").status_code == 200
        found[number] = len(queries)
    assert found[1] == found[29] <= 36


def test_the_search_uses_its_indexes(alpha: City, make: Maker, inside: Inside) -> None:
    """Asked with sequential scans switched off: an expression that no index has would need one."""
    make(alpha).question(text=LIGHT)
    with inside(alpha), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        words = finding.questions_with("освітлення").explain()
        people = Asker.objects.filter(email__startswith="odarka@").explain()
        cursor.execute("SET LOCAL enable_seqscan = on")
    assert "questions_words" in words
    assert "questions_asker_email" in people


def test_every_tab_is_a_page(alpha: City, make: Maker, inside: Inside, client_of: Any) -> None:
    made = make(alpha)
    for state in ("in_moderation", "published", "answered", "withdrawn", "duplicate", "hidden"):
        made.question(state)
    client = signed_in(made, client_of, inside)
    for tab in TABS:
        assert client.get(f"/desk/?tab={tab}").status_code == 200
    assert len(numbers(client.get("/desk/?tab=closed"))) == 3


def test_filters_are_read_and_written_back() -> None:
    given = {"tab": "answers", "topic": "trade", "whose": "me", "urgent": "1", "age": "10"}
    filters = Filters.read({**given, "unit": "7", "found": uuid4().hex})
    assert Filters.read(dict(part.split("=") for part in filters.query()[1:].split("&"))) == filters
    assert Filters.read({"tab": "new"}).query() == ""
