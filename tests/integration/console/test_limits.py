"""At the limit: photos are refused and text is taken; letters wait until morning, never lost."""

import math
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from bezpechne.kernel import clock, metering
from bezpechne.kernel.images import ImageRefused
from community.notices.models import Notice
from community.questions.models import Photo, Question
from provisioning.console.actions.limits import set_limits
from provisioning.provisioning import OPERATOR
from tenants.models import City
from tests import pictures
from tests.factories import Inside, Maker, RunJobs
from tests.route_table import question_form


def allow(city: City, *, mb: int | None = None, mails: int | None = None) -> City:
    return set_limits(
        by=OPERATOR, city=city, storage_limit_mb=mb, mails_a_day=mails, reason="Перевірка"
    )


def store(city: City, inside: Inside, share: float) -> None:
    """As if so much of one megabyte were stored."""
    allow(city, mb=1)
    with inside(city):
        metering.put(metering.FILE_BYTES, math.ceil(share * 1024 * 1024))


def test_a_full_city_refuses_photos_with_a_sentence_and_takes_the_text(
    alpha: City, inside: Inside, client_of: Any
) -> None:
    store(alpha, inside, 1.0)
    client = client_of(alpha)
    response = client.post(
        "/ask/",
        {**question_form(alpha), "photos": pictures.upload(pictures.phone_photo())},
    )
    assert response.status_code == 422
    assert "біля ринку" in response.text
    with inside(alpha):
        assert not Photo.objects.exists()
    assert client.post("/ask/", question_form(alpha)).status_code == 302
    with inside(alpha):
        assert Question.objects.exists()


def test_photos_are_refused_in_the_full_city_alone(
    alpha: City, beta: City, make: Maker, inside: Inside
) -> None:
    store(alpha, inside, 0.999)
    make(alpha).draft_photo()
    store(alpha, inside, 1.0)
    with pytest.raises(ImageRefused):
        make(alpha).draft_photo()
    make(beta).draft_photo()
    allow(alpha, mb=2)
    make(alpha).draft_photo()


def test_letters_of_units_are_kept_in_a_full_city(alpha: City, make: Maker, inside: Inside) -> None:
    store(alpha, inside, 2.0)
    assert make(alpha).letter().size > 0


def sent(city: City, inside: Inside) -> list[str]:
    with inside(city):
        return list(
            Notice.objects.exclude(sent_at=None).order_by("pk").values_list("kind", flat=True)
        )


def test_letters_beyond_the_limit_wait_until_the_next_morning(
    alpha: City, beta: City, make: Maker, inside: Inside, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    now = clock.now()
    allow(alpha, mails=1)
    with clock.frozen(now):
        make(alpha).question("published")
        make(beta).question("published")
        run_jobs()
        assert sent(alpha, inside) == ["received"]
        assert sent(beta, inside) == ["received", "published"]
        with connection.cursor() as cursor:
            cursor.execute("SELECT scheduled_at FROM procrastinate_jobs WHERE status = 'todo'")
            moments = [at.astimezone(clock.KYIV) for (at,) in cursor.fetchall()]
        assert moments
        assert {at.hour for at in moments} == {8}
        assert {at.date() for at in moments} == {clock.today() + timedelta(days=1)}
        assert run_jobs() == 0
    waiting = len(moments)
    allow(alpha, mails=100)
    with clock.frozen(moments[0] + timedelta(minutes=1)):
        run_jobs()
        assert len(sent(alpha, inside)) == 1 + waiting
        with inside(alpha):
            assert metering.counted(metering.MAILS, day=clock.today()) == waiting
            assert metering.counted(metering.MAILS, day=now.astimezone(clock.KYIV).date()) == 1


def test_a_code_is_sent_though_the_day_is_used_up(
    alpha: City, make: Maker, inside: Inside, run_jobs: RunJobs
) -> None:
    allow(alpha, mails=1)
    with inside(alpha):
        metering.put(metering.MAILS, 50, day=clock.today())
    make(alpha).question("unconfirmed")
    run_jobs()
    assert sent(alpha, inside) == ["confirm"]


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.5, None), (0.8, "message--warning"), (1.0, "message--error")],
)
def test_the_citys_administrator_is_warned_on_the_desk(
    alpha: City, make: Maker, inside: Inside, client_of: Any, share: float, words: str | None
) -> None:
    store(alpha, inside, share)
    allow(alpha, mb=1, mails=10)
    with inside(alpha):
        metering.put(metering.MAILS, int(share * 10), day=clock.today())
    client = client_of(alpha)
    with inside(alpha):
        client.force_login(make(alpha).administrator)
    text = client.get("/desk/").text
    assert text.count(words or "message--warning") == (2 if words else 0)
    with inside(alpha):
        client.force_login(make(alpha).moderator)
    assert "message--warning" not in client.get("/desk/").text
