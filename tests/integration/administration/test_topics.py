"""Topics: order, names, icons, default units; never another city's, never a moderator."""

from pathlib import Path
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from bezpechne.kernel.audit.models import Entry
from community.answers.models import TopicRoute, Unit
from community.answers.queries import default_unit
from community.questions.catalogue import BY_CODE, ICONS
from community.questions.models import Question, Topic
from provisioning.city_templates.contents import originals
from tenants.models import City
from tests.conftest import CityClient
from tests.factories import Inside, Maker

LIST = "/desk/city/topics/"


def topic(city: City, inside: Inside, code: str = "trade") -> Topic:
    with inside(city):
        return Topic.objects.get(code=code)


def codes(city: City, inside: Inside) -> list[str]:
    with inside(city):
        return [row.code for row in Topic.objects.all()]


def sent(client: CityClient, path: str) -> dict[str, Any]:
    """The fields of a form as the page fills them."""
    form = client.get(path).context["form"]
    return {field.name: field.value() for field in form if field.value() is not None}


def test_a_topic_moves_up_and_down_and_residents_see_the_new_order(
    boss: CityClient, alpha: City, inside: Inside
) -> None:
    before = codes(alpha, inside)
    second = topic(alpha, inside, before[1])
    boss.post(f"{LIST}{second.pk}/move/", {"to": "up"})
    assert codes(alpha, inside)[:2] == [before[1], before[0]]
    boss.post(f"{LIST}{second.pk}/move/", {"to": "up"})  # already the first
    boss.post(f"{LIST}{second.pk}/move/", {"to": "down"})
    assert codes(alpha, inside) == before


def test_names_icon_and_default_unit_are_saved_together(
    boss: CityClient, alpha: City, inside: Inside, make: Maker
) -> None:
    row, unit = topic(alpha, inside), make(alpha).unit()
    path = f"{LIST}{row.pk}/"
    data = sent(boss, path) | {"name_uk": "Ринки", "icon": "bulb", "unit": unit.pk}
    assert boss.post(path, data).status_code == 302
    page = boss.get(LIST).text
    assert "Ринки" in page
    assert "#topic-bulb" in page
    question = make(alpha).question("published")
    with inside(alpha):
        assert Topic.objects.get(pk=row.pk).name_en == row.name_en
        assert default_unit(question) == unit
        Unit.objects.filter(pk=unit.pk).update(is_active=False)
        chosen = default_unit(question)
        assert chosen is not None
        assert chosen.is_liaison, "a unit that cannot be written to is not proposed"


def test_the_desk_proposes_the_unit_of_the_topic(
    boss: CityClient, alpha: City, inside: Inside, make: Maker
) -> None:
    unit, question = make(alpha).unit(), make(alpha).question("published")
    with inside(alpha):
        TopicRoute.objects.create(topic=question.topic, unit=unit)
    page = boss.get(f"/desk/q/{question.pk}/").text
    assert f'<option value="{unit.pk}" selected>' in page


def test_the_second_of_two_administrators_is_told_what_the_first_saved(
    boss: CityClient, alpha: City, inside: Inside
) -> None:
    path = f"{LIST}{topic(alpha, inside).pk}/"
    both = sent(boss, path)
    assert boss.post(path, both | {"name_uk": "Ринки й торгівля"}).status_code == 302
    late = boss.post(path, both | {"name_uk": "Базари"})
    assert late.status_code == 422
    assert "Ринки й торгівля" in late.text
    assert 'value="Базари"' in late.text
    assert topic(alpha, inside).name_uk == "Ринки й торгівля"
    again = sent_back(late) | {"name_uk": "Базари"}
    assert boss.post(path, again).status_code == 302
    assert topic(alpha, inside).name_uk == "Базари"


def sent_back(response: Any) -> dict[str, Any]:
    form = response.context["form"]
    return {field.name: field.value() for field in form if field.value() is not None}


def test_a_topic_with_questions_is_never_deleted(
    boss: CityClient, alpha: City, inside: Inside, make: Maker
) -> None:
    question = make(alpha).question("published")
    boss.post(f"{LIST}{question.topic_id}/delete/")
    boss.post(f"{LIST}{question.topic_id}/active/", {"active": "0"})
    with inside(alpha):
        assert not Topic.objects.get(pk=question.topic_id).is_active
        assert Question.objects.get(pk=question.pk).topic.code == "trade"


