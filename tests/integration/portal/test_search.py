"""The public's search: words and numbers of what is published, and of nothing else."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from community.questions.models import Question
from community.questions.queries import pins, public_page
from tenants.geometry import Bounds
from tenants.models import City
from tests.factories import Inside, Maker
from tests.integration.portal.test_costs import cost, fill

TEXT = "Кому скаржитися на освітлення біля школи?"
BOX = "bbox=22,44,40,52&zoom=11"


def numbers(page: str) -> set[int]:
    """Questions of the list on a page."""
    return {int(part.split('"')[0]) for part in page.split('data-question-id="')[1:]}


@pytest.mark.parametrize(
    ("words", "finds"),
    [
        ("освітленню", True),
        ("ШКОЛА освітлення", True),
        ("освітлення, школи!", True),
        ("освітлення басейну", False),
        ("Шевченко", True),
        ("!!!", False),
        ("а" * 500, False),
        ("x\x00y", False),
        ("'; DROP TABLE questions_question; --", False),
        ("a:* & !b <-> (c", False),
    ],
)
def test_words_are_found_by_their_beginnings_all_of_them(
    alpha: City, make: Maker, inside: Inside, client_of: Any, words: str, finds: bool
) -> None:
    made = make(alpha)
    question, other = made.question("published"), made.question("answered")
    with inside(alpha):
        Question.objects.filter(pk=question.pk).update(
            public_text=TEXT, public_place="вул. Шевченка, 3"
        )
        Question.objects.filter(pk=other.pk).update(public_text="Коли приберуть сніг?")
    client = client_of(alpha)
    page = client.get("/", {"words": words})
    assert page.status_code == 200
    assert numbers(page.text) == ({question.pk} if finds else set())
    pins = client.get(f"/map/pins.json?{BOX}", {"words": words, "bbox": "22,44,40,52"}).json()
    assert {pin["id"] for pin in pins["pins"]} == ({question.pk} if finds else set())
    if not finds:
        assert "Спробуйте менше слів" in page.text


def test_a_number_leads_to_its_question_and_what_was_typed_stays(
    alpha: City, make: Maker, client_of: Any
) -> None:
    made = make(alpha)
    question = made.question("published")
    made.question("published")
    for words in (str(question.pk), f"№ {question.pk}"):
        page = client_of(alpha).get("/", {"words": words}).text
        assert numbers(page) == {question.pk}
        assert f'value="{words}"' in page


@pytest.mark.parametrize(
    "state",
    ["in_moderation", "rejected", "hidden", "withdrawn", "private_waiting", "private_answered"],
)
def test_nothing_that_is_not_public_is_found(
    alpha: City, beta: City, make: Maker, client_of: Any, state: str
) -> None:
    question = make(alpha).question(state, text=TEXT, place="Сквер Котляревського")
    for city in (alpha, beta):
        for words in ("освітлення", "Котляревського", str(question.pk)):
            assert numbers(client_of(city).get("/", {"words": words}).text) == set()
            pins = client_of(city).get("/map/pins.json", {"bbox": "22,44,40,52", "words": words})
            assert pins.json()["pins"] == []


def test_words_that_the_moderator_took_out_find_nothing(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    """Else anybody could try out whose name had stood there."""
    question = make(alpha).question("published", text=f"{TEXT} Скаржиться Одарка Невмируща.")
    with inside(alpha):
        Question.objects.filter(pk=question.pk).update(public_text=TEXT, public_place="")
    assert numbers(client_of(alpha).get("/", {"words": "невмируща"}).text) == set()
    assert numbers(client_of(alpha).get("/", {"words": "освітлення"}).text) == {question.pk}


def test_a_search_costs_the_same_with_many_questions_and_keeps_its_words_on_older_pages(
    alpha: City, inside: Inside, client_of: Any
) -> None:
    client = client_of(alpha)
    fill(alpha, inside, 10)
    few = cost(client, "/?words=машини")
    fill(alpha, inside, 2000)
    assert cost(client, "/?words=машини") == few
    page = client.get("/", {"words": "машини", "status": "waiting"}).text
    assert "words=%D0%BC%D0%B0%D1%88%D0%B8%D0%BD%D0%B8&amp;before=" in page


def test_rare_words_are_looked_up_in_the_index_of_public_words(alpha: City, inside: Inside) -> None:
    fill(alpha, inside, 3000)
    with inside(alpha), connection.cursor() as cursor:
        # As autovacuum leaves them: new words wait in a list that each look-up has to read.
        cursor.execute("SELECT gin_clean_pending_list('questions_public_words')")
        cursor.execute("ANALYZE questions_question")
        with CaptureQueriesContext(connection) as captured:
            public_page(words="басейн")
            pins(Bounds(22, 44, 40, 52), words="басейн")
        for query in captured:
            cursor.execute(f"EXPLAIN {query['sql']}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert "questions_public_words" in plan, plan
