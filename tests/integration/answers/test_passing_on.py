"""Passing a question on to a colleague: whose link does what, where it may go, how it ends."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils.translation import override as english

from bezpechne.kernel import clock
from bezpechne.kernel.audit.models import Entry, history_of
from community.answers import links
from community.answers.actions import answering, drafting, passing, routing
from community.answers.models import Pass, Routing, Unit
from community.answers.states import RoutingState
from community.notices.models import Notice
from community.questions.states import StateChangeRefused
from tenants.models import City
from tests.factories import WORDS, Inside, Maker, RunJobs

ClientOf = Callable[[Any], Any]
NAME, NOTE = "Олена Коваль", "Ти там була минулого тижня"


def door_of(passed: Pass) -> links.Door:
    door = links.find(links.pass_token(passed))
    assert door is not None
    return door


def fresh(row: Routing) -> Routing:
    return Routing.objects.select_related("question", "unit").get(pk=row.pk)


def test_the_colleague_acts_and_the_former_link_reads(
    alpha: City, make: Maker, inside: Inside
) -> None:
    row = make(alpha).routing()
    passed = make(alpha).passed(row)
    with inside(alpha):
        own, theirs = links.own_door(fresh(row)), door_of(passed)
        assert (links.opens(own), links.acts(own)) == (True, False)
        assert links.acts(theirs)
        assert passed.token_hash != links.pass_token(passed)
        for act in (
            lambda: routing.accept(routing=row),
            lambda: routing.pass_back(routing=row, reason="Не наше"),
            lambda: answering.submit(routing=row, words=WORDS),
            lambda: drafting.keep(routing=row, words=WORDS, base=""),
            lambda: passing.pass_on(routing=row, name="Ігор", email="ihor@example.org", note=""),
        ):
            with pytest.raises(StateChangeRefused):
                act()
        answering.submit(routing=row, words=WORDS, door=theirs)
        entry = history_of(row.question).last()
        assert entry is not None
        assert (entry.action, entry.new["pass"]) == ("answer_submitted", passed.pk)


def test_the_history_knows_who_passed_to_whom_by_number_alone(
    alpha: City, make: Maker, inside: Inside
) -> None:
    row = make(alpha).routing()
    first = make(alpha).passed(row)
    with inside(alpha):
        second = passing.pass_on(
            routing=row, name="Ігор Лис", email="ihor@example.org", note="", door=door_of(first)
        )
        one, two = history_of(row.question).filter(action="passed_on")
        assert (one.old, one.new["pass"]) == ({}, first.pk)
        assert (two.old, two.new["pass"]) == ({"pass": first.pk}, second.pk)
        assert second.passed_by == first
        kept = str(list(Entry.objects.values()))
        assert "Коваль" not in kept
        assert "olena" not in kept
        assert "Коваль" not in str(first)


def test_the_colleague_gets_a_letter_with_the_note_and_a_link_of_their_own(
    alpha: City, make: Maker, inside: Inside, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    row = make(alpha).routing()
    run_jobs()
    outbox.clear()
    with inside(alpha):
        passed = passing.pass_on(routing=row, name=NAME, email="olena@example.org", note=NOTE)
        token = links.pass_token(passed)
    run_jobs()
    [message] = outbox
    assert message.to == ["olena@example.org"]
    assert NOTE in message.body
    assert token in message.body
    assert row.question.public_text[:20] in message.body
    assert make(alpha).unit_token(row) not in message.body


@pytest.mark.parametrize("end", ["withdraw", "reassign"])
def test_the_colleague_hears_that_the_desk_took_the_question_back(
    alpha: City,
    make: Maker,
    inside: Inside,
    run_jobs: RunJobs,
    outbox: list[Any],
    client_of: ClientOf,
    end: str,
) -> None:
    made = make(alpha)
    row, by = made.routing(), made.moderator.actor
    others = made.passed(made.routing(), email="other@example.org")
    former = made.passed(row)
    with inside(alpha):
        passed = passing.pass_on(
            routing=row, name="Ігор Лис", email="ihor@example.org", note="", door=door_of(former)
        )
        token = links.pass_token(passed)
    elsewhere = made.unit("Інший підрозділ", "elsewhere@example.net")
    run_jobs()
    outbox.clear()
    with inside(alpha):
        if end == "withdraw":
            routing.withdraw(by=by, routing=row, reason="Адреса не ваша")
        else:
            routing.route(by=by, question=row.question, unit=elsewhere)
    run_jobs()
    run_jobs()
    told = [message for message in outbox if "elsewhere@example.net" not in message.to]
    assert sorted(message.to[0] for message in told) == ["ihor@example.org", row.unit.email]
    [letter] = [message for message in told if message.to == ["ihor@example.org"]]
    assert f"№ {row.question_id}" in letter.subject
    assert ("Адреса не ваша" in letter.body) is (end == "withdraw")
    for kept_out in (token, made.unit_token(row), "elsewhere", "Інший підрозділ", others.email):
        assert kept_out not in letter.body
    page = client_of(alpha).get(f"/en/answer/{token}/")
    assert page.status_code == 410
    assert "You need not answer it." in page.text


@pytest.mark.parametrize("end", ["take_back", "renew"])
def test_the_colleague_hears_that_their_link_has_ended(
    alpha: City, make: Maker, inside: Inside, run_jobs: RunJobs, outbox: list[Any], end: str
) -> None:
    made = make(alpha)
    row = made.routing()
    passed = made.passed(row)
    run_jobs()
    outbox.clear()
    with inside(alpha):
        if end == "take_back":
            passing.take_back(door=links.own_door(fresh(row)))
        else:
            routing.renew_link(by=made.moderator.actor, routing=row)
    run_jobs()
    [letter] = [message for message in outbox if message.to == [passed.email]]
    assert f"№ {row.question_id}" in letter.subject
    assert "/answer/" not in letter.body


def test_a_colleague_who_has_it_no_more_hears_nothing(
    alpha: City, make: Maker, inside: Inside, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    made = make(alpha)
    row, by = made.routing(), made.moderator.actor
    passed = made.passed(row)
    with inside(alpha):
        passing.take_back(door=links.own_door(fresh(row)))
    run_jobs()
    outbox.clear()
    with inside(alpha):
        routing.withdraw(by=by, routing=row, reason="Помилка")
    run_jobs()
    assert passed.email not in {message.to[0] for message in outbox}


@pytest.mark.parametrize("end", ["take_back", "renew", "withdraw", "expire"])
def test_a_colleagues_link_dies(alpha: City, make: Maker, inside: Inside, end: str) -> None:
    row = make(alpha).routing()
    passed = make(alpha).passed(row)
    by = make(alpha).moderator.actor
    with inside(alpha):
        if end == "take_back":
            passing.take_back(door=links.own_door(row))
        elif end == "renew":
            routing.renew_link(by=by, routing=row)
        elif end == "withdraw":
            routing.withdraw(by=by, routing=row, reason="Помилка")
        else:
            Routing.objects.update(expires_at=clock.now())
        door = links.find(links.pass_token(passed))
        assert door is None or not links.opens(door)
        with pytest.raises(StateChangeRefused):
            routing.accept(routing=row, door=door or links.Door("x", row, row, passed))
        if end in {"take_back", "renew"}:
            routing.accept(routing=row)


def test_taking_back_ends_the_links_further_down(alpha: City, make: Maker, inside: Inside) -> None:
    row = make(alpha).routing()
    first = make(alpha).passed(row)
    with inside(alpha):
        second = passing.pass_on(
            routing=row, name="Ігор", email="ihor@example.org", note="", door=door_of(first)
        )
        third = passing.pass_on(
            routing=row, name="Яна", email="yana@example.org", note="", door=door_of(second)
        )
        with pytest.raises(StateChangeRefused):
            passing.take_back(door=door_of(third))
        passing.take_back(door=door_of(first))
        assert links.find(links.pass_token(second)) is None
        assert links.find(links.pass_token(third)) is None
        assert links.acts(door_of(first))
        passing.take_back(door=links.own_door(row))
        assert links.find(links.pass_token(first)) is None
        with pytest.raises(StateChangeRefused):
            passing.take_back(door=links.own_door(row))


@pytest.mark.parametrize(
    "email",
    [
        "olena@gmail.com",
        "olena@sub.example.org",
        "olena@example.org.evil.test",
        "olena@notexample.org",
        "patrol@example.org",
        "PATROL@example.org",
    ],
)
def test_only_a_colleague_of_the_same_mail_domain(
    alpha: City, make: Maker, inside: Inside, email: str
) -> None:
    row = make(alpha).routing()
    with inside(alpha), english("en"), pytest.raises(StateChangeRefused, match=r"@|own mailbox"):
        passing.pass_on(routing=row, name=NAME, email=email, note="")


def test_a_unit_at_a_public_mail_service_passes_to_nobody(
    alpha: City, make: Maker, inside: Inside
) -> None:
    row = make(alpha).routing(unit=make(alpha).unit(email="viddil@ukr.net"))
    with inside(alpha), pytest.raises(StateChangeRefused):
        passing.pass_on(routing=row, name=NAME, email="anybody@ukr.net", note="")


def test_a_question_does_not_wander_for_ever(alpha: City, make: Maker, inside: Inside) -> None:
    row = make(alpha).routing()
    with inside(alpha):
        for number in range(passing.MOST):
            passing.pass_on(routing=row, name=NAME, email=f"o{number}@example.org", note="")
            passing.take_back(door=links.own_door(row))
        with pytest.raises(StateChangeRefused, match=str(passing.MOST)):
            passing.pass_on(routing=row, name=NAME, email="last@example.org", note="")
        assert Notice.objects.filter(kind="passed_on").count() == passing.MOST


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("Олена\r\nBcc: all@example.org", "olena@example.org"),
        ("Олена\nКоваль", "olena@example.org"),
        ("<b>Олена</b>", "olena@example.org"),
        ("Олена\x00", "olena@example.org"),
        ("http://evil.test", "olena@example.org"),
        ("\u202eанелО", "olena@example.org"),
        ("", "olena@example.org"),
        ("О" * 81, "olena@example.org"),
        (NAME, "olena@example.org\r\nBcc: all@example.org"),
        (NAME, "olena@example.org, all@example.org"),
        (NAME, '"o o"@example.org'),
        (NAME, "olena@[127.0.0.1]"),
        (NAME, "Олена <olena@example.org>"),
        (NAME, "olena"),
        (NAME, "x" * 300 + "@example.org"),
    ],
)
def test_odd_names_and_addresses_come_back_with_a_sentence(
    alpha: City, make: Maker, inside: Inside, client_of: ClientOf, name: str, email: str
) -> None:
    row = make(alpha).routing()
    url = reverse("answers:pass_on", args=[make(alpha).unit_token(row)])
    data = {"colleague-name": name, "colleague-email": email, "colleague-note": NOTE}
    response = client_of(alpha).post(url, data)
    assert response.status_code == 422
    assert NOTE in response.content.decode()
    assert "error-summary" in response.content.decode()
    with inside(alpha):
        assert not Pass.objects.exists()


@pytest.mark.parametrize("name", ["Олена Коваль", "О. Коваль-Дуб", "Дар’я", "María José Ñ"])
def test_names_of_people_pass(
    alpha: City, make: Maker, inside: Inside, client_of: ClientOf, name: str
) -> None:
    row = make(alpha).routing()
    url = reverse("answers:pass_on", args=[make(alpha).unit_token(row)])
    data = {"colleague-name": name, "colleague-email": "Olena@Example.org"}
    assert client_of(alpha).post(url, data).status_code == 302
    with inside(alpha):
        assert Pass.objects.get().name == name
        assert Pass.objects.get().email == "olena@example.org"


def test_the_former_page_says_who_has_it_and_has_no_forms(
    alpha: City, make: Maker, inside: Inside, client_of: ClientOf
) -> None:
    row = make(alpha).routing()
    token = make(alpha).unit_token(row)
    make(alpha).passed(row)
    page = client_of(alpha).get(reverse("answers:page", args=[token])).content.decode()
    assert NAME in page
    assert "/take-back/" in page
    for gone in ("/submit/", "/accept/", "/pass-back/", "/draft/"):
        assert gone not in page
    for late, data in (
        ("submit", {"text": WORDS.text}),
        ("pass_back", {"pass-reason": "Не наша компетенція"}),
    ):
        response = client_of(alpha).post(reverse(f"answers:{late}", args=[token]), data)
        assert response.status_code == 422
    with inside(alpha):
        assert fresh(row).state == RoutingState.SENT


def test_a_colleagues_link_is_nothing_in_another_city(
    alpha: City, beta: City, make: Maker, inside: Inside, client_of: ClientOf
) -> None:
    row = make(alpha).routing()
    passed = make(alpha).passed(row)
    with inside(alpha):
        token = links.pass_token(passed)
    assert client_of(alpha).get(reverse("answers:page", args=[token])).status_code == 200
    assert client_of(beta).get(reverse("answers:page", args=[token])).status_code == 410
    for name in ("accept", "submit", "draft", "pass_on", "take_back"):
        assert client_of(beta).post(reverse(f"answers:{name}", args=[token])).status_code == 404
    with inside(alpha):
        assert Unit.objects.filter(routings__passes=passed).exists()
