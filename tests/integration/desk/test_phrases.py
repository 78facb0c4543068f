"""Ready phrases: placeholders, the form without scripts, both languages, no lost change."""

from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from bezpechne.kernel.audit.models import Entry
from community.desk.actions import phrases as actions
from community.desk.models import Phrase
from community.desk.phrases import filled, problems, usual, values_for
from community.questions.models import Topic
from tenants.models import City
from tests.factories import Inside, Make, Maker


def signed_in(made: Make, client_of: Any, inside: Inside) -> Client:
    client: Client = client_of(made.city)
    person = made.moderator
    with inside(made.city):
        client.force_login(person)
    return client


def phrase(made: Make, inside: Inside, **values: Any) -> Phrase:
    by = made.moderator.actor
    with inside(made.city):
        return actions.save_phrase(
            by=by,
            phrase=Phrase(),
            values={
                "kind": "reject",
                "title": "Не до нас",
                "text_uk": "Питання № {номер} не до поліції міста {місто}.",
                "text_en": "Question № {number} is not for the police of {city}.",
                **values,
            },
        )


def test_a_new_city_has_usual_phrases_without_a_fault(alpha: City, inside: Inside) -> None:
    with inside(alpha):
        assert Phrase.objects.count() == len(usual()) >= 10
        for row in Phrase.objects.all():
            assert not [*problems(row.text_uk, row.kind), *problems(row.text_en, row.kind)]
            assert row.text_en


@pytest.mark.parametrize(
    "text", ["{прізвище}", "{ім'я} {номер}", "{", "}{", "{номер", "{}", "{link}"]
)
def test_unknown_placeholders_are_refused_with_a_sentence(
    alpha: City, make: Maker, inside: Inside, client_of: Any, text: str
) -> None:
    made = make(alpha)
    client = signed_in(made, client_of, inside)
    sent = {"kind": "reject", "title": "Спроба", "text_uk": f"Ось так: {text}"}
    response = client.post("/desk/phrases/new/", sent)
    assert response.status_code == 422
    assert f"Ось так: {text}" in response.context["form"]["text_uk"].value()
    assert response.context["form"].errors["text_uk"]
    with inside(alpha):
        assert not Phrase.objects.filter(title="Спроба").exists()


def test_both_names_of_a_placeholder_are_filled_in() -> None:
    values = {"number": "7", "city": "Полтава"}
    assert filled("№ {номер} {Number} {МІСТО} {unit}", values) == "№ 7 7 Полтава {unit}"
    # A value is not looked through again.
    assert filled("{city}", {"city": "{number}", "number": "7"}) == "{number}"


@pytest.mark.parametrize("language", ["uk", "en"])
def test_without_scripts_the_button_brings_the_form_back_with_the_phrase(
    alpha: City, make: Maker, inside: Inside, client_of: Any, language: str
) -> None:
    made = make(alpha)
    row = phrase(made, inside)
    question = made.question(language=language)
    client = signed_in(made, client_of, inside)
    response = client.post(
        f"/desk/q/{question.pk}/reject/",
        {"reject-reason": "Вже написано", "phrase": row.pk, "insert": "1"},
    )
    assert response.status_code == 200
    start = "Питання" if language == "uk" else "Question"
    text = response.context["forms"]["reject"]["reason"].value()
    assert text.startswith(f"Вже написано\n\n{start} № {question.pk} ")
    assert "{" not in text
    with inside(alpha):
        question.refresh_from_db()
        assert question.state == "in_moderation"
    for odd in ("", "x", "9" * 18, "\x00"):
        again = client.post(
            f"/desk/q/{question.pk}/reject/",
            {"reject-reason": "Вже написано", "phrase": odd, "insert": "1"},
        )
        assert again.context["forms"]["reject"]["reason"].value() == "Вже написано"


