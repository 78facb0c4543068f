"""Whatever is typed into whatever field: shown as text or refused with a sentence, never a 500."""

import html
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from community.questions.models import Question
from tenants.models import City
from tests import pictures
from tests.factories import Inside, Make, Maker
from tests.route_table import question_form
from tests.worlds import World, populate

TEXTS = {
    "script": "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>",
    "sql": "'; DROP TABLE questions_question; -- \" OR 1=1",
    "template": "{{ 7|add:7 }} {% debug %} ${7*7} %(x)s %s {0}",
    "long": "слово " * 1700,
    "emoji": "👮🏽‍♀️ чому тут 🚗🚗🚗 на тротуарі 🇺🇦?",
    "right to left": "\u202eтекст задом наперед\u202c مرحبا שלום",
    "nul": "нуль\x00всередині і \x07 дзвінок\x1b[31m",
    "header": "рядок\r\nBcc: thief@example.org\r\n\r\nтіло",
    "blank": " \u00a0\u2003\t\n ",
    "surrogate": "пів\ud83dпари",
}
each_text = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())


def client_for(city: City, inside: Inside, user: Any = None) -> Client:
    client = Client(headers={"host": f"{city.slug}.bezpechne.test"}, raise_request_exception=False)
    if user:
        with inside(city):
            client.force_login(user)
    return client


def encodable(text: str) -> str:
    """As a browser would send it: a lone surrogate becomes a question mark."""
    return text.encode("utf-8", "replace").decode()


def safe(body: str) -> bool:
    return "<script>alert(1)" not in body and "<img src=x" not in body


ASK_FIELDS = ("text", "name", "place", "email", "topic", "submit_key", "lat", "happening_now")


@each_text
@pytest.mark.parametrize("field", ASK_FIELDS)
def test_the_question_form_survives(alpha: City, inside: Inside, field: str, text: str) -> None:
    client = client_for(alpha, inside)
    fields = question_form(alpha) | {field: encodable(text)}
    response = client.post("/ask/", fields)
    assert response.status_code in {302, 422}
    if response.status_code == 422:
        assert safe(response.text)
        assert fields["name"] in html.unescape(response.text) or field == "name"
    with inside(alpha):
        assert Question.objects.count() == (response.status_code == 302)


@each_text
def test_what_was_asked_is_shown_escaped_everywhere(
    alpha: City, make: Maker, inside: Inside, text: str
) -> None:
    """On the public page, the list, the pins, the desk, the follow and the unit's page."""
    from community.questions.forms import clean_text  # noqa: PLC0415 - as the form stores it

    stored = clean_text(encodable(text))[:4000] or "текст"
    made = make(alpha)
    question = made.question(
        "published", text=stored, place=stored[:160], name=stored[:80], share_name=True
    )
    row = made.routing(question, made.unit(stored[:160] or "x"))
    staff = client_for(alpha, inside, made.administrator)
    public = client_for(alpha, inside)
    pages = {
        f"/q/{question.pk}/": public,
        "/": public,
        f"/follow/{made.follow_token(question)}/": public,
        f"/answer/{made.unit_token(row)}/": public,
        f"/desk/q/{question.pk}/": staff,
        "/desk/?tab=with_units": staff,
        "/desk/units/": staff,
    }
    for path, client in pages.items():
        response = client.get(path)
        assert response.status_code == 200, path
        assert safe(response.text), path
    shown = html.unescape(public.get(f"/q/{question.pk}/").text)
    assert " ".join(stored.split())[:60] in " ".join(shown.split())
    pins = public.get("/map/pins.json?bbox=22,44,40,52")
    assert pins["Content-Type"] == "application/json"
    assert len(pins.json()["pins"]) == 1


