"""The platform's people: a password opens nothing without the second factor."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from urllib.parse import unquote

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import login
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.http import HttpRequest, HttpResponse

from bezpechne.accounts import second_factor, signing_in
from bezpechne.accounts.actions import reset_tokens
from bezpechne.accounts.models import User
from bezpechne.kernel import clock
from bezpechne.kernel.sessions import SessionStore
from provisioning.models import JournalEntry
from tests.factories import PASSWORD, Inside, Maker

NOON = datetime(2026, 11, 24, 12, 0, 5, tzinfo=UTC)
SIGN_IN, CODE, SET_UP = (
    "/account/sign-in/",
    "/account/second-factor/",
    "/account/second-factor/set-up/",
)
SECURITY, RENEW, REPLACE = (
    "/account/security/",
    "/account/security/recovery-codes/",
    "/account/security/replace/",
)


def at(**later: float) -> Any:
    return clock.frozen(NOON + timedelta(**later))


def password_given(client: Any, user: User, **fields: Any) -> HttpResponse:
    response: HttpResponse = client.post(
        SIGN_IN, {"email": user.email, "password": PASSWORD, **fields}
    )
    return response


def enrolled(user: User, inside: Inside) -> tuple[str, list[str]]:
    """Set up a quarter of an hour before noon: the secret and the recovery codes."""
    secret = second_factor.new_secret()
    with inside(None), at(minutes=-15):
        code = second_factor.code_at(secret, clock.now())
        return secret, second_factor.enrol(user=user, secret=secret, code=code)


def send_code(client: Any, secret: str, **later: float) -> HttpResponse:
    with at(**later):
        response: HttpResponse = client.post(
            CODE, {"code": second_factor.code_at(secret, clock.now())}
        )
        return response


@pytest.fixture
def operator(db: None, make: Maker) -> User:
    return make(None).operator


@pytest.fixture
def client(db: None, client_of: Any) -> Any:
    """A browser at the platform."""
    return client_of(None)


# --- Setting up -----------------------------------------------------------------------------------


def test_the_first_sign_in_sets_an_app_up_and_opens_nothing_before(
    client: Any, operator: User, inside: Inside
) -> None:
    with at():
        response = password_given(client, operator, next="/console/?from=letter")
        assert response["Location"] == SET_UP
        for closed in ("/console/", SECURITY, RENEW, REPLACE):
            assert SIGN_IN in client.get(closed)["Location"]
        page = client.get(SET_UP)
        assert page["Cache-Control"] == "private, no-store"
        assert page.context["secret"].image.startswith("data:image/svg+xml;base64,")
        secret = page.context["secret"].value
        assert page.context["secret"].text.replace(" ", "") == secret
        wrong = client.post(SET_UP, {"code": "000000"})
        assert wrong.status_code == 422
        assert wrong.context["secret"].value == secret
        assert not Authenticator.objects.exists()
        done = client.post(SET_UP, {"code": second_factor.code_at(secret, clock.now())})
        assert done.status_code == 200
        codes = done.context["codes"]
        assert len(set(codes)) == 10
        assert all(code in unquote(done.context["file_url"]) for code in codes)
        assert done.context["target"] == "/console/?from=letter"
        assert client.get("/console/").status_code == 200
    last = JournalEntry.objects.latest("pk")
    assert (last.action, last.actor_id) == ("second_factor_set", operator.pk)
    stored = str(list(Authenticator.objects.values("data")))
    assert secret not in stored
    assert codes[0].replace(" ", "") not in stored
    assert secret not in str(list(Session.objects.values("session_data")))


def test_the_code_that_set_the_app_up_opens_nothing_more(
    client: Any, client_of: Any, operator: User
) -> None:
    with at():
        password_given(client, operator)
        secret = client.get(SET_UP).context["secret"].value
        used = second_factor.code_at(secret, clock.now())
        client.post(SET_UP, {"code": used})
        other = client_of(None)
        assert password_given(other, operator)["Location"] == CODE
        assert other.post(CODE, {"code": used}).status_code == 422
    assert send_code(other, secret, seconds=31)["Location"] == "/console/"


def test_a_password_does_not_set_up_a_second_app(
    client: Any, operator: User, inside: Inside
) -> None:
    """Neither by the address of the page nor in a race between two browsers."""
    with at():
        password_given(client, operator)
        stolen = client.get(SET_UP).context["secret"].value
    enrolled(operator, inside)
    with at():
        assert client.get(SET_UP)["Location"] == CODE
        code = second_factor.code_at(stolen, clock.now())
        assert client.post(SET_UP, {"code": code})["Location"] == CODE
        with inside(None), pytest.raises(second_factor.WrongCode):
            second_factor.enrol(user=operator, secret=stolen, code=code)
        assert client.post(CODE, {"code": code}).status_code == 422
        assert client.get("/console/").status_code == 302


# --- Signing in -----------------------------------------------------------------------------------


def test_password_and_code_sign_in_under_a_new_key(
    client: Any, operator: User, inside: Inside
) -> None:
    secret, _codes = enrolled(operator, inside)
    keys = []
    with at():
        client.get(SIGN_IN)
        planted = SessionStore()
        with inside(None):
            planted["planted"] = "by somebody"
            planted.save()
        client.cookies[settings.SESSION_COOKIE_NAME] = planted.session_key or ""
        keys.append(planted.session_key)
        assert password_given(client, operator)["Location"] == CODE
        keys.append(client.cookies[settings.SESSION_COOKIE_NAME].value)
        assert client.get(CODE).status_code == 200
        assert client.get("/console/").status_code == 302
    assert send_code(client, secret)["Location"] == "/console/"
    keys.append(client.cookies[settings.SESSION_COOKIE_NAME].value)
    assert len(set(keys)) == 3
    with inside(None):
        assert not Session.objects.filter(pk__in=keys[:2]).exists()
        assert "planted" not in SessionStore(keys[2]).load()
    assert client.get("/console/").status_code == 200


@pytest.mark.parametrize("drift", [-30, 0, 30])
def test_a_phone_s_clock_may_be_half_a_minute_off(
    client: Any, operator: User, inside: Inside, drift: int
) -> None:
    secret, _codes = enrolled(operator, inside)
    with at():
        password_given(client, operator)
        code = second_factor.code_at(secret, NOON + timedelta(seconds=drift))
        assert client.post(CODE, {"code": f" {code[:3]} {code[3:]}"}).status_code == 302


@pytest.mark.parametrize("drift", [-90, -61, 61, 90])
def test_an_older_or_later_code_is_not_taken(
    client: Any, operator: User, inside: Inside, drift: int
) -> None:
    secret, _codes = enrolled(operator, inside)
    with at():
        password_given(client, operator)
        code = second_factor.code_at(secret, NOON + timedelta(seconds=drift))
        assert client.post(CODE, {"code": code}).status_code == 422


def test_a_code_works_once_and_no_earlier_one_after_it(
    client_of: Any, operator: User, inside: Inside
) -> None:
    secret, _codes = enrolled(operator, inside)
    browsers = [client_of(None) for _ in range(3)]
    with at():
        for browser in browsers:
            password_given(browser, operator)
    assert send_code(browsers[0], secret).status_code == 302
    assert send_code(browsers[1], secret).status_code == 422
    with at():
        earlier = second_factor.code_at(secret, NOON - timedelta(seconds=30))
        assert browsers[1].post(CODE, {"code": earlier}).status_code == 422
    assert send_code(browsers[2], secret, seconds=30).status_code == 302


def test_a_recovery_code_works_once_and_the_person_is_told(
    client: Any, client_of: Any, operator: User, inside: Inside
) -> None:
    _secret, codes = enrolled(operator, inside)
    with at():
        password_given(client, operator)
        typed = f"{codes[3][:4]}-{codes[3][4:]}"
        assert client.post(CODE, {"code": typed})["Location"] == "/console/"
        other = client_of(None)
        password_given(other, operator)
        assert other.post(CODE, {"code": codes[3]}).status_code == 422
        with inside(None):
            assert second_factor.summary(operator).codes_left == 9
    last = JournalEntry.objects.latest("pk")
    assert (last.action, last.actor_id) == ("second_factor_used", operator.pk)


def test_guessing_is_slow_and_the_owner_elsewhere_still_gets_in(
    client_of: Any, operator: User, inside: Inside
) -> None:
    secret, _codes = enrolled(operator, inside)
    thief, owner = client_of(None, REMOTE_ADDR="192.0.2.66"), client_of(None)
    with at():
        password_given(thief, operator)
        guesses = [thief.post(CODE, {"code": f"{n:06d}"}).status_code for n in range(6)]
        assert guesses == [422] * 5 + [429]
        right = second_factor.code_at(secret, clock.now())
        assert thief.post(CODE, {"code": right}).status_code == 429
        password_given(owner, operator)
        assert owner.post(CODE, {"code": right}).status_code == 302
    with at(minutes=16):
        password_given(thief, operator)
        assert thief.post(CODE, {"code": "000000"}).status_code == 422


def test_guessing_from_many_addresses_is_slow_too_and_ends(
    client_of: Any, operator: User, inside: Inside
) -> None:
    secret, _codes = enrolled(operator, inside)
    with inside(None), at():
        for guess in range(20):
            with pytest.raises(second_factor.WrongCode):
                second_factor.check(user=operator, code="123", visitor=f"address {guess}")
        with pytest.raises(second_factor.TooManyCodes):
            second_factor.check(user=operator, code="123", visitor="one more")
    owner = client_of(None)
    with at(minutes=61):
        password_given(owner, operator)
    assert send_code(owner, secret, minutes=61).status_code == 302


def test_a_started_sign_in_is_over_in_minutes(client: Any, operator: User, inside: Inside) -> None:
    secret, _codes = enrolled(operator, inside)
    with at():
        password_given(client, operator, next="/console/")
    response = send_code(client, secret, minutes=11)
    assert response["Location"] == f"{SIGN_IN}?next=%2Fconsole%2F"
    assert client.get("/console/").status_code == 302
    assert send_code(client, secret, minutes=11)["Location"] == SIGN_IN


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_next_leads_nowhere_else(client: Any, operator: User, inside: Inside, target: str) -> None:
    secret, _codes = enrolled(operator, inside)
    with at():
        password_given(client, operator, next=target)
    assert send_code(client, secret)["Location"] == "/console/"


def test_a_new_password_or_deactivation_ends_a_started_sign_in(
    client: Any, operator: User, inside: Inside
) -> None:
    secret, _codes = enrolled(operator, inside)
    for change in ("password", "is_active"):
        with at():
            assert password_given(client, operator)["Location"] == CODE
        with inside(None):
            if change == "password":
                operator.set_password("another password of hers")
            else:
                operator.is_active = False
            operator.save()
        assert SIGN_IN in send_code(client, secret)["Location"]
        with inside(None):
            operator.set_password(PASSWORD)
            operator.save()


def test_a_reset_password_still_needs_the_code(client: Any, operator: User, inside: Inside) -> None:
    secret, _codes = enrolled(operator, inside)
    with inside(None), at():
        token = reset_tokens.make_token(operator)
    new = {"password": "чотири слова що не пов’язані"}
    from django.utils.http import urlsafe_base64_encode  # noqa: PLC0415 - this test alone

    uid = urlsafe_base64_encode(str(operator.pk).encode())
    assert client.post(f"/account/reset/{uid}/{token}/", new)["Location"] == SIGN_IN
    assert client.get("/console/").status_code == 302
    with at():
        response = client.post(SIGN_IN, {"email": operator.email, **new})
    assert response["Location"] == CODE
    assert client.get("/console/").status_code == 302
    assert send_code(client, secret)["Location"] == "/console/"


def test_an_accepted_invitation_leads_to_the_second_factor(client: Any, make: Maker) -> None:
    made = make(None)
    invitation = made.invitation("new-finance@example.org", role="finance")
    link = made.token("invitation", invitation.pk)
    response = client.post(
        f"/account/invitation/{link}/",
        {"name": "Нова", "password": "чотири слова що не пов’язані"},
    )
    assert response["Location"] == SET_UP
    assert client.get(SECURITY).status_code == 302


def test_a_session_without_the_second_factor_is_nobody_s(
    client: Any, operator: User, inside: Inside
) -> None:
    """One that was made before the second factor was asked for, or by a view that forgot it."""
    request = HttpRequest()
    request.method = "POST"
    with inside(None):
        request.session = SessionStore()
        login(request, operator)
        request.session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key or ""
    assert SIGN_IN in client.get("/console/")["Location"]
    assert client.post("/console/").status_code == 401
    assert operator.name not in client.get("/").text


def test_a_finance_officer_lands_on_a_page_of_theirs(
    client: Any, make: Maker, inside: Inside
) -> None:
    officer = make(None).user("finance")
    secret, _codes = enrolled(officer, inside)
    with at():
        password_given(client, officer)
    assert send_code(client, secret)["Location"] == "/finance/"
    assert client.get(SECURITY).status_code == 200
    assert client.get("/console/").status_code == 403


def test_another_secret_key_locks_out_with_a_line_in_the_log(
    client: Any,
    operator: User,
    inside: Inside,
    settings: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    secret, _codes = enrolled(operator, inside)
    old, settings.SECRET_KEY = (
        settings.SECRET_KEY,
        "another-key-of-fifty-letters-another-key-of-fifty",
    )
    with at():
        password_given(client, operator)
    assert send_code(client, secret).status_code == 422
    assert "SECRET_KEY_FALLBACKS" in caplog.text
    settings.SECRET_KEY_FALLBACKS = [old]
    assert send_code(client, secret).status_code == 302


# --- Keeping it -----------------------------------------------------------------------------------


def signed_in(client: Any, operator: User, inside: Inside) -> tuple[str, list[str]]:
    secret, codes = enrolled(operator, inside)
    with at():
        password_given(client, operator)
    assert send_code(client, secret).status_code == 302
    return secret, codes


def test_new_recovery_codes_ask_for_a_fresh_code_and_end_the_old_ones(
    client: Any, operator: User, inside: Inside
) -> None:
    secret, old = signed_in(client, operator, inside)
    with at(minutes=1):
        assert client.post(RENEW, {"code": "000000"}).status_code == 422
        used = second_factor.code_at(secret, NOON)
        assert client.post(RENEW, {"code": used}).status_code == 422
        fresh = second_factor.code_at(secret, clock.now())
        new = client.post(RENEW, {"code": fresh}).context["codes"]
        assert not {code.replace(" ", "") for code in new} & set(old)
        with inside(None):
            with pytest.raises(second_factor.WrongCode):
                second_factor.check(user=operator, code=old[0], visitor="v")
            assert second_factor.check(user=operator, code=new[0], visitor="v") == "recovery_codes"
    assert "second_factor_changed" in JournalEntry.objects.values_list("action", flat=True)
    assert client.get(RENEW).context.get("codes") is None


def test_another_app_asks_for_both_codes_and_ends_other_sessions(
    client: Any, client_of: Any, operator: User, inside: Inside, make: Maker
) -> None:
    old, _codes = signed_in(client, operator, inside)
    elsewhere, colleague = client_of(None), client_of(None)
    with inside(None):
        elsewhere.force_login(operator)
        colleague.force_login(make(None).user("operator"))
    with at(minutes=1):
        page = client.get(REPLACE)
        new = page.context["secret"].value
        assert new != old
        codes = {"new_code": second_factor.code_at(new, clock.now()), "code": "000000"}
        assert client.post(REPLACE, codes).status_code == 422
        codes["code"] = second_factor.code_at(old, clock.now())
        assert client.post(REPLACE, codes | {"new_code": "000000"}).status_code == 422
        assert client.post(REPLACE, codes)["Location"] == SECURITY
        assert client.get(REPLACE).context["secret"].value not in {old, new}
    assert client.get("/console/").status_code == 200
    assert colleague.get("/console/").status_code == 200
    assert elsewhere.get("/console/").status_code == 302
    with at(minutes=2):
        password_given(elsewhere, operator)
    assert send_code(elsewhere, old, minutes=2).status_code == 422
    assert send_code(elsewhere, new, minutes=2).status_code == 302


def test_a_lost_phone_is_reset_on_the_server(
    client: Any, operator: User, inside: Inside, make: Maker
) -> None:
    signed_in(client, operator, inside)
    other = make(None).user("operator", "other@example.org")
    enrolled(other, inside)
    said = StringIO()
    call_command("reset_second_factor", operator.email.upper(), stdout=said)
    assert "taken away" in said.getvalue()
    assert client.get("/console/").status_code == 302
    with inside(None):
        assert not second_factor.is_set(operator)
        assert second_factor.is_set(other)
    entry = JournalEntry.objects.latest("pk")
    assert (entry.action, entry.detail) == ("second_factor_reset", {"account": operator.pk})
    with at():
        assert password_given(client, operator)["Location"] == SET_UP
    with pytest.raises(CommandError):
        call_command("reset_second_factor", "nobody@example.org")


def test_pending_sign_ins_are_not_taken_for_sessions(client: Any, operator: User) -> None:
    """The key of a started sign-in holds nobody that Django would know."""
    with at():
        password_given(client, operator)
    kept = SessionStore(client.cookies[settings.SESSION_COOKIE_NAME].value).load()
    assert set(kept) == {signing_in.PENDING}
