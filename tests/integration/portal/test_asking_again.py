"""The same form sent again: after a time-out, after «back», by somebody else."""

from typing import Any
from uuid import uuid4

import pytest

from community.questions.models import Asker, Photo, Question
from tenants.models import City
from tests import pictures

FORM = {
    "happening_now": "no",
    "topic": "trade",
    "text": "Чому біля зупинки щодня стоять машини на тротуарі?",
    "place": "біля зупинки",
    "name": "Одарка",
    "email": "odarka@example.org",
    "consent": "on",
}


def form(alpha: City, key: str, **changes: Any) -> dict[str, Any]:
    assert alpha.centre is not None
    lat, lon = alpha.centre
    return {**FORM, "submit_key": key, "lat": lat, "lon": lon, **changes}


def test_a_form_with_photos_sent_twice_leads_to_the_same_page(
    alpha: City, inside: Any, client_of: Any
) -> None:
    client, key = client_of(alpha), str(uuid4())
    pages = []
    for _ in range(2):
        photos = [pictures.upload(one) for one in (pictures.jpeg(), pictures.phone_photo())]
        pages.append(client.post("/ask/", form(alpha, key, photos=photos)))
    assert [page.status_code for page in pages] == [302, 302]
    assert pages[0]["Location"] == pages[1]["Location"]
    with inside(alpha):
        assert Question.objects.count() == 1
        assert Photo.objects.count() == 2


def test_a_changed_text_after_back_is_a_question_of_its_own(
    alpha: City, inside: Any, client_of: Any
) -> None:
    client, key = client_of(alpha), str(uuid4())
    client.post("/ask/", form(alpha, key))
    changed = "Чому біля школи щодня стоять машини на переході?"
    assert client.post("/ask/", form(alpha, key, text=changed)).status_code == 302
    with inside(alpha):
        assert set(Question.objects.values_list("text", flat=True)) == {FORM["text"], changed}


def test_the_key_of_a_form_shows_nobody_elses_address(
    alpha: City, inside: Any, client_of: Any
) -> None:
    key = str(uuid4())
    client_of(alpha).post("/ask/", form(alpha, key))
    thief = client_of(alpha)
    page = thief.post("/ask/", form(alpha, key, email="thief@example.org"), follow=True)
    assert "odarka@example.org" not in page.text
    with inside(alpha):
        assert Asker.objects.count() == 2


@pytest.mark.parametrize(
    "query",
    [
        "before=2026-01-01T00:00:00%2B00:00:01.5~5",
        "before=0001-01-01T00:00:00%2B23:59~5",
        "before=9999-12-31T23:00:00-23:59~5",
        "before=nonsense",
        "topic=%00",
    ],
)
def test_an_odd_cursor_is_the_first_page(alpha: City, client_of: Any, query: str) -> None:
    assert client_of(alpha).get(f"/?{query}").status_code == 200


@pytest.mark.parametrize(
    "cookie", ["\x01aaaaaaaaa", "a" * 400, "'; drop table x --", "aaaaaaaa aaa"]
)
def test_an_odd_session_cookie_is_nobody(alpha: City, client_of: Any, cookie: str) -> None:
    client = client_of(alpha)
    client.cookies["session"] = cookie
    assert client.get("/desk/").status_code == 302


@pytest.mark.parametrize(
    "target", ["foo", "accent", "//evil.example/", "/\\evil", "http://evil.example"]
)
def test_sign_in_leads_to_a_page_of_this_city_alone(
    alpha: City, make: Any, client_of: Any, target: str
) -> None:
    user = make(alpha).moderator
    form = {"email": user.email, "password": "correct horse battery", "next": target}
    response = client_of(alpha).post("/account/sign-in/", form)
    assert (response.status_code, response["Location"]) == (302, "/desk/")
