"""The unit's draft, the receipt of its answer, and the request for a fresh link."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from bezpechne.kernel import clock
from bezpechne.kernel.audit.models import history_of
from community.answers import links
from community.answers.actions import answering, drafting, routing
from community.answers.actions.answering import Words
from community.answers.models import Answer, Draft, Letter, Routing
from community.notices.models import Notice
from community.questions.states import StateChangeRefused
from tenants.models import City
from tests import pictures
from tests.factories import WORDS, Inside, Maker, RunJobs

ClientOf = Callable[[Any], Any]
SECRET = "Ще не перевірили, напишу завтра"
HTMX = {"HX-Request": "true"}


def page(token: str, name: str = "page") -> str:
    return reverse(f"answers:{name}", args=[token])


def test_a_draft_is_there_on_another_device_and_not_on_the_desk(
    alpha: City, make: Maker, inside: Inside, client_of: ClientOf
) -> None:
    made = make(alpha)
    row = made.routing()
    token = made.unit_token(row)
    saved = client_of(alpha).post(page(token, "draft"), {"text": SECRET, "base": ""}, headers=HTMX)
    assert saved.status_code == 200
    assert "<html" not in saved.content.decode()
    assert SECRET in client_of(alpha).get(page(token)).content.decode()
    desk = client_of(alpha)
    with inside(alpha):
        desk.force_login(made.moderator)
    item = desk.get(reverse("desk:item", args=[row.question_id])).content.decode()
    assert SECRET not in item
    with inside(alpha):
        assert not Answer.objects.exists()


def test_a_draft_without_scripts_is_a_button(
    alpha: City, make: Maker, inside: Inside, client_of: ClientOf
) -> None:
    token = make(alpha).unit_token(make(alpha).routing())
    client = client_of(alpha)
    assert client.post(page(token, "draft"), {"text": "Так", "base": ""}).status_code == 302
    too_long = client.post(page(token, "draft"), {"text": "ж" * 5001, "base": ""})
    assert too_long.status_code == 422
    assert "ж" * 100 in too_long.content.decode()
    with inside(alpha):
        assert Draft.objects.get().text == "Так"
    # An emptied draft is gone.
    assert client.post(page(token, "draft"), {"text": " ", "base": ""}).status_code == 302
    with inside(alpha):
        assert not Draft.objects.exists()


@pytest.mark.parametrize("end", ["submit", "pass_back", "withdraw", "reroute"])
def test_a_draft_goes_with_its_end(alpha: City, make: Maker, inside: Inside, end: str) -> None:
    row, by = make(alpha).routing(), make(alpha).moderator.actor
    other = make(alpha).unit("Інші", "other@example.org")
    with inside(alpha):
        drafting.keep(routing=row, words=WORDS, base="")
        if end == "submit":
            answering.submit(routing=row, words=WORDS)
        elif end == "pass_back":
            routing.pass_back(routing=row, reason="Не наше")
        elif end == "withdraw":
            routing.withdraw(by=by, routing=row, reason="Помилка")
        else:
            routing.route(by=by, question=row.question, unit=other)
        assert not Draft.objects.exists()


def test_a_page_from_before_the_answer_does_not_bring_its_draft_back(
    alpha: City, make: Maker, inside: Inside, client_of: ClientOf
) -> None:
    answer = make(alpha).submitted()
    row = answer.routing
    assert row is not None
    token = make(alpha).unit_token(row)
    late = client_of(alpha).post(page(token, "draft"), {"text": SECRET, "base": ""}, headers=HTMX)
    assert "field__error" in late.content.decode()
    with inside(alpha):
        assert not Draft.objects.exists()
        # A correction of what was sent is kept.
        base = drafting.base_of(row)
        drafting.keep(routing=row, words=Words(text=SECRET, competence="", next_step=""), base=base)
        answer.refresh_from_db()
        assert answer.text == WORDS.text
    assert SECRET in client_of(alpha).get(page(token)).content.decode()
    assert SECRET not in client_of(alpha).get(page(token, "receipt")).content.decode()


def test_the_colleague_finds_the_draft(
    alpha: City, make: Maker, inside: Inside, client_of: ClientOf
) -> None:
    row = make(alpha).routing()
    with inside(alpha):
        drafting.keep(routing=row, words=Words(text=SECRET, competence="", next_step=""), base="")
    passed = make(alpha).passed(row)
    with inside(alpha):
        token = links.pass_token(passed)
    assert SECRET in client_of(alpha).get(page(token)).content.decode()
    assert SECRET not in client_of(alpha).get(page(make(alpha).unit_token(row))).content.decode()


def test_a_receipt_follows_the_answer_with_its_number_time_and_text(
    alpha: City, make: Maker, inside: Inside, client_of: ClientOf
) -> None:
    row = make(alpha).routing()
    token = make(alpha).unit_token(row)
    client = client_of(alpha)
    assert client.get(page(token, "receipt")).status_code == 302
    sent = client.post(page(token, "submit"), {"text": WORDS.text, "next_step": WORDS.next_step})
    assert sent.headers["Location"].endswith("/receipt/")
    body = client.get(sent.headers["Location"]).content.decode()
    with inside(alpha):
        answer = Answer.objects.get()
    for part in (WORDS.text, WORDS.next_step, f"{row.question_id}-{answer.pk}"):
        assert part in body


def test_each_answer_has_one_receipt_in_the_mailbox_and_a_correction_none(
    alpha: City, make: Maker, inside: Inside, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    row, by = make(alpha).routing(), make(alpha).moderator.actor
    run_jobs()
    outbox.clear()
    with inside(alpha):
        for _again in range(3):
            answer = answering.submit(routing=row, words=WORDS)
    run_jobs()
    [receipt] = outbox
    assert receipt.to == ["patrol@example.org"]
    assert WORDS.text in receipt.body
    with inside(alpha):
        answering.send_back(by=by, answer=answer, reason="Додайте термін")
        answering.submit(routing=row, words=WORDS)
        assert Notice.objects.filter(kind="answer_receipt").count() == 2


def test_a_refused_answer_sends_no_receipt(
    alpha: City, make: Maker, inside: Inside, client_of: ClientOf
) -> None:
    token = make(alpha).unit_token(make(alpha).routing())
    assert client_of(alpha).post(page(token, "submit"), {"text": "Ні"}).status_code == 422
    with inside(alpha):
        assert not Notice.objects.filter(kind="answer_receipt").exists()


def test_a_paper_letter_comes_as_several_photos_beside_a_file(
    alpha: City, make: Maker, inside: Inside, client_of: ClientOf
) -> None:
    token = make(alpha).unit_token(make(alpha).routing())
    shots = [pictures.upload(pictures.phone_photo(), f"image{n}.jpg") for n in range(2)]
    files = {"camera": shots, "letters": [pictures.upload(pictures.PDF, "лист.pdf")]}
    sent = client_of(alpha).post(page(token, "submit"), {"text": WORDS.text, **files})
    assert sent.status_code == 302
    with inside(alpha):
        kinds = list(Letter.objects.values_list("media_type", flat=True))
    assert sorted(kinds) == ["application/pdf", "image/jpeg", "image/jpeg"]


def test_camera_and_files_together_are_five_at_most(
    alpha: City, make: Maker, inside: Inside, client_of: ClientOf
) -> None:
    token = make(alpha).unit_token(make(alpha).routing())
    files = {
        name: [pictures.upload(pictures.PDF, f"{name}{n}.pdf") for n in range(3)]
        for name in ("camera", "letters")
    }
    sent = client_of(alpha).post(page(token, "submit"), {"text": WORDS.text, **files})
    assert sent.status_code == 422
    assert WORDS.text in sent.content.decode()


def test_an_expired_link_asks_the_desk_and_the_desk_sees_it(
    alpha: City, make: Maker, inside: Inside, client_of: ClientOf
) -> None:
    made = make(alpha)
    row = made.expired(made.routing())
    token = made.unit_token(row)
    dead = client_of(alpha).get(page(token))
    assert dead.status_code == 410
    assert "/new-link/" in dead.content.decode()
    assert client_of(alpha).post(page(token, "want_link")).status_code == 200
    with inside(alpha):
        entry = history_of(row.question).last()
        assert entry is not None
        assert (entry.action, entry.actor_kind) == ("link_wanted", "unit")
        routing.renew_link(by=made.moderator.actor, routing=row)
        row.refresh_from_db()
        assert row.link_wanted_at is None


def test_an_expired_link_does_not_ring_without_end(
    alpha: City, make: Maker, inside: Inside, client_of: ClientOf
) -> None:
    row = make(alpha).expired(make(alpha).routing())
    url = page(make(alpha).unit_token(row), "want_link")
    answers = [client_of(alpha).post(url).status_code for _ in range(routing.WISHES + 2)]
    assert answers == [200] * routing.WISHES + [422] * 2
    with inside(alpha):
        assert history_of(row.question).filter(action="link_wanted").count() == routing.WISHES
    with clock.frozen(clock.now() + routing.WISHES_IN + timedelta(minutes=1)):
        assert client_of(alpha).post(url).status_code == 200


def test_a_living_or_ended_link_asks_for_nothing(
    alpha: City, make: Maker, inside: Inside, client_of: ClientOf
) -> None:
    made = make(alpha)
    living, ended = made.routing(), made.routing(unit=made.unit("Б", "b@example.org"))
    with inside(alpha):
        routing.withdraw(by=made.moderator.actor, routing=ended, reason="Помилка")
    for row in (living, ended):
        url = page(made.unit_token(row), "want_link")
        assert client_of(alpha).post(url).status_code == 422
    with inside(alpha):
        assert not Routing.objects.exclude(link_wanted_at=None).exists()


def test_the_desks_phone_is_on_the_page_and_in_the_letter(
    alpha: City, make: Maker, client_of: ClientOf, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    City.objects.filter(pk=alpha.pk).update(contact_phone="+380 532 12-34-56")
    token = make(alpha).unit_token(make(alpha).routing())
    body = client_of(alpha).get(page(token)).content.decode()
    assert 'href="tel:+38053212-34-56"' in body
    run_jobs()
    letter = next(mail for mail in outbox if mail.to == ["patrol@example.org"])
    assert "+380 532 12-34-56" in letter.body


def test_a_get_changes_nothing(
    alpha: City, make: Maker, inside: Inside, client_of: ClientOf
) -> None:
    row = make(alpha).routing()
    token = make(alpha).unit_token(row)
    for name in ("page", "receipt", "others"):
        client_of(alpha).get(page(token, name))
    with inside(alpha):
        row.refresh_from_db()
        assert row.opened_at is None
        with pytest.raises(StateChangeRefused):
            routing.want_link(door=links.own_door(row))