# Every other form that takes text: path, fields; who sends it; the field that gets the text.
FORMS: dict[str, Callable[[World], tuple[str, dict[str, Any]]]] = {
    "pending.code": lambda w: (f"/ask/sent/{w.links['pending']}/", {"code": ...}),
    "resend.email": lambda w: (f"/ask/sent/{w.links['pending']}/again/", {"address-email": ...}),
    "follow.text": lambda w: (f"/follow/{w.links['follow']}/", {"text": ...}),
    "lost.email": lambda w: ("/follow/lost/", {"email": ...}),
    "answer.text": lambda w: (f"/answer/{w.links['unit']}/submit/", {"text": ...}),
    "answer.competence": lambda w: (
        f"/answer/{w.links['unit']}/submit/",
        {"text": "Патруль перевірив місце.", "competence": ..., "next_step": ...},
    ),
    "pass.reason": lambda w: (f"/answer/{w.links['unit']}/pass-back/", {"pass-reason": ...}),
    "sign_in": lambda w: ("/account/sign-in/", {"email": ..., "password": ...}),
    "sign_in.next": lambda w: ("/account/sign-in/", {"email": "x", "next": ...}),
    "reset.email": lambda w: ("/account/reset/", {"email": ...}),
    "accept": lambda w: (
        f"/account/invitation/{w.links['invitation']}/",
        {"name": ..., "password": ...},
    ),
    "desk.publish": lambda w: (
        f"/desk/q/{w.new.pk}/publish/",
        {f"public-{field}": ... for field in ("text", "place", "topic", "lat", "lon", "photos")},
    ),
    "desk.publish.text": lambda w: (
        f"/desk/q/{w.new.pk}/publish/",
        {
            "public-text": ...,
            "public-place": ...,
            "public-topic": "trade",
            "public-lat": w.new.lat,
            "public-lon": w.new.lon,
        },
    ),
    "desk.reject": lambda w: (f"/desk/q/{w.new.pk}/reject/", {"reject-reason": ...}),
    "desk.ask_back": lambda w: (f"/desk/q/{w.new.pk}/ask-back/", {"ask_back-text": ...}),
    "desk.hide": lambda w: (f"/desk/q/{w.published.pk}/hide/", {"hide-reason": ...}),
    "desk.route": lambda w: (
        f"/desk/q/{w.published.pk}/route/",
        {"route-unit": w.unit.pk, "route-note": ...},
    ),
    "desk.route.unit": lambda w: (f"/desk/q/{w.published.pk}/route/", {"route-unit": ...}),
    "desk.enter": lambda w: (
        f"/desk/q/{w.published.pk}/answer/",
        {"enter-unit": ..., "enter-channel": ..., "enter-text": ...},
    ),
    "desk.correct": lambda w: (
        f"/desk/q/{w.green.question_id}/answer/{w.green.pk}/correct/",
        {"correct-text": ..., "correct-competence": ..., "correct-note": ...},
    ),
    "desk.unit": lambda w: (
        "/desk/units/new/",
        {"name_uk": ..., "name_en": ..., "kind": "patrol", "phone": ..., "hours": ...},
    ),
    "desk.unit.email": lambda w: (
        f"/desk/units/{w.unit.pk}/",
        {"name_uk": "Підрозділ", "kind": ..., "email": ...},
    ),
    "desk.invite": lambda w: ("/desk/staff/", {"email": ..., "name": ..., "role": ...}),
    "city.map": lambda w: (
        "/desk/city/map/",
        dict.fromkeys(("west", "south", "east", "north", "centre_lat", "zoom", "seen"), ...),
    ),
    "city.outline": lambda w: ("/desk/city/map/outline/", {"outline_text": ...}),
    "city.topic": lambda w: (
        "/desk/city/topics/new/",
        {"name_uk": ..., "name_en": ..., "icon": "dots", "unit": ..., "seen": ...},
    ),
    "city.topics": lambda w: ("/desk/city/topics/add/", {"codes": ...}),
    "desk.active": lambda w: (f"/desk/units/{w.unit.pk}/active/", {"active": ...}),
}


def test_every_other_form_survives(alpha: City, make: Maker, inside: Inside) -> None:
    world = populate(alpha)
    for name, form in FORMS.items():
        staff = client_for(alpha, inside, make(alpha).administrator)
        for kind, text in TEXTS.items():
            path, fields = form(world)
            sent = {
                key: encodable(text) if value is ... else value for key, value in fields.items()
            }
            response = staff.post(path, sent, follow=True)
            assert response.status_code in {200, 410, 422, 429}, (name, kind)
            assert safe(response.text), (name, kind)


QUERIES = {
    "home": "/?status={}&topic={}&before={}",
    "pins": "/map/pins.json?bbox={}&status={}&topic={}",
    "pins of a topic": "/map/pins.json?bbox=22,44,40,52&topic={}",
    "places": "/map/places.json?bbox={}",
    "ask": "/ask/?lat={}&lon={}",
    "sign in": "/account/sign-in/?next={}",
    "queue": "/desk/?tab={}&from={}",
    "units": "/desk/units/?text={}&kind={}&state={}&after={}",
    "activity": "/desk/activity/?who={}&what={}&first={}&last={}&number={}&before={}",
    "accent": "/files/accent.css?{}",
}
WORDS = [
    *TEXTS.values(),
    "nan,nan,nan,nan",
    "9" * 400,
    "-1",
    "0001-01-01T00:00:00+14:00~1",
    "9999-12-31T23:59:59-14:00~9223372036854775807",
    "2026-01-01~1",
    "2026-01-01T00:00:00+00:00~-5",
    "//evil.example",
    "https://evil.example",
]


