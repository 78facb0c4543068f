"""Photos of a form, one by one: kept, put in order, removed, offered as a place; nobody else's."""

from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection

from bezpechne.kernel.images import MAX_BYTES
from community.questions.models import MAX_PHOTOS, Photo, Question
from community.questions.queries import public_questions
from tenants import resolution
from tenants.models import City
from tests import pictures
from tests.factories import Inside, Maker

FAR_LATITUDE = (50.0, 27.0, 0.0)


def add(
    client: Any, form: object, content: bytes = b"", name: str = "IMG_1.HEIC", **more: Any
) -> Any:
    file = pictures.upload(content or pictures.heic(), name)
    return client.post(f"/ask/photos/{form}/add/", {"photo": file, **more})


def test_a_heic_is_kept_as_jpegs_without_a_trace_of_its_place(
    alpha: City, inside: Inside, client_of: Any
) -> None:
    client, key = client_of(alpha), uuid4()
    answer = add(client, key)
    assert answer.status_code == 201
    assert answer.json()["place"] == {"lat": 49.588333, "lon": 34.551389, "inside": True}
    shown = client.get(answer.json()["url"])
    assert shown.getvalue().startswith(b"\xff\xd8\xff")
    assert shown["Content-Type"] == "image/jpeg"
    with inside(alpha):
        photo = Photo.objects.get()
        for file in (photo.original, photo.full, photo.thumbnail):
            with default_storage.open(str(file.name)) as stored:
                content = stored.read()
            assert content.startswith(b"\xff\xd8\xff")
            assert b"Exif" not in content
            assert b"Odarka" not in content
        with connection.cursor() as cursor:
            cursor.execute("SELECT p::text FROM questions_photo p")
            assert "49.58" not in cursor.fetchone()[0]


def test_a_photo_of_elsewhere_says_so(alpha: City, client_of: Any) -> None:
    answer = add(client_of(alpha), uuid4(), pictures.heic(latitude=FAR_LATITUDE))
    assert answer.json()["place"]["inside"] is False


def test_a_photo_without_a_place_offers_none(alpha: City, client_of: Any) -> None:
    assert add(client_of(alpha), uuid4(), pictures.jpeg()).json()["place"] is None


@pytest.mark.parametrize(
    "content",
    [b"no photo", pictures.HEIC, pictures.heic()[:300], pictures.png_of(20_000, 20_000)],
    ids=["text", "empty heic", "cut heic", "bomb"],
)
def test_what_is_no_photo_gets_a_sentence(
    alpha: City, inside: Inside, client_of: Any, content: bytes
) -> None:
    answer = add(client_of(alpha), uuid4(), content)
    assert answer.status_code == 422
    assert answer.json()["error"].endswith(".")
    with inside(alpha):
        assert not Photo.objects.exists()


def test_no_file_and_a_sixth_are_refused(alpha: City, inside: Inside, client_of: Any) -> None:
    client, key = client_of(alpha), uuid4()
    assert client.post(f"/ask/photos/{key}/add/").status_code == 422
    for _ in range(MAX_PHOTOS):
        assert add(client, key, pictures.jpeg()).status_code == 201
    assert add(client, key, pictures.jpeg()).status_code == 422
    with inside(alpha):
        assert Photo.objects.count() == MAX_PHOTOS == 5


def test_the_same_file_sent_again_after_a_lost_answer_is_one_photo(
    alpha: City, inside: Inside, client_of: Any
) -> None:
    client, key, own = client_of(alpha), uuid4(), str(uuid4())
    answers = [add(client, key, key=own).json() for _ in range(2)]
    assert answers[0]["key"] == answers[1]["key"] == own
    add(client, uuid4(), key=own)
    add(client, key, key="nonsense\x00")
    with inside(alpha):
        assert Photo.objects.filter(submit_key=key).count() == 2
        assert Photo.objects.count() == 3


def test_the_order_is_kept_until_the_public_page(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    client, key = client_of(alpha), uuid4()
    names = [add(client, key, pictures.jpeg()).json()["key"] for _ in range(3)]
    wanted = [names[2], names[0], names[1]]
    answer = client.post(f"/ask/photos/{key}/", {"photo": [*wanted, str(uuid4()), "nonsense"]})
    assert [photo["key"] for photo in answer.json()["photos"]] == wanted
    assert [photo["key"] for photo in client.get(f"/ask/photos/{key}/").json()["photos"]] == wanted
    with inside(alpha):
        late = make(alpha).draft_photo(key)
    question = make(alpha).question("published", submit_key=key)
    with inside(alpha):
        found = [str(photo.key) for photo in Question.objects.get(pk=question.pk).photos.all()]
        assert found == [*wanted, str(late.key)]
        assert public_questions().count() == 1


def test_a_form_with_a_mistake_keeps_the_order_and_what_is_removed(
    alpha: City, client_of: Any
) -> None:
    client, key = client_of(alpha), uuid4()
    names = [add(client, key, pictures.jpeg()).json()["key"] for _ in range(3)]
    page = client.post(
        "/ask/",
        {
            "submit_key": key,
            "photo": [names[2], names[1], names[0]],
            "remove_photo": names[1],
            "text": "замало",
        },
    )
    assert page.status_code == 422
    text = page.text
    assert text.index(names[2]) < text.index(names[0])
    assert names[1] not in text


def test_a_removed_photo_is_gone_with_its_files(
    alpha: City, inside: Inside, client_of: Any, django_capture_on_commit_callbacks: Any
) -> None:
    client, key = client_of(alpha), uuid4()
    answer = add(client, key).json()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/ask/photos/{key}/", {"remove_photo": answer["key"]})
    assert client.get(answer["url"]).status_code == 404
    with inside(alpha):
        assert not Photo.objects.exists()


def test_photos_of_a_question_and_of_another_form_are_out_of_reach(
    alpha: City, beta: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    """A form's key opens its own unsent photos: not once sent, not by another key or city."""
    sent, waiting = uuid4(), uuid4()
    make(alpha).question("published", submit_key=sent, photos=1)
    kept = make(alpha).draft_photo(waiting)
    for city, key in ((alpha, sent), (alpha, uuid4()), (beta, waiting)):
        answer = client_of(city).post(f"/ask/photos/{key}/", {"remove_photo": str(kept.key)})
        assert answer.json() == {"photos": []}
    assert add(client_of(alpha), sent).status_code == 422
    with inside(alpha):
        assert Photo.objects.count() == 2
        assert Photo.objects.filter(question=None).get() == kept


def test_a_city_that_takes_no_questions_takes_no_photos(alpha: City, client_of: Any) -> None:
    City.objects.filter(pk=alpha.pk).update(state="suspended")
    resolution.forget()
    assert add(client_of(alpha), uuid4()).status_code in {403, 422}


def test_five_photos_of_ten_megabytes_fit_into_one_request() -> None:
    assert settings.MAX_REQUEST_BYTES > MAX_PHOTOS * MAX_BYTES


def test_a_form_that_is_sent_again_keeps_a_file_once(
    alpha: City, inside: Inside, client_of: Any
) -> None:
    """Without scripts: the answer was lost on its way, the person reloads."""
    client, key, content = client_of(alpha), uuid4(), pictures.phone_photo()
    for _turn in range(2):
        # The text is missing, so no question comes of it.
        sent = {"submit_key": str(key), "photos": pictures.upload(content)}
        assert client.post("/ask/", sent).status_code == 422
    with inside(alpha):
        assert Photo.objects.filter(submit_key=key).count() == 1
