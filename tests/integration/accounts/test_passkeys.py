"""Passkeys: made and used at one site alone, stopped when they exist twice."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.http import HttpResponse
from fido2.utils import websafe_encode

from bezpechne.accounts import passkeys, second_factor
from bezpechne.accounts.models import AccountMail, User
from bezpechne.kernel import clock
from bezpechne.kernel.audit.models import Entry
from tenants.models import City
from tests.authenticator import SoftPasskey
from tests.factories import PASSWORD, Inside, Maker

NOON = datetime(2026, 11, 24, 12, 0, 5, tzinfo=UTC)
SIGN_IN, CODE = "/account/sign-in/", "/account/second-factor/"
OPTIONS, USE = "/account/second-factor/passkey/options/", "/account/second-factor/passkey/"
SECURITY, ADD = "/account/security/", "/account/security/passkeys/add/"
CONFIRM = "/account/security/confirm/"


def at(**later: float) -> Any:
    return clock.frozen(NOON + timedelta(**later))


def device(city: City | None, **more: Any) -> SoftPasskey:
    host = f"{city.slug}.bezpechne.test" if city else "bezpechne.test"
    return SoftPasskey(**{"origin": f"http://{host}:8000", "host": host, **more})


class Owner:
    """A person with an app, and the browser in which they are signed in with both factors."""

    def __init__(self, city: City | None, user: User, client_of: Any, inside: Inside) -> None:
        self.city, self.user, self._client_of = city, user, client_of
        self.secret = second_factor.new_secret()
        with inside(city), at(minutes=-30):
            code = second_factor.code_at(self.secret, clock.now())
            self.codes = second_factor.enrol(user=user, secret=self.secret, code=code)
        self.client = client_of(city)
        with at(minutes=-2):
            self.give_password(self.client)
            self.client.post(CODE, {"code": self.code()})

    def code(self) -> str:
        return second_factor.code_at(self.secret, clock.now())

    def give_password(self, client: Any) -> HttpResponse:
        response: HttpResponse = client.post(
            SIGN_IN, {"email": self.user.email, "password": PASSWORD}
        )
        return response

    def add(self, passkey: SoftPasskey, name: str = "Ноутбук") -> HttpResponse:
        with at():
            answer = passkey.make(self.client.get(ADD).context["options"])
            response: HttpResponse = self.client.post(
                ADD, {"name": name, "credential": json.dumps(answer)}
            )
        return response

    def newcomer(self, *, password: bool = False) -> Any:
        client = self._client_of(self.city)
        if password:
            with at():
                self.give_password(client)
        return client


def use(client: Any, passkey: SoftPasskey, **fields: Any) -> HttpResponse:
    with at():
        answer = passkey.use(client.post(OPTIONS).json())
        response: HttpResponse = client.post(USE, {"credential": json.dumps(answer), **fields})
    return response


@pytest.fixture
def owner_in(make: Maker, client_of: Any, inside: Inside) -> Callable[[City | None], Owner]:
    def made(city: City | None) -> Owner:
        who = make(city).moderator if city else make(None).operator
        return Owner(city, who, client_of, inside)

    return made


@pytest.mark.parametrize("where", ["city", "platform"])
def test_a_passkey_signs_in_after_the_password_and_alone(
    alpha: City, owner_in: Any, inside: Inside, where: str
) -> None:
    city = alpha if where == "city" else None
    owner, home = owner_in(city), "/desk/" if city else "/console/"
    passkey = device(city)
    assert owner.add(passkey)["Location"] == SECURITY
    assert "Ноутбук" in owner.client.get(SECURITY).text
    for count, password in ((2, True), (3, False)):
        passkey.count = count
        client = owner.newcomer(password=password)
        if password:
            with at():
                assert client.get(CODE).context["has_passkey"]
        assert use(client, passkey)["Location"] == home
        assert client.get(home).status_code == 200
    with inside(city):
        kinds = set(AccountMail.objects.values_list("kind", flat=True))
    assert {"factor_set", "passkey_added", "new_device"} <= kinds


def test_the_page_that_asked_for_the_sign_in_opens_and_no_other_host(
    alpha: City, owner_in: Any
) -> None:
    owner, passkey = owner_in(alpha), device(alpha)
    owner.add(passkey)
    for count, target, opened in (
        (2, "/desk/staff/", "/desk/staff/"),
        (3, "//evil.example/", "/desk/"),
        (4, "https://evil.example/", "/desk/"),
    ):
        passkey.count = count
        assert use(owner.newcomer(), passkey, next=target)["Location"] == opened


def test_alone_it_wants_the_person_and_not_the_device_alone(alpha: City, owner_in: Any) -> None:
    owner, passkey = owner_in(alpha), device(alpha, verified=False)
    owner.add(passkey)
    passkey.count = 2
    client = owner.newcomer()
    assert use(client, passkey)["Location"] == SIGN_IN
    assert client.get("/desk/").status_code == 302
    assert use(owner.newcomer(password=True), passkey)["Location"] == "/desk/"


def test_a_passkey_of_one_city_is_nothing_at_another(
    alpha: City, beta: City, owner_in: Any, inside: Inside
) -> None:
    """Neither as it is, nor with the row copied, nor by a page of a neighbouring host."""
    owner, there = owner_in(alpha), owner_in(beta)
    passkey = device(alpha)
    owner.add(passkey)
    passkey.count = 2
    client = there.newcomer()
    assert use(client, passkey)["Location"] == SIGN_IN
    with inside(alpha):
        row = passkeys.of(owner.user).get()
    with inside(beta):
        data = {**row.data, "host": f"{beta.slug}.bezpechne.test"}
        Authenticator.objects.create(user=there.user, type=row.type, data=data)
    for origin, host in (
        (passkey.origin, passkey.host),
        (passkey.origin, f"{beta.slug}.bezpechne.test"),
        ("http://bezpechne.test:8000", "bezpechne.test"),
        (f"http://{beta.slug}.bezpechne.test:8000", "bezpechne.test"),
        (f"http://{beta.slug}.bezpechne.test", f"{beta.slug}.bezpechne.test"),
    ):
        passkey.origin, passkey.host, passkey.count = origin, host, passkey.count + 1
        assert use(client, passkey)["Location"] == SIGN_IN, (origin, host)
        assert client.get("/desk/").status_code == 302


def test_a_city_s_page_does_not_sign_in_to_the_platform(alpha: City, owner_in: Any) -> None:
    """A subdomain may ask for passkeys of the domain above it; the origin tells."""
    owner, passkey = owner_in(None), device(None)
    owner.add(passkey)
    passkey.count, passkey.origin = 2, f"http://{alpha.slug}.bezpechne.test:8000"
    client = owner.newcomer()
    assert use(client, passkey)["Location"] == SIGN_IN
    assert client.get("/console/").status_code == 302


def test_a_copy_is_told_by_its_counter_and_stopped(
    alpha: City, owner_in: Any, inside: Inside
) -> None:
    owner, passkey = owner_in(alpha), device(alpha, count=7)
    owner.add(passkey)
    passkey.count = 8
    assert use(owner.newcomer(), passkey)["Location"] == "/desk/"
    copy = owner.newcomer()
    assert use(copy, passkey)["Location"] == SIGN_IN
    assert copy.get("/desk/").status_code == 302
    passkey.count = 99
    assert use(owner.newcomer(), passkey)["Location"] == SIGN_IN, "it stays stopped"
    with inside(alpha):
        assert AccountMail.objects.filter(kind="passkey_copied").count() == 1
        assert Entry.objects.filter(action="passkey_copied").count() == 1
        assert passkeys.listed(owner.user)[0].stopped
    with at():
        assert not owner.newcomer(password=True).get(CODE).context["has_passkey"]


def test_one_that_does_not_count_signs_in_again_and_again(alpha: City, owner_in: Any) -> None:
    owner, passkey = owner_in(alpha), device(alpha, count=0)
    owner.add(passkey)
    for _ in range(2):
        assert use(owner.newcomer(), passkey)["Location"] == "/desk/"


def test_an_answer_works_once_and_only_where_it_was_asked_for(alpha: City, owner_in: Any) -> None:
    owner, passkey = owner_in(alpha), device(alpha, count=0)
    owner.add(passkey)
    asker, thief = owner.newcomer(), owner.newcomer()
    with at():
        answer = json.dumps(passkey.use(asker.post(OPTIONS).json()))
        thief.post(OPTIONS)
        assert thief.post(USE, {"credential": answer})["Location"] == SIGN_IN
        assert asker.post(USE, {"credential": answer})["Location"] == "/desk/"
        asker.post("/account/sign-out/")
        assert asker.post(USE, {"credential": answer})["Location"] == SIGN_IN
        late = json.dumps(passkey.use(asker.post(OPTIONS).json()))
    with at(minutes=11):
        assert asker.post(USE, {"credential": late})["Location"] == SIGN_IN


def test_a_colleague_s_passkey_is_no_second_step(
    alpha: City, owner_in: Any, make: Maker, client_of: Any, inside: Inside
) -> None:
    owner, passkey = owner_in(alpha), device(alpha)
    owner.add(passkey)
    boss = Owner(alpha, make(alpha).administrator, client_of, inside)
    passkey.count = 2
    client = boss.newcomer(password=True)
    assert use(client, passkey)["Location"] == CODE
    assert client.get("/desk/").status_code == 302


def test_a_closed_account_s_passkey_opens_nothing(
    alpha: City, owner_in: Any, inside: Inside
) -> None:
    owner, passkey = owner_in(alpha), device(alpha)
    owner.add(passkey)
    with inside(alpha):
        User.objects.filter(pk=owner.user.pk).update(is_active=False)
    passkey.count = 2
    assert use(owner.newcomer(), passkey)["Location"] == SIGN_IN


MADE_UP = [
    "",
    "null",
    "[]",
    "{}",
    '"text"',
    "{" * 5000,
    "[" * 19_000,
    json.dumps({"id": "x" * 30_000}),
    json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}),
    json.dumps({"id": "AA", "rawId": "AA", "response": {"clientDataJSON": "e30"}}),
    json.dumps(
        {
            "id": "AA",
            "rawId": "AA",
            "type": "public-key",
            "response": {
                "clientDataJSON": websafe_encode(b"{}"),
                "authenticatorData": "AA",
                "signature": "AA",
                "attestationObject": "oA",
            },
        }
    ),
    json.dumps({"id": 5, "rawId": None, "type": [], "response": 7}),
    "\0",
]


@pytest.mark.parametrize("made_up", MADE_UP, ids=range(len(MADE_UP)))
def test_made_up_answers_are_refused_with_a_sentence(
    alpha: City, owner_in: Any, made_up: str
) -> None:
    owner = owner_in(alpha)
    client = owner.newcomer()
    with at():
        client.post(OPTIONS)
        assert client.post(USE, {"credential": made_up})["Location"] == SIGN_IN
        owner.client.get(ADD)
        answer = owner.client.post(ADD, {"name": "Ключ", "credential": made_up})
    assert answer.status_code == 422
    assert "Ключ" in answer.text


def test_adding_and_removing_ask_for_a_fresh_code(
    alpha: City, owner_in: Any, inside: Inside, client_of: Any
) -> None:
    owner, passkey = owner_in(alpha), device(alpha)
    owner.add(passkey)
    with inside(alpha):
        pk = passkeys.of(owner.user).get().pk
    remove = f"{SECURITY}passkeys/{pk}/remove/"
    other = client_of(alpha)
    with inside(alpha):
        other.force_login(owner.user)
    with at(minutes=20):
        assert CONFIRM in owner.client.get(ADD)["Location"]
        assert CONFIRM in owner.client.post(ADD, {"name": "x", "credential": "{}"})["Location"]
        assert CONFIRM in owner.client.post(remove)["Location"]
        assert owner.client.post(CONFIRM, {"code": "000000"}).status_code == 422
        done = owner.client.post(CONFIRM, {"code": owner.code(), "next": ADD})
        assert done["Location"] == ADD
        assert other.get("/desk/").status_code == 200
        assert owner.client.post(remove)["Location"] == SECURITY
        assert owner.client.get("/desk/").status_code == 200
    assert other.get("/desk/").status_code == 302, "another session may be the thief's"
    with inside(alpha):
        assert not passkeys.of(owner.user).exists()
        assert AccountMail.objects.filter(kind="passkey_removed").count() == 1
    passkey.count = 2
    assert use(owner.newcomer(), passkey)["Location"] == SIGN_IN


def test_several_are_named_and_a_colleague_s_are_out_of_reach(
    alpha: City, owner_in: Any, make: Maker, client_of: Any, inside: Inside
) -> None:
    owner = owner_in(alpha)
    owner.add(device(alpha), "Перший")
    owner.add(device(alpha), "Другий")
    boss = Owner(alpha, make(alpha).administrator, client_of, inside)
    with inside(alpha):
        pk = passkeys.of(owner.user).first().pk  # type: ignore[union-attr] # made above
    with at():
        url = f"{SECURITY}passkeys/{pk}/"
        assert boss.client.post(url, {"name": "Мій"}).status_code == 404
        assert boss.client.post(f"{url}remove/").status_code == 404
        assert owner.client.post(url, {"name": " Робочий <b> "}).status_code == 302
        owner.client.post(url, {"name": "x" * 61})
        owner.client.post(url, {"name": "\0"})
    with inside(alpha):
        names = [line.name for line in passkeys.listed(owner.user)]
    assert names == ["Робочий <b>", "Другий"]
    assert "Робочий &lt;b&gt;" in owner.client.get(SECURITY).text


def test_the_same_passkey_is_not_added_twice_and_there_is_an_end(
    alpha: City, owner_in: Any
) -> None:
    owner, passkey = owner_in(alpha), device(alpha)
    owner.add(passkey)
    assert owner.add(passkey).status_code == 422
    for _ in range(passkeys.MOST - 1):
        assert owner.add(device(alpha)).status_code == 302
    assert owner.add(device(alpha)).status_code == 422


def test_a_passkey_made_for_a_former_address_is_named_as_such(
    alpha: City, owner_in: Any, inside: Inside
) -> None:
    owner, passkey = owner_in(alpha), device(alpha)
    owner.add(passkey)
    with inside(alpha):
        row = passkeys.of(owner.user).get()
        row.data["host"] = "old.example.org"
        row.save()
    assert "old.example.org" in owner.client.get(SECURITY).text
    passkey.count = 2
    assert use(owner.newcomer(), passkey)["Location"] == SIGN_IN


def test_without_an_app_there_is_no_passkey(
    alpha: City, make: Maker, client_of: Any, inside: Inside
) -> None:
    client = client_of(alpha)
    with inside(alpha):
        client.force_login(make(alpha).moderator)
    assert client.get(ADD).status_code == 302
    with inside(alpha), pytest.raises(passkeys.PasskeyError):
        passkeys.add(user=make(alpha).moderator, name="x", answer={}, state={})
