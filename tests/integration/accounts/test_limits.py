"""Floods of sign-in: who guesses gets slower and slower, the owner gets in."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings

from bezpechne.accounts import devices
from bezpechne.accounts.actions import reset_tokens
from bezpechne.accounts.models import AccountMail, User
from bezpechne.kernel import clock, throttle
from tenants.models import City
from tests.factories import PASSWORD, Inside, Maker

NOON = datetime(2026, 11, 24, 12, 0, 5, tzinfo=UTC)
SIGN_IN = "/account/sign-in/"
WRONG = "not the right one"


def at(**later: float) -> Any:
    return clock.frozen(NOON + timedelta(**later))


def guess(client: Any, email: str, password: str = WRONG) -> int:
    return int(client.post(SIGN_IN, {"email": email, "password": password}).status_code)


@pytest.fixture
def owner(alpha: City, make: Maker) -> User:
    with at():
        return make(alpha).moderator


def test_waits_grow_and_asking_too_early_makes_none_longer(db: None) -> None:
    delays = throttle.growing(2)
    waits, moment = [], 0.0
    for _ in range(6):
        with at(seconds=moment):
            assert throttle.turn("test", "one", delays) == throttle.NO_WAIT
            for _ in range(3):
                wait = throttle.turn("test", "one", delays)
                if wait == throttle.NO_WAIT:
                    break
            waits.append(wait.total_seconds())
        moment += max(1, wait.total_seconds())
    assert waits[1:] == sorted(waits[1:])
    assert waits[-1] >= 30


def test_a_day_of_quiet_or_a_success_begins_anew(db: None) -> None:
    delays = throttle.growing(1)
    with at():
        throttle.turn("test", "one", delays)
        throttle.turn("test", "one", delays)
        throttle.turn("test", "two", delays)
        throttle.turn("test", "two", delays)
        assert throttle.turn("test", "one", delays) > throttle.NO_WAIT
        throttle.forget("test", "one")
        assert throttle.turn("test", "one", delays) == throttle.NO_WAIT
    with at(hours=25):
        assert throttle.turn("test", "two", delays) == throttle.NO_WAIT


def test_what_is_left_of_a_limit_ends_with_its_window(db: None) -> None:
    with at():
        throttle.allow("test", "one", limit=1, window=timedelta(hours=2))
    with at(hours=1):
        assert throttle.in_seconds(throttle.left("test", "one")) == 3600
        assert throttle.in_seconds(throttle.left("test", "nobody")) == 1


def test_guessing_from_one_place_has_to_wait_and_is_told_how_long(
    alpha: City, client_of: Any, owner: User
) -> None:
    client = client_of(alpha)
    with at():
        codes = [guess(client, owner.email) for _ in range(8)]
        assert codes[:6] == [200] * 6
        assert codes[-1] == 429
        answer = client.post(f"/en{SIGN_IN}", {"email": owner.email, "password": PASSWORD})
        assert answer.status_code == 429, "the right password is not looked at either"
        assert "seconds" in answer.text
        assert int(answer["Retry-After"]) >= 1
    with at(hours=1):
        assert guess(client, owner.email, PASSWORD) == 302


def test_a_flood_from_everywhere_does_not_stop_the_owner_s_own_browser(
    alpha: City, client_of: Any, owner: User
) -> None:
    """Nor is it stopped by a flood from the owner's own network."""
    own = client_of(alpha, REMOTE_ADDR="198.51.100.1")
    with at():
        assert guess(own, owner.email, PASSWORD) == 302
        own.post("/account/sign-out/")
        found = [
            guess(client_of(alpha, REMOTE_ADDR=f"203.0.113.{n}"), owner.email) for n in range(40)
        ]
        assert found.count(429) >= 15
        for _ in range(10):
            guess(client_of(alpha, REMOTE_ADDR="198.51.100.1"), owner.email)
        stranger = client_of(alpha, REMOTE_ADDR="192.0.2.9")
        assert guess(stranger, owner.email, PASSWORD) == 429
        assert guess(own, owner.email, PASSWORD) == 302


def test_a_known_browser_has_its_limit_too(alpha: City, client_of: Any, owner: User) -> None:
    own = client_of(alpha)
    with at():
        guess(own, owner.email, PASSWORD)
        own.post("/account/sign-out/")
        assert 429 in [guess(own, owner.email) for _ in range(14)]


