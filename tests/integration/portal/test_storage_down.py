"""A bucket that fails while people send and look at photos: sentences, and nothing lost."""

import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from community.answers.models import Answer, Letter
from community.questions.models import Photo, Question
from tenants.models import City
from tests import bucket as s3
from tests import pictures
from tests.integration.portal.test_asking_again import FORM, form

TROUBLES = ["reset", "hang", "503 SlowDown", "507 XMinioStorageFull", "403 AccessDenied"]
# Three photos against a bucket that hangs: the first waits, the others know. On a busy machine; with
# the library's own limits it would be minutes.
LONGEST = 30.0


@pytest.fixture
def server(settings: Any) -> Iterator[s3.Server]:
    with s3.running() as server:
        s3.in_force(server, settings, rest_seconds=0.2)
        yield server


def three() -> list[Any]:
    return [pictures.upload(pictures.jpeg((60 + n, 40)), f"photo{n}.jpg") for n in range(3)]


def whole(alpha: City, server: s3.Server) -> int:
    """Photos whose three files are all there; fails for one that is not whole."""
    photos = list(Photo.objects.all())
    for photo in photos:
        for file in (photo.original, photo.full, photo.thumbnail):
            assert server.objects[f"{alpha.schema_name}/{file.name}"]
    return len(photos)


def _shows_a_photo(client: Any, path: str) -> None:
    answer = client.get(path)
    assert answer["Content-Type"] == "image/jpeg"
    assert b"".join(answer.streaming_content).startswith(b"\xff\xd8")


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_bucket_that_fails_costs_a_sentence_and_not_the_form(
    alpha: City, inside: Any, client_of: Any, server: s3.Server, trouble: str
) -> None:
    client, key = client_of(alpha), str(uuid4())
    server.fail(trouble)
    started = time.monotonic()
    page = client.post("/en/ask/", form(alpha, key, photos=three()))
    assert time.monotonic() - started < LONGEST
    assert page.status_code == 422
    text = page.content.decode()
    assert text.count("Photos cannot be stored right now") >= 3
    assert "photo2.jpg" in text
    assert FORM["text"] in text
    assert FORM["email"] in text
    with inside(alpha):
        assert not Photo.objects.exists()
    # Without photos it goes at once, bucket or not.
    assert client.post("/en/ask/", form(alpha, key)).status_code == 302


@pytest.mark.parametrize("after", [1, 3, 5, 6, 8, 11, 13, 17])
def test_photos_that_got_in_stay_and_the_rest_can_follow(
    alpha: City, inside: Any, client_of: Any, server: s3.Server, after: int
) -> None:
    """The bucket goes away at any of the 18 calls that three photos cost."""
    client, key = client_of(alpha), str(uuid4())
    server.fail("reset", after=after)
    page = client.post("/en/ask/", form(alpha, key, photos=three()))
    assert page.status_code == 422
    with inside(alpha):
        stored = whole(alpha, server)
    assert stored == after // 6
    server.mend()
    time.sleep(0.25)
    missing = three()[stored:]
    assert client.post("/en/ask/", form(alpha, key, photos=missing)).status_code == 302
    with inside(alpha):
        assert whole(alpha, server) == 3
        assert Question.objects.get().photos.count() == 3


def test_a_photo_that_cannot_be_read_is_a_picture_that_says_so(
    alpha: City, make: Any, inside: Any, client_of: Any, server: s3.Server
) -> None:
    question = make(alpha).question("published", photos=1)
    with inside(alpha):
        path = f"/files/photo/{question.photos.get().key}/thumbnail.jpg"
    client = client_of(alpha)
    _shows_a_photo(client, path)
    server.fail("hang")
    started = time.monotonic()
    answer = client.get(path)
    assert time.monotonic() - started < LONGEST
    assert (answer.status_code, answer["Content-Type"]) == (503, "image/svg+xml")
    assert answer["Cache-Control"] == "no-store"
    assert "<text" in answer.content.decode()
    # The page around it is as ever.
    assert client.get(f"/q/{question.pk}/").status_code == 200
    server.mend()
    time.sleep(0.25)
    _shows_a_photo(client, path)


def test_a_unit_keeps_its_text_when_letters_cannot_be_stored(
    alpha: City, inside: Any, make: Any, client_of: Any, server: s3.Server
) -> None:
    token = make(alpha).unit_token(make(alpha).routing())
    client, path = client_of(alpha), f"/answer/{token}/submit/"
    typed = {
        "text": "Виїхали, оформили два протоколи.",
        "competence": "Патрульна поліція",
        "next_step": "Повторимо у п'ятницю",
    }
    server.fail("reset", "PUT")
    letter = pictures.upload(b"%PDF-1.4 x %%EOF", "lyst.pdf")
    page = client.post(path, {**typed, "letters": [letter]})
    assert page.status_code == 422
    assert typed["text"] in page.content.decode()
    with inside(alpha):
        assert not Answer.objects.exists()
        assert not Letter.objects.exists()
    assert client.post(path, typed).status_code == 302
    with inside(alpha):
        assert Answer.objects.get().text == typed["text"]
