"""One unit of two thousand: pages stay small, a search finds it, nobody sends to another by mistake."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from community.answers.models import Routing, TopicRoute, Unit
from community.answers.unit_search import LIST_MOST, OFFERED
from community.questions.models import Topic
from tenants.models import City
from tests.conftest import CityClient
from tests.factories import Inside, Maker

FIND = "/desk/units/find/"


@pytest.fixture
def boss(alpha: City, client_of: Any, make: Maker, inside: Inside) -> CityClient:
    client: CityClient = client_of(alpha)
    with inside(alpha):
        client.force_login(make(alpha).administrator)
    return client


def many(city: City, inside: Inside, count: int = 2000, start: int = 0) -> None:
    with inside(city):
        Unit.objects.bulk_create(
            Unit(
                name_uk=f"Дільниця «Подільська» № {n}",
                name_en=f"Podilska station {n}",
                name_sort=f"24{n:06}",
                email=f"u{n}@police.example",
            )
            for n in range(start, start + count)
        )


def unit(city: City, inside: Inside, number: int) -> Unit:
    with inside(city):
        return Unit.objects.get(name_en=f"Podilska station {number}")


def cost(client: CityClient, path: str) -> tuple[int, int]:
    """Queries and bytes of a page."""
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(path)
    assert page.status_code == 200, path
    return len(queries), len(page.content)


def test_pages_cost_the_same_with_sixty_units_and_with_two_thousand(
    boss: CityClient, alpha: City, inside: Inside, make: Maker
) -> None:
    question = make(alpha).question("published")
    with inside(alpha):
        topic, liaison = Topic.objects.all()[0], Unit.objects.get(is_liaison=True)
    paths = [
        f"/desk/q/{question.pk}/",
        "/desk/?tab=to_route",
        f"/desk/city/topics/{topic.pk}/",
        "/desk/city/topics/new/",
        f"/desk/units/{liaison.pk}/",
        f"{FIND}?of=active&q=поділ",
    ]
    many(alpha, inside, 60)
    few = [cost(boss, path) for path in paths]
    many(alpha, inside, 1940, start=60)
    for path, (queries, size), (now, bytes_now) in zip(
        paths, few, [cost(boss, path) for path in paths], strict=True
    ):
        assert now == queries, path
        assert abs(bytes_now - size) < 2000, path


def test_few_units_stay_a_plain_list(
    boss: CityClient, alpha: City, inside: Inside, make: Maker
) -> None:
    question = make(alpha).question("published")
    many(alpha, inside, 30)
    page = boss.get(f"/desk/q/{question.pk}/").text
    assert "data-unit-choice" not in page
    assert "Дільниця «Подільська» № 29" in page
    many(alpha, inside, LIST_MOST, start=30)
    page = boss.get(f"/desk/q/{question.pk}/").text
    assert "data-unit-choice" in page


def test_words_of_either_language_find_it_by_their_beginnings(
    boss: CityClient, alpha: City, inside: Inside, make: Maker
) -> None:
    many(alpha, inside)
    with inside(alpha):
        above = Unit.objects.get(is_liaison=True)
        Unit.objects.filter(name_en="Podilska station 1777").update(parent=above)
    for words in ("1777", "дільниці ПОДІЛЬСЬКОЇ 1777", "station 1777 podil", "«Поділ» №1777"):
        found = boss.get(FIND, {"of": "active", "q": words}).json()
        assert found["more"] is False, words
        assert found["units"] == [
            [
                unit(alpha, inside, 1777).pk,
                f"Дільниця «Подільська» № 1777 – {above.name_uk}",
            ]
        ], words
    english = boss.get(f"/en{FIND}", {"q": "1777"}).json()["units"]
    assert english[0][1].startswith("Podilska station 1777")
    all_of_them = boss.get(FIND, {"of": "active", "q": "дільниця"}).json()
    assert (len(all_of_them["units"]), all_of_them["more"]) == (OFFERED, True)
    for nothing in ("", "   ", "'", "\x00", "!!! & | :* (", "слова якого немає", "я" * 5000):
        assert boss.get(FIND, {"of": "нема", "q": nothing}).json()["units"] == [], nothing


def test_only_units_that_may_be_chosen_are_found(
    boss: CityClient, alpha: City, beta: City, inside: Inside, make: Maker, client_of: Any
) -> None:
    many(alpha, inside, 3)
    make(beta).unit("Тернопільська таємна дільниця")
    with inside(alpha):
        Unit.objects.filter(name_en="Podilska station 1").update(is_active=False)
        Unit.objects.filter(name_en="Podilska station 2").update(email="")

    def found(of: str) -> set[str]:
        rows = boss.get(FIND, {"of": of, "q": "подільська"}).json()["units"]
        return {name[-1] for _number, name in rows}

    assert (found("to_route"), found("active")) == ({"0"}, {"0", "2"})
    assert found("all") == {"0", "1", "2"}
    assert client_of(alpha).get(FIND, {"q": "дільниця"}).status_code == 302


def test_without_scripts_the_words_bring_the_form_back_with_what_was_typed(
    boss: CityClient, alpha: City, inside: Inside, make: Maker
) -> None:
    question = make(alpha).question("published")
    many(alpha, inside, 100)
    wanted = unit(alpha, inside, 77)
    with inside(alpha):
        liaison = Unit.objects.get(is_liaison=True)
    path = f"/desk/q/{question.pk}/route/"
    typed = {
        "route-unit": liaison.pk,
        "route-unit-words": "подільська 77",
        "route-note": "Поспішіть",
    }
    page = boss.post(path, typed | {"find": "1"})
    assert page.status_code == 200
    assert "Поспішіть" in page.text
    assert f'<option value="{wanted.pk}">' in page.text
    assert f'<option value="{liaison.pk}" selected>' in page.text
    # Sent with words that were never looked for, or that the choice does not have.
    assert boss.post(path, typed).status_code == 422
    with inside(alpha):
        assert not Routing.objects.exists()
    assert boss.post(path, typed | {"route-unit": wanted.pk}).status_code == 302
    with inside(alpha):
        assert Routing.objects.get().unit_id == wanted.pk


def test_a_choice_is_checked_whatever_was_sent(
    boss: CityClient, alpha: City, beta: City, inside: Inside, make: Maker
) -> None:
    question = make(alpha).question("published")
    many(alpha, inside, 100)
    foreign = make(beta).unit("Чужий")
    with inside(alpha):
        Unit.objects.filter(name_en="Podilska station 5").update(is_active=False)
    for odd in (foreign.pk + 10**6, unit(alpha, inside, 5).pk, "abc", "9" * 30, "", "-1"):
        page = boss.post(f"/desk/q/{question.pk}/route/", {"route-unit": odd})
        assert page.status_code == 422, odd
    with inside(alpha):
        assert not Routing.objects.exists()


def test_the_forms_of_a_topic_and_of_a_unit_find_too(
    boss: CityClient, alpha: City, inside: Inside
) -> None:
    many(alpha, inside, 100)
    wanted = unit(alpha, inside, 77)
    found = f'<option value="{wanted.pk}">'
    typed = {"name_uk": "Тиша", "name_en": "", "icon": "bulb", "unit-words": "77", "find": "1"}
    for path in ("/desk/city/topics/new/", "/desk/units/new/"):
        page = boss.post(path, typed | {"parent-words": "77"})
        assert page.status_code == 200, path
        assert "Тиша" in page.text
        assert found in page.text, path
        assert "error-summary" not in page.text
    with inside(alpha):
        topic = Topic.objects.all()[0]
    path = f"/desk/city/topics/{topic.pk}/"
    fields = {field.name: field.value() for field in boss.get(path).context["form"]}
    data = {name: value for name, value in fields.items() if value is not None}
    assert boss.post(path, data | {"unit-words": "77"}).status_code == 422, "not chosen"
    assert boss.post(path, data | {"unit-words": "77", "unit": wanted.pk}).status_code == 302
    with inside(alpha):
        assert TopicRoute.objects.get(topic=topic).unit == wanted
    assert f'<option value="{wanted.pk}" selected>' in boss.get(path).text


def test_lists_are_filtered_and_ticked_questions_sent_without_scripts(
    boss: CityClient, alpha: City, inside: Inside, make: Maker
) -> None:
    first, second = make(alpha).question("published"), make(alpha).question("published")
    many(alpha, inside, 100)
    wanted = unit(alpha, inside, 77)
    found = f'<option value="{wanted.pk}">'
    page = boss.get("/desk/", {"tab": "to_route", "unit-words": "77"}).text
    assert '<details class="desk-filters" open>' in page
    assert found in page.split('class="bulk"')[0]
    ticked = {"key": uuid4(), "number": [first.pk]}
    response = boss.post("/desk/bulk/?tab=to_route", ticked | {"find": "1", "unit-words": "77"})
    page = boss.get(response["Location"]).text
    assert found in page.split('class="bulk"')[1]
    assert f'value="{first.pk}" form="bulk" checked' in page
    assert f'value="{second.pk}" form="bulk" checked' not in page
    route = ticked | {"act": "route", "unit-words": "77"}
    with inside(alpha):
        liaison = Unit.objects.get(is_liaison=True)
    response = boss.post("/desk/bulk/?tab=to_route", route | {"unit": liaison.pk})
    with inside(alpha):
        assert not Routing.objects.exists()
    page = boss.get(response["Location"]).text
    assert f'value="{first.pk}" form="bulk" checked' in page, "what was ticked stays"
    assert 'name="unit-words" value="77"' in page
    boss.post("/desk/bulk/?tab=to_route", route | {"unit": wanted.pk})
    with inside(alpha):
        assert Routing.objects.get().unit == wanted
    # A unit that has questions stands among the usual ones.
    assert found in boss.get(f"/desk/q/{second.pk}/").text