@pytest.mark.parametrize("query", QUERIES)
def test_no_query_string_breaks_a_page(
    alpha: City, make: Maker, inside: Inside, query: str
) -> None:
    from urllib.parse import quote  # noqa: PLC0415 - this test alone

    staff = client_for(alpha, inside, make(alpha).administrator)
    for word in WORDS:
        url = QUERIES[query].replace("{}", quote(encodable(word)))
        response = staff.get(url)
        assert response.status_code in {200, 400, 404}, (url, response.status_code)
        assert safe(response.text)


@pytest.mark.parametrize(
    "path",
    [
        "/q/0/",
        "/q/99999999999999999999999999/",
        "/q/-1/",
        "/desk/q/99999999999999999999999999/",
        "/follow/%00/",
        "/follow/" + "x" * 3000 + "/",
        "/answer/%F0%9F%91%AE/",
        "/account/reset/%00/x-y/",
        "/account/reset/OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5/x-y/",
        "/account/reset/LTU/x-y/",
        "/account/reset/8J-Rrg/x-y/",
        "/files/photo/6f1c2a3e-0000-4000-8000-000000000001/..%2Foriginal.jpg",
        "/%ff%fe/",
        "/en//evil.example/",
    ],
)
def test_odd_paths_are_not_found(alpha: City, make: Maker, inside: Inside, path: str) -> None:
    staff = client_for(alpha, inside, make(alpha).administrator)
    assert staff.get(path).status_code in {404, 410}


def test_sign_in_leads_to_no_other_site(alpha: City, make: Maker, inside: Inside) -> None:
    user = make(alpha).moderator
    for target in ("https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil"):
        client = client_for(alpha, inside)
        response = client.post(
            "/account/sign-in/",
            {"email": user.email, "password": "correct horse battery", "next": target},
        )
        assert response.status_code == 302
        assert response["Location"].startswith("/")
        assert "evil" not in response["Location"]


def test_a_mistake_in_one_field_keeps_the_others_and_the_photos(
    alpha: City, inside: Inside
) -> None:
    client = client_for(alpha, inside)
    key = uuid4()
    fields = question_form(alpha, submit_key=key, email="no address", place="біля ринку")
    sent = {
        **fields,
        "photos": [
            pictures.upload(pictures.phone_photo(), "добре.jpg"),
            pictures.upload(pictures.SVG, "<b>погано</b>.jpg"),
        ],
    }
    response = client.post("/ask/", sent)
    assert response.status_code == 422
    shown = html.unescape(response.text)
    for kept in (fields["text"], "Одарка", "no address", "біля ринку"):
        assert kept in shown
    assert "<b>погано</b>" not in response.text
    [photo] = set(re.findall(r"/files/photo/draft/[^\"'\s]+\.jpg", response.text))
    assert client.get(photo).getvalue()
    again = client.post("/ask/", fields | {"email": "odarka@example.org"})
    assert again.status_code == 302
    with inside(alpha):
        assert Question.objects.get().photos.count() == 1


def test_an_emergency_is_shown_102_once_and_then_taken(alpha: City, inside: Inside) -> None:
    client = client_for(alpha, inside)
    fields = question_form(alpha, text="Сусід погрожує ножем просто у дворі", happening_now="yes")
    response = client.post("/ask/", fields)
    assert response.status_code == 422
    assert "tel:102" in response.text
    assert "tel:112" in response.text
    assert client.post("/ask/", fields | {"emergency_seen": "on"}).status_code == 302
    with inside(alpha):
        assert Question.objects.get().is_urgent


@pytest.mark.parametrize("consent", [{}, {"consent": ""}])
def test_nothing_is_stored_without_consent(
    alpha: City, inside: Inside, consent: dict[str, str]
) -> None:
    fields = question_form(alpha)
    del fields["consent"]
    assert client_for(alpha, inside).post("/ask/", fields | consent).status_code == 422
    with inside(alpha):
        assert not Question.objects.exists()


def test_a_point_outside_the_city_is_refused_with_a_sentence(alpha: City, inside: Inside) -> None:
    client = client_for(alpha, inside)
    for lat, lon in (("50.45", "30.52"), ("91", "34.5"), ("nan", "34.5"), ("", "")):
        response = client.post("/ask/", question_form(alpha, lat=lat, lon=lon))
        assert response.status_code == 422
    words = question_form(alpha, lat="", lon="", place="біля ринку")
    assert client.post("/ask/", words).status_code == 302
    with inside(alpha):
        assert Question.objects.get().point_is_rough


