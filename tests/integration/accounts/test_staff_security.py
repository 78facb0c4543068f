"""A city's staff: days of grace, the second factor after them, a lost one, sessions."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.http import HttpResponse

from bezpechne.accounts import actions, colleagues, devices, second_factor, sign_ins
from bezpechne.accounts.models import AccountMail, SignIn, User
from bezpechne.kernel import clock
from bezpechne.kernel.audit.models import Entry
from provisioning.administrators.actions import reset_factor
from provisioning.models import JournalEntry
from tenants.models import City
from tests.factories import PASSWORD, Inside, Maker

NOON = datetime(2026, 11, 24, 12, 0, 5, tzinfo=UTC)
SIGN_IN, CODE = "/account/sign-in/", "/account/second-factor/"
ENROL, SET_UP = "/account/second-factor/set-up/", "/account/security/set-up/"
SECURITY, STAFF = "/account/security/", "/desk/staff/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0"
PHONE = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Mobile Safari/537.36"
)


def at(**later: float) -> Any:
    return clock.frozen(NOON + timedelta(**later))


def give_password(client: Any, user: User, **fields: Any) -> HttpResponse:
    response: HttpResponse = client.post(
        SIGN_IN, {"email": user.email, "password": PASSWORD, **fields}
    )
    return response


def enrolled(city: City, user: User, inside: Inside) -> tuple[str, list[str]]:
    secret = second_factor.new_secret()
    with inside(city), at(minutes=-15):
        code = second_factor.code_at(secret, clock.now())
        return secret, second_factor.enrol(user=user, secret=secret, code=code)


def signed_in(city: City, user: User, client_of: Any, inside: Inside, **more: Any) -> Any:
    client = client_of(city, **more)
    with inside(city):
        client.force_login(user)
    return client


def mails(city: City, inside: Inside) -> list[str]:
    with inside(city):
        return list(AccountMail.objects.order_by("pk").values_list("kind", flat=True))


@pytest.fixture
def moderator(alpha: City, make: Maker) -> User:
    with at():
        return make(alpha).moderator


@pytest.fixture
def boss(alpha: City, make: Maker) -> User:
    with at():
        return make(alpha).administrator


# --- Days of grace --------------------------------------------------------------------------------


def test_a_password_is_enough_for_two_weeks_and_a_banner_counts_the_days(
    alpha: City, client_of: Any, moderator: User
) -> None:
    client = client_of(alpha)
    with at(days=3):
        assert give_password(client, moderator)["Location"] == "/desk/"
        page = client.get("/desk/")
        assert "11" in page.text.split("factor-banner")[1][:900]
        assert SET_UP in page.text
    with at(days=13, hours=20):
        fresh = client_of(alpha)
        assert give_password(fresh, moderator)["Location"] == "/desk/"
        assert fresh.get("/desk/").status_code == 200
    with at(days=14):
        assert fresh.get("/desk/").status_code == 302, "a session without it ends with the grace"
        assert give_password(client_of(alpha), moderator)["Location"] == ENROL


def test_after_the_grace_nothing_opens_before_the_app_is_set_up(
    alpha: City, client_of: Any, moderator: User
) -> None:
    client = client_of(alpha)
    with at(days=15):
        assert give_password(client, moderator, next="/desk/units/")["Location"] == ENROL
        for closed in ("/desk/", SECURITY, SET_UP, "/desk/staff/"):
            assert SIGN_IN in client.get(closed)["Location"]
        secret = client.get(ENROL).context["secret"].value
        code = second_factor.code_at(secret, clock.now())
        done = client.post(ENROL, {"code": code})
        assert len(done.context["codes"]) == 10
        assert done.context["target"] == "/desk/units/"
        page = client.get("/desk/")
        assert page.status_code == 200
        assert "factor-banner" not in page.text


def test_within_the_grace_it_is_set_up_with_the_password_and_other_sessions_end(
    alpha: City, client_of: Any, moderator: User, inside: Inside
) -> None:
    client, stolen = client_of(alpha), client_of(alpha)
    with at():
        give_password(client, moderator)
        give_password(stolen, moderator)
        secret = client.get(SET_UP).context["secret"].value
        form = {"code": second_factor.code_at(secret, clock.now()), "password": "not hers at all"}
        assert client.post(SET_UP, form).status_code == 422
        before = client.cookies["session"].value
        done = client.post(SET_UP, {**form, "password": PASSWORD})
        assert done.status_code == 200
        assert client.cookies["session"].value != before
        assert client.get("/desk/").status_code == 200
        assert stolen.get("/desk/").status_code == 302
        assert client.get(SET_UP)["Location"] == SECURITY
        assert give_password(stolen, moderator)["Location"] == CODE
    assert "factor_set" in mails(alpha, inside)
    with inside(alpha):
        assert Entry.objects.filter(action="second_factor_set").count() == 1
        assert secret not in str(list(Authenticator.objects.values("data")))


def test_a_password_session_made_elsewhere_is_nobody_s_once_there_is_a_factor(
    alpha: City, client_of: Any, moderator: User, inside: Inside
) -> None:
    """Whatever view forgets to ask for it."""
    client = client_of(alpha)
    with at():
        give_password(client, moderator)
        with inside(alpha):
            User.objects.filter(pk=moderator.pk).update(factor_due_at=clock.now())
        assert client.get("/desk/").status_code == 302


def test_one_factor_of_a_city_is_none_in_another(
    alpha: City, beta: City, client_of: Any, make: Maker, moderator: User, inside: Inside
) -> None:
    secret, codes = enrolled(alpha, moderator, inside)
    with at():
        twin = make(beta).user("moderator", moderator.email)
    enrolled(beta, twin, inside)
    client = client_of(beta)
    with at():
        assert give_password(client, twin)["Location"] == CODE
        code = second_factor.code_at(secret, clock.now())
        assert client.post(CODE, {"code": code}).status_code == 422
        assert client.post(CODE, {"code": codes[0]}).status_code == 422


def test_a_session_replayed_in_another_city_is_nobody(
    alpha: City, beta: City, client_of: Any, make: Maker, moderator: User, inside: Inside
) -> None:
    client = client_of(alpha)
    with at():
        make(beta).moderator  # noqa: B018 - somebody with a key like hers
        give_password(client, moderator)
        key = client.cookies["session"].value
        with inside(alpha):
            row = Session.objects.get(pk=key)
        with inside(beta):
            Session.objects.create(
                pk=key, session_data=row.session_data, expire_date=row.expire_date
            )
        thief = client_of(beta)
        thief.cookies["session"] = key
        assert thief.get("/desk/").status_code == 302
        assert thief.get(SECURITY).status_code == 302


# --- A clock that is wrong ------------------------------------------------------------------------


@pytest.mark.parametrize(("minutes", "said"), [(5, "5 minutes ahead"), (-4, "4 minutes behind")])
def test_a_wrong_clock_is_told_and_opens_nothing(
    alpha: City, client_of: Any, moderator: User, inside: Inside, minutes: int, said: str
) -> None:
    secret, _codes = enrolled(alpha, moderator, inside)
    client = client_of(alpha)
    with at():
        give_password(client, moderator)
        code = second_factor.code_at(secret, NOON + timedelta(minutes=minutes))
        answer = client.post(f"/en{CODE}", {"code": code})
    assert answer.status_code == 422
    assert said in answer.text
    with at():
        used = second_factor.code_at(secret, NOON - timedelta(minutes=15))
        assert (
            "minutes"
            not in client.post(f"/en{CODE}", {"code": used})
            .context["form"]
            .errors["code"]
            .as_text()
        )


# --- Lost -----------------------------------------------------------------------------------------


def test_an_administrator_takes_a_lost_factor_away_and_the_person_is_told(
    alpha: City, client_of: Any, moderator: User, boss: User, inside: Inside, run_jobs: Any
) -> None:
    enrolled(alpha, moderator, inside)
    theirs = signed_in(alpha, moderator, client_of, inside)
    admin = signed_in(alpha, boss, client_of, inside)
    with at():
        done = admin.post(f"{STAFF}{moderator.pk}/second-factor/reset/")
        assert done["Location"] == STAFF
        assert theirs.get("/desk/").status_code == 302
        assert give_password(client_of(alpha), moderator)["Location"] == ENROL
    assert "factor_reset" in mails(alpha, inside)
    with inside(alpha):
        entry = Entry.objects.get(action="second_factor_reset")
        assert (entry.actor_id, entry.subject_id) == (boss.pk, moderator.pk)


def test_nobody_takes_away_their_own_or_another_city_s_or_as_a_moderator(
    alpha: City,
    beta: City,
    client_of: Any,
    make: Maker,
    moderator: User,
    boss: User,
    inside: Inside,
) -> None:
    for who in (moderator, boss):
        enrolled(alpha, who, inside)
    with at():
        stranger = make(beta).administrator
    with inside(alpha):
        for who in (boss, moderator):
            wrong = actions.AccountError if who is boss else PermissionDenied
            with pytest.raises(wrong):
                colleagues.reset_factor(by=who.actor, user=boss)
            with pytest.raises(wrong):
                colleagues.end_sessions(by=who.actor, user=boss)
    foreign = signed_in(beta, stranger, client_of, inside)
    for end in ("second-factor/reset/", "sessions/end/", "role/"):
        url = f"{STAFF}{moderator.pk + 700_000}/{end}"
        assert foreign.post(url, {"role": "administrator"}).status_code == 404
        assert (
            signed_in(alpha, moderator, client_of, inside)
            .post(f"{STAFF}{boss.pk}/{end}", {"role": "moderator"})
            .status_code
            == 403
        )
    with inside(alpha):
        assert second_factor.who_has_one() == {moderator.pk, boss.pk}


def test_the_last_administrator_s_factor_is_reset_by_the_operator(
    alpha: City, beta: City, client_of: Any, make: Maker, boss: User, inside: Inside
) -> None:
    enrolled(alpha, boss, inside)
    operator = make(None).operator
    client = client_of(None)
    with inside(None):
        client.force_login(operator)
    url = f"/console/cities/{alpha.slug}/administrator/"
    assert boss.email in client.get(url).text
    reason = "Лист міської ради від 5 травня"
    answer = client.post(f"{url}second-factor/", {"factor-account": boss.pk, "factor-reason": "no"})
    assert answer.status_code == 422
    done = client.post(f"{url}second-factor/", {"factor-account": boss.pk, "factor-reason": reason})
    assert done["Location"] == url
    with inside(alpha):
        assert second_factor.who_has_one() == set()
        assert Entry.objects.get(action="second_factor_reset").note == reason
    entry = JournalEntry.objects.latest("pk")
    assert (entry.action, entry.city_id) == ("city_factor_reset", alpha.pk)
    with pytest.raises(PermissionDenied):
        reset_factor(by=boss.actor, city=beta, account=boss.pk, reason=reason)


def test_the_command_resets_in_a_city_too(
    alpha: City, beta: City, moderator: User, inside: Inside
) -> None:
    enrolled(alpha, moderator, inside)
    said = StringIO()
    with pytest.raises(CommandError):
        call_command("reset_second_factor", moderator.email, city="nowhere", stdout=said)
    with pytest.raises(CommandError):
        call_command("reset_second_factor", "nobody@example.org", city=alpha.slug, stdout=said)
    call_command("reset_second_factor", moderator.email, city=alpha.slug, stdout=said)
    assert "taken away" in said.getvalue()
    with inside(alpha):
        assert not second_factor.is_set(moderator)


# --- Roles ----------------------------------------------------------------------------------------


def test_another_role_ends_sessions_and_the_last_administrator_keeps_theirs(
    alpha: City, client_of: Any, moderator: User, boss: User, inside: Inside
) -> None:
    theirs = signed_in(alpha, moderator, client_of, inside)
    with inside(alpha):
        with pytest.raises(actions.AccountError):
            colleagues.change_role(by=boss.actor, user=boss, role="moderator")
        with pytest.raises(actions.AccountError):
            colleagues.change_role(by=boss.actor, user=moderator, role="operator")
        with pytest.raises(actions.AccountError):
            actions.deactivate(by=boss.actor, user=boss)
    admin = signed_in(alpha, boss, client_of, inside)
    admin.post(f"{STAFF}{moderator.pk}/role/", {"role": "administrator"})
    assert theirs.get("/desk/").status_code == 302
    with inside(alpha):
        assert User.objects.get(pk=moderator.pk).role == "administrator"
        colleagues.change_role(by=boss.actor, user=boss, role="moderator")
    assert admin.get("/desk/").status_code == 302


# --- Sessions -------------------------------------------------------------------------------------


def test_the_list_says_where_one_is_signed_in_and_ends_one_or_all_others(
    alpha: City, client_of: Any, moderator: User, inside: Inside
) -> None:
    here = client_of(alpha, HTTP_USER_AGENT=FIREFOX, REMOTE_ADDR="203.0.113.77")
    phone = client_of(alpha, HTTP_USER_AGENT=PHONE, REMOTE_ADDR="2001:db8:7:9::5")
    third = client_of(alpha)
    with at():
        for client in (here, phone, third):
            give_password(client, moderator)
        page = here.get(SECURITY)
        lines = page.context["sessions"]
        assert [line.here for line in lines] == [True, False, False]
        assert (lines[0].device, lines[0].address) == ("Firefox, Windows", "203.0.113.…")
        told = {line.device: line for line in lines}["Chrome, Android"]
        assert told.address == "2001:db8:7::…"
        assert "203.0.113.77" not in page.text
        here.post(f"{SECURITY}sessions/{told.pk}/end/")
        assert phone.get("/desk/").status_code == 302
        assert third.get("/desk/").status_code == 200
        assert here.post(f"{SECURITY}sessions/{told.pk}/end/").status_code == 404
        here.post(f"{SECURITY}sessions/end/")
        assert third.get("/desk/").status_code == 302
        assert here.get("/desk/").status_code == 200


def test_a_colleague_s_session_is_out_of_reach_and_get_ends_nothing(
    alpha: City, client_of: Any, moderator: User, boss: User, inside: Inside
) -> None:
    theirs = signed_in(alpha, boss, client_of, inside)
    client = signed_in(alpha, moderator, client_of, inside)
    with inside(alpha):
        pk = SignIn.objects.get(user=boss).pk
    assert client.post(f"{SECURITY}sessions/{pk}/end/").status_code == 404
    assert client.get(f"{SECURITY}sessions/end/").status_code == 405
    assert theirs.get("/desk/").status_code == 200


def test_an_administrator_sees_sessions_and_signs_a_colleague_out(
    alpha: City, client_of: Any, moderator: User, boss: User, inside: Inside
) -> None:
    theirs = [signed_in(alpha, moderator, client_of, inside) for _ in range(2)]
    admin = signed_in(alpha, boss, client_of, inside)
    person = next(one for one in admin.get(STAFF).context["people"] if one.user.pk == moderator.pk)
    assert (person.presence.sessions, person.has_factor) == (2, False)
    assert person.seen_at is not None
    admin.post(f"{STAFF}{moderator.pk}/sessions/end/")
    assert all(client.get("/desk/").status_code == 302 for client in theirs)
    assert "sessions_ended" in mails(alpha, inside)
    assert admin.get("/desk/").status_code == 200


def test_the_staff_page_costs_the_same_for_thirty_people(
    alpha: City,
    client_of: Any,
    make: Maker,
    boss: User,
    inside: Inside,
    django_assert_num_queries: Any,
) -> None:
    admin = signed_in(alpha, boss, client_of, inside)
    admin.get(STAFF)
    from django.db import connection  # noqa: PLC0415 - this test alone
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 - same

    with CaptureQueriesContext(connection) as few:
        admin.get(STAFF)
    for number in range(30):
        person = make(alpha).user("moderator", f"m{number}@example.org")
        signed_in(alpha, person, client_of, inside)
    with django_assert_num_queries(len(few)):
        assert len(admin.get(STAFF).context["people"]) == 31


def test_a_new_password_ends_every_session_and_is_told(
    alpha: City, client_of: Any, moderator: User, inside: Inside
) -> None:
    client = signed_in(alpha, moderator, client_of, inside)
    with inside(alpha):
        actions.set_password(user=moderator, password="зовсім інше слово для входу")
        assert not SignIn.objects.filter(user=moderator).exists()
    assert client.get("/desk/").status_code == 302
    assert "password_changed" in mails(alpha, inside)


def test_rows_of_sessions_that_are_over_are_swept(
    alpha: City, client_of: Any, moderator: User, inside: Inside
) -> None:
    signed_in(alpha, moderator, client_of, inside)
    with inside(alpha):
        key = SignIn.objects.get(user=moderator).session_key
        Session.objects.filter(pk=key).delete()
        assert sign_ins.open_of(moderator, None) == []
        sign_ins.sweep()
        assert not SignIn.objects.exists()


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox, Windows"),
        (PHONE, "Chrome, Android"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1",
            "Safari, iPhone",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_0) Chrome/130.0 Safari/537.36 Edg/130.0",
            "Edge, macOS",
        ),
        ("curl/8.0", "Unknown device"),
        ("", "Unknown device"),
    ],
)
def test_a_device_is_told_in_words(agent: str, words: str) -> None:
    from django.utils import translation  # noqa: PLC0415 - this test alone

    with translation.override("en"):
        assert devices.in_words(agent) == words


# --- Letters --------------------------------------------------------------------------------------


def test_a_new_device_is_told_once_and_a_known_one_not(
    alpha: City, client_of: Any, moderator: User, inside: Inside, run_jobs: Any, outbox: Any
) -> None:
    known = client_of(alpha, HTTP_USER_AGENT=FIREFOX)
    with at():
        give_password(known, moderator)
        known.post("/account/sign-out/")
        give_password(known, moderator)
    assert mails(alpha, inside).count("new_device") == 1
    with at():
        run_jobs()
    letter = outbox[-1]
    assert letter.to == [moderator.email]
    assert "Firefox, Windows" in letter.body
    assert "127.0.0.1" not in letter.body


def test_an_invited_person_gets_no_letter_about_the_first_device(
    alpha: City, client_of: Any, make: Maker, inside: Inside
) -> None:
    invitation = make(alpha).invitation()
    link = make(alpha).token("invitation", invitation.pk)
    client = client_of(alpha)
    client.post(
        f"/account/invitation/{link}/",
        {"name": "Нова Людина", "password": "чотири слова що не пов’язані"},
    )
    assert client.get("/desk/").status_code == 200
    assert "new_device" not in mails(alpha, inside)


def test_every_letter_about_an_account_can_be_written_and_carries_no_injected_header(
    alpha: City, make: Maker, inside: Inside, run_jobs: Any, outbox: Any
) -> None:
    from bezpechne.accounts.happenings import write_to  # noqa: PLC0415 - this test alone
    from bezpechne.accounts.security_letters import KINDS  # noqa: PLC0415 - same

    person = make(alpha).user(name="Зла\r\nBcc: thief@example.org")
    with inside(alpha):
        City.objects.filter(pk=alpha.pk).update(name_uk="Місто\r\nBcc: thief@example.org")
        for kind in (*KINDS, "new_device"):
            write_to(person, kind)
    run_jobs()
    assert len(outbox) == len(KINDS) + 1
    assert all(not letter.bcc and letter.to == [person.email] for letter in outbox)
    assert all("\n" not in letter.subject for letter in outbox)


def test_a_visitor_of_the_public_pages_leaves_no_row(
    alpha: City, client_of: Any, inside: Inside
) -> None:
    client = client_of(alpha)
    for url in ("/", SIGN_IN):
        assert client.get(url).status_code == 200
    assert settings.SESSION_COOKIE_NAME not in client.cookies
    with inside(alpha):
        assert not SignIn.objects.exists()
        assert not Session.objects.exists()