def test_one_network_guessing_many_addresses_has_to_wait(
    alpha: City, client_of: Any, owner: User
) -> None:
    client = client_of(alpha)
    with at():
        found = [guess(client, f"person{n}@example.org") for n in range(40)]
    assert found[:30] == [200] * 30
    assert found[-1] == 429


def test_an_office_that_signs_in_by_the_right_passwords_is_never_stopped(
    alpha: City, client_of: Any, make: Maker
) -> None:
    with at():
        for number in range(45):
            person = make(alpha).user("moderator", f"m{number}@example.org")
            assert guess(client_of(alpha), person.email, PASSWORD) == 302


def test_an_unknown_address_is_limited_like_a_known_one(
    alpha: City, client_of: Any, owner: User
) -> None:
    with at():
        known = [guess(client_of(alpha, REMOTE_ADDR="192.0.2.1"), owner.email) for _ in range(9)]
        other = [
            guess(client_of(alpha, REMOTE_ADDR="192.0.2.2"), "x@example.org") for _ in range(9)
        ]
    assert known == other


def test_the_letter_is_open_during_a_flood_and_its_browser_gets_in(
    alpha: City, client_of: Any, owner: User, inside: Inside
) -> None:
    from django.utils.http import urlsafe_base64_encode  # noqa: PLC0415 - this test alone

    with at():
        for n in range(40):
            guess(client_of(alpha, REMOTE_ADDR=f"203.0.113.{n}"), owner.email)
        client = client_of(alpha, REMOTE_ADDR="192.0.2.44")
        assert guess(client, owner.email, PASSWORD) == 429
        assert client.post("/account/reset/", {"email": owner.email}).status_code == 200
        with inside(alpha):
            assert AccountMail.objects.filter(kind="reset", recipient_id=owner.pk).exists()
            token = reset_tokens.make_token(owner)
        uid = urlsafe_base64_encode(str(owner.pk).encode())
        new = "чотири слова що не пов’язані"
        client.post(f"/account/reset/{uid}/{token}/", {"password": new})
        assert guess(client, owner.email, new) == 302


def test_the_cookie_of_a_device_is_one_city_s_and_not_to_be_made_up(
    alpha: City, beta: City, client_of: Any, owner: User, inside: Inside
) -> None:
    client = client_of(alpha)
    with at():
        guess(client, owner.email, PASSWORD)
    cookie = client.cookies[settings.DEVICE_COOKIE_NAME]
    assert cookie["httponly"]
    assert not cookie["domain"]
    assert owner.email not in cookie.value
    from django.test import RequestFactory  # noqa: PLC0415 - this test alone

    request = RequestFactory().get("/")
    for value, city, known in (
        (cookie.value, alpha, True),
        (cookie.value, beta, False),
        (cookie.value + "x", alpha, False),
        ("", alpha, False),
        ("a:b:c", alpha, False),
    ):
        request.COOKIES[settings.DEVICE_COOKIE_NAME] = value
        with inside(city):
            assert devices.device_of(request).knows(owner.email) is known
            assert not devices.device_of(request).knows("other@example.org")


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_next_of_the_sign_in_leads_nowhere_else(
    alpha: City, client_of: Any, owner: User, target: str
) -> None:
    client = client_of(alpha)
    with at():
        page = client.get(SIGN_IN, {"next": target})
        assert "evil" not in page.context["next"]
        assert "javascript:" not in page.context["next"]
        answer = client.post(SIGN_IN, {"email": owner.email, "password": PASSWORD, "next": target})
    assert answer["Location"] == "/desk/"


def test_a_form_of_another_site_signs_nobody_in_or_out(
    alpha: City, client_of: Any, owner: User, inside: Inside
) -> None:
    client = client_of(alpha, enforce_csrf_checks=True)
    answer = client.post(SIGN_IN, {"email": owner.email, "password": PASSWORD})
    assert answer.status_code == 403
    with inside(alpha):
        client.force_login(owner)
    for url in (
        "/account/security/sessions/end/",
        "/account/security/set-up/",
        "/account/second-factor/passkey/options/",
    ):
        assert client.post(url).status_code == 403