def test_one_topic_always_stays(boss: CityClient, alpha: City, inside: Inside) -> None:
    with inside(alpha):
        Topic.objects.exclude(code="other").update(is_active=False)
        last = Topic.objects.get(code="other")
    boss.post(f"{LIST}{last.pk}/active/", {"active": "0"})
    boss.post(f"{LIST}{last.pk}/delete/")
    with inside(alpha):
        assert Topic.objects.get(code="other").is_active


def test_topics_of_the_catalogue_are_added_once(
    boss: CityClient, alpha: City, inside: Inside
) -> None:
    assert boss.post(f"{LIST}add/", {"codes": ["poaching", "dumping"]}).status_code == 302
    assert codes(alpha, inside)[-2:] == ["poaching", "dumping"]
    assert boss.post(f"{LIST}add/", {"codes": ["poaching"]}).status_code == 422
    assert boss.post(f"{LIST}add/", {"codes": ["domestic"]}).status_code == 422
    assert boss.post(f"{LIST}add/").status_code == 422
    assert codes(alpha, inside).count("poaching") == 1


def test_a_topic_of_ones_own_gets_a_code_and_is_refused_twice(
    boss: CityClient, alpha: City, inside: Inside
) -> None:
    data = {"name_uk": "Річка й береги", "name_en": "River", "icon": "dots"}
    assert boss.post(f"{LIST}new/", data).status_code == 302
    assert codes(alpha, inside)[-1] == "river"
    assert boss.post(f"{LIST}new/", data).status_code == 422
    assert boss.post(f"{LIST}new/", data | {"name_uk": "Інша", "icon": "x"}).status_code == 422
    assert boss.post(f"{LIST}new/", data | {"name_uk": "Друга"}).status_code == 302
    assert codes(alpha, inside)[-1] == "river_2"


def test_a_unit_of_another_city_is_no_default(
    boss: CityClient, alpha: City, beta: City, inside: Inside, make: Maker
) -> None:
    foreign = make(beta).unit()
    path = f"{LIST}{topic(alpha, inside).pk}/"
    assert boss.post(path, sent(boss, path) | {"unit": foreign.pk}).status_code == 422


def test_a_moderator_keeps_no_topics(
    moderator: CityClient,
) -> None:
    client = moderator
    assert client.get(LIST).status_code == 403
    assert client.post(f"{LIST}add/", {"codes": ["poaching"]}).status_code == 403


def test_what_was_done_is_in_the_history(boss: CityClient, alpha: City, inside: Inside) -> None:
    row = topic(alpha, inside)
    boss.post(f"{LIST}{row.pk}/active/", {"active": "0"})
    boss.post(f"{LIST}{row.pk}/active/", {"active": "0"})
    with inside(alpha):
        assert Entry.objects.filter(subject="topic", action="topic_deactivated").count() == 1


def test_the_list_costs_the_same_for_more_topics(
    boss: CityClient, alpha: City, inside: Inside, make: Maker
) -> None:
    counts = []
    unit = make(alpha).unit()
    boss.get(LIST)
    for many in (1, 30):
        with inside(alpha):
            for number in range(many):
                row = Topic.objects.create(
                    code=f"x{many}_{number}", name_uk=f"Т{number}", name_en="T", position=99
                )
                TopicRoute.objects.create(topic=row, unit=unit)
        boss.get(LIST)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert boss.get(LIST).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_templates_of_new_cities_use_the_catalogue() -> None:
    """The same code means the same subject, and in large cities it has the same name."""
    for code, template in originals().items():
        for line in template["topics"]:
            known = BY_CODE[line["code"]]
            if code == "oblast_centre":
                assert (line["name_uk"], line["name_en"]) == (known.name_uk, known.name_en)


def test_every_icon_is_in_the_sprite() -> None:
    sprite = Path("platform/bezpechne/static/bezpechne/icons.svg").read_text()
    assert [icon for icon in ICONS if f'id="topic-{icon}"' not in sprite] == []