def test_two_who_change_one_phrase_lose_nothing(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    made = make(alpha)
    row = phrase(made, inside)
    client = signed_in(made, client_of, inside)
    path = f"/desk/phrases/{row.pk}/"
    sent = {"kind": "reject", "title": "Не до нас", "seen": row.version}
    assert client.post(path, {**sent, "text_uk": "Перша правка"}).status_code == 302
    refused = client.post(path, {**sent, "text_uk": "Друга правка"})
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "Перша правка" in page
    assert "Друга правка" in page
    fresh = refused.context["form"]["seen"].value()
    assert client.post(path, {**sent, "seen": fresh, "text_uk": "Друга правка"}).status_code == 302
    with inside(alpha):
        assert Phrase.objects.get(pk=row.pk).text_uk == "Друга правка"


def test_preview_same_title_delete_and_the_usual_ones_again(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    made = make(alpha)
    row = phrase(made, inside)
    client = signed_in(made, client_of, inside)
    sent = {"kind": "reject", "title": "Не до нас", "text_uk": "Питання № {номер}, {місто}."}
    assert client.post("/desk/phrases/new/", sent).status_code == 422
    preview = client.post("/desk/phrases/new/", {**sent, "title": "Інша", "preview": "1"})
    assert preview.context["previews"] == ["Питання № 123, Полтава."]
    assert client.post(f"/desk/phrases/{row.pk}/delete/").status_code == 302
    assert client.post(f"/desk/phrases/{row.pk}/delete/").status_code == 404
    with inside(alpha):
        Phrase.objects.filter(kind="ask_back").delete()
    for _ in range(2):
        client.post("/desk/phrases/usual/")
    with inside(alpha):
        assert Phrase.objects.count() == len(usual())


def test_phrases_of_another_city_are_out_of_reach(
    alpha: City, beta: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    foreign = phrase(make(beta), inside, title="Чужа")
    made = make(alpha)
    question = made.question()
    client = signed_in(made, client_of, inside)
    assert client.get(f"/desk/phrases/{foreign.pk}/").status_code == 404
    response = client.post(f"/desk/q/{question.pk}/reject/", {"phrase": foreign.pk, "insert": "1"})
    assert not response.context["forms"]["reject"]["reason"].value()


@pytest.mark.parametrize("private", [False, True])
def test_the_link_leads_to_the_page_in_the_language_of_the_resident(
    alpha: City, make: Maker, inside: Inside, private: bool
) -> None:
    """Whatever language the moderator reads; a private question has no page to lead to."""
    state = "private_waiting" if private else "published"
    question = make(alpha).question(state, language="en")
    with inside(alpha), translation.override("uk"):
        link = values_for(question)["link"]
    assert link.endswith("" if private else f"/en/q/{question.pk}/")
    assert ("/q/" in link) is not private


def test_phrases_of_the_topic_come_first_and_other_topics_last(
    alpha: City, beta: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    made = make(alpha)
    client = signed_in(made, client_of, inside)
    question = made.question()
    with inside(alpha):
        own = question.topic
        other = Topic.objects.exclude(pk=own.pk)[0]
        Phrase.objects.all().delete()
    phrase(made, inside, title="Чужа тема", topic=other)
    phrase(made, inside, title="Будь-яка")
    phrase(made, inside, title="Ця тема", topic=own)
    offered = client.get(f"/desk/q/{question.pk}/").context["phrases"]["reject"]
    assert [row.title for row, _text in offered] == ["Ця тема", "Будь-яка", "Чужа тема"]
    assert f"Ця тема – {own.name_uk}" in client.get(f"/desk/q/{question.pk}/").text
    # Gone with its topic is only the tie.
    with inside(alpha):
        other.delete()
        assert Phrase.objects.get(title="Чужа тема").topic is None


def test_the_topic_is_chosen_in_the_form_and_never_another_citys(
    alpha: City, beta: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    made = make(alpha)
    client = signed_in(made, client_of, inside)
    with inside(beta):
        foreign = Topic.objects.create(pk=10**6, code="beta", name_uk="Чужа", name_en="Other").pk
    with inside(alpha):
        topic = Topic.objects.all()[0]
    page = client.get(f"/desk/phrases/new/?kind=answer&topic={topic.pk}")
    assert f'<option value="{topic.pk}" selected>' in page.text
    sent = {"kind": "answer", "title": "Про тему", "text_uk": "Перевірили, усе гаразд."}
    for odd in (foreign, "abc", "9" * 30):
        assert client.get(f"/desk/phrases/new/?topic={odd}").status_code == 200
        assert client.post("/desk/phrases/new/", sent | {"topic": odd}).status_code == 422
    assert client.post("/desk/phrases/new/", sent | {"topic": topic.pk}).status_code == 302
    with inside(alpha):
        row = Phrase.objects.get(title="Про тему")
        assert row.topic == topic
        assert Entry.objects.get(action="phrase_created").new["topic_id"] == topic.pk
        client.force_login(made.administrator)
    on_topic = client.get(f"/desk/city/topics/{topic.pk}/").content.decode()
    assert f'href="/desk/phrases/{row.pk}/"' in on_topic
    assert topic.name_uk in client.get("/desk/phrases/").text
    # Changed meanwhile: the other's topic is named.
    changed = client.post(
        f"/desk/phrases/{row.pk}/", sent | {"topic": "", "seen": row.version + 1, "kind": "answer"}
    )
    assert changed.status_code == 422
    assert topic.name_uk in str(changed.context["differences"])