def test_public_pages_know_no_name_and_no_address(alpha: City, make: Maker, inside: Inside) -> None:
    """Negative tests contain what could leak: the asker, the staff, letters, links."""
    made = make(alpha)
    question = made.question("in_moderation", email="odarka@example.org", name="Одарка Секретна")
    with inside(alpha):
        from community.questions.actions import moderating  # noqa: PLC0415 - this test alone

        moderating.publish(
            by=made.moderator.actor,
            question=question,
            public=Make.public(question, text="Виправлений текст питання"),
        )
    row = made.routing(question, made.unit("Патрульні", "unit@example.org"))
    client = client_for(alpha, inside)
    paths = ["/", f"/q/{question.pk}/", "/map/pins.json?bbox=22,44,40,52", "/about/"]
    for path in paths:
        body = client.get(path).text
        for secret in (
            "Одарка",
            "odarka",
            "Марко",
            "moderator@",
            "unit@example.org",
            question.text,
            made.follow_token(question),
            made.unit_token(row),
        ):
            assert secret not in body, (path, secret)
    unit_page = client.get(f"/answer/{made.unit_token(row)}/").text
    assert "Одарка" not in unit_page
    assert "odarka" not in unit_page


@pytest.mark.parametrize(("share", "seen"), [(True, True), (False, False)])
def test_the_unit_sees_the_name_only_when_the_resident_ticked_so(
    alpha: City, make: Maker, inside: Inside, share: bool, seen: bool
) -> None:
    question = make(alpha).question("published", share_name=share)
    with inside(alpha):
        address = question.asker.email
    row = make(alpha).routing(question)
    page = client_for(alpha, inside).get(f"/answer/{make(alpha).unit_token(row)}/").text
    assert ("Одарка Секретна" in page) is seen
    assert address not in page


def test_a_scanner_that_opens_links_changes_nothing(
    alpha: City, make: Maker, inside: Inside
) -> None:
    world = populate(alpha)
    client = client_for(alpha, inside)
    for path in (
        f"/confirm/{world.links['confirm']}/",
        f"/answer/{world.links['unit']}/",
        f"/follow/{world.links['follow']}/",
    ):
        assert client.get(path).status_code == client.head(path).status_code == 200
        with inside(alpha):
            world.routing.refresh_from_db()
            world.unconfirmed.refresh_from_db()
            assert world.routing.opened_at is None
            assert world.unconfirmed.state == "unconfirmed"


def test_the_same_form_sent_twice_leads_to_the_same_page(alpha: City, inside: Inside) -> None:
    client = client_for(alpha, inside)
    fields = question_form(alpha)
    pages = {client.post("/ask/", fields)["Location"] for _ in range(2)}
    assert len(pages) == 1
    with inside(alpha):
        assert Question.objects.count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM public.procrastinate_jobs")
        assert cursor.fetchone() == (1,)


def test_sign_in_stops_guessing(alpha: City, make: Maker, inside: Inside) -> None:
    user = make(alpha).moderator
    client = client_for(alpha, inside)
    good = {"email": user.email, "password": "correct horse battery"}
    statuses = [
        client.post("/account/sign-in/", good | {"password": "wrong"}).status_code
        for _ in range(11)
    ]
    # The waits grow: tests/integration/accounts/test_limits.py.
    assert statuses[:4] == [200] * 4
    assert statuses[-4:] == [429] * 4
    assert client.post("/account/sign-in/", good).status_code == 429
    assert client_for(alpha, inside).get("/account/sign-in/").status_code == 200


def test_a_form_left_open_for_days_keeps_the_text(alpha: City) -> None:
    client = Client(headers={"host": "poltava.bezpechne.test"}, enforce_csrf_checks=True)
    response = client.post("/ask/", question_form(alpha) | {"code": "123456"})
    assert response.status_code == 403
    assert "Чому біля ринку стоять машини" in response.text
    assert "123456" not in response.text


def test_oversize_bodies_are_refused_with_a_page(alpha: City, inside: Inside) -> None:
    client = client_for(alpha, inside)
    huge = client.generic(
        "POST",
        "/ask/",
        b"x",
        content_type="application/x-www-form-urlencoded",
        CONTENT_LENGTH=str(settings.MAX_REQUEST_BYTES + 1),
    )
    assert huge.status_code == 413
    fields = question_form(alpha, text="x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1))
    assert client.post("/ask/", fields).status_code == 413
    many = {f"field{number}": "x" for number in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)}
    assert client.post("/ask/", many).status_code in {400, 413}
    wrong = client.generic("POST", "/ask/", b"x", CONTENT_LENGTH="много")
    assert wrong.status_code == 400
