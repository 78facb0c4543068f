"""Operators in the place of a city's administrator: for a reason, half an hour, in sight."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bezpechne.accounts import actions as accounts
from bezpechne.accounts.models import Invitation, User
from bezpechne.kernel import clock
from bezpechne.kernel.audit.models import Entry
from community.answers.models import Unit
from community.timesheet.models import Timesheet
from provisioning.acting.actions import ActingRefused, hand_over
from provisioning.acting.models import ActingSession
from provisioning.models import JournalEntry
from tenants.models import City
from tenants.states import CityState
from tests.factories import Inside, Maker
from tests.route_table import ADMINISTER, CITY, MODERATE
from tests.worlds import populate

NOON = datetime(2026, 11, 24, 12, 0, 5, tzinfo=UTC)
REASON = "Адміністраторка просить показати, де мапа"


def at(**later: float) -> Any:
    return clock.frozen(NOON + timedelta(**later))


def path_of(link: str, city: City) -> str:
    parts = urlsplit(link)
    assert parts.hostname == f"{city.slug}.bezpechne.test"
    return parts.path


def link_for(city: City, make: Maker, reason: str = REASON) -> str:
    """The path on the city's host, made at noon."""
    with at():
        link = hand_over(by=make(None).operator.actor, city=city, reason=reason)
    return path_of(link, city)


@pytest.fixture
def acting(alpha: City, make: Maker, client_of: Any) -> Any:
    """A browser in which the operator acts as Poltava's administrator since noon."""
    client = client_of(alpha)
    link = link_for(alpha, make)
    with at():
        assert client.post(link)["Location"] == "/desk/"
    return client


# --- From the console to the city -----------------------------------------------------------------


def test_from_the_reason_to_the_desk(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    console, client = client_of(None), client_of(alpha)
    operator = make(None).operator
    with inside(None):
        console.force_login(operator)
    page = f"/console/cities/{alpha.slug}/act/"
    with at():
        assert console.get(page).status_code == 200
        short = console.post(page, {"reason": "так"})
        assert short.status_code == 422
        assert not ActingSession.objects.exists()
        made = console.post(page, {"reason": REASON})
        link = made.context["link"]
        assert made["Cache-Control"] == "private, no-store"
        path = path_of(link, alpha)
        assert client.get("/desk/").status_code == 302
        shown = client.get(path)
        assert REASON in shown.text
        assert client.get("/desk/").status_code == 302, "looking at the link opens nothing"
        client.post(path)
        desk = client.get("/desk/")
        assert desk.status_code == 200
        for said in (REASON, operator.name, "14:30", 'action="/account/act/end/"'):
            assert said in desk.text
        home = client.get("/")
        assert REASON in home.text
    stored = str(list(ActingSession.objects.values()))
    assert path.rsplit("/", 2)[1] not in stored
    with inside(alpha):
        assert not User.objects.filter(email=operator.email).exists()
        entry = Entry.objects.get(action="acting_started")
        assert (entry.actor_kind, entry.actor_id, entry.note) == ("operator", operator.pk, REASON)
    journal = JournalEntry.objects.latest("pk")
    assert (journal.action, journal.slug, journal.reason) == ("acting_started", "poltava", REASON)


def test_a_link_works_once_for_a_minute_in_its_city(
    alpha: City, beta: City, make: Maker, client_of: Any
) -> None:
    link = link_for(alpha, make)
    with at(seconds=61):
        assert client_of(alpha).get(link).status_code == 410
        assert client_of(alpha).post(link).status_code == 410
    with at(seconds=59):
        assert client_of(beta).get(link).status_code == 410
        assert client_of(beta).post(link).status_code == 410
        assert client_of(None).get(link).status_code == 404
        first, second = client_of(alpha), client_of(alpha)
        assert first.get(link).status_code == 200
        assert first.post(link).status_code == 302
        assert second.get(link).status_code == 410
        assert second.post(link).status_code == 410
        assert second.get("/desk/").status_code == 302
    assert ActingSession.objects.filter(opened_at__isnull=False).count() == 1


def test_equal_rows_in_two_cities_do_not_share_a_link(
    alpha: City, beta: City, make: Maker, client_of: Any
) -> None:
    """The token holds the schema: a row that was moved to another city opens nothing there."""
    link = link_for(alpha, make)
    ActingSession.objects.update(city_id=beta.pk)
    with at():
        assert client_of(beta).post(link).status_code == 410
        assert client_of(alpha).post(link).status_code == 410


def test_a_session_begins_under_a_new_key_and_puts_nobody_else_aside_for_long(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    """Somebody of the city was signed in in this browser: after the end nobody is."""
    client, boss = client_of(alpha), make(alpha).administrator
    with inside(alpha):
        client.force_login(boss)
    before = client.cookies[settings.SESSION_COOKIE_NAME].value
    link = link_for(alpha, make)
    with at():
        assert boss.name in client.get(link).text
        client.post(link)
        assert client.cookies[settings.SESSION_COOKIE_NAME].value != before
        client.post("/account/act/end/")
        assert client.get("/desk/").status_code == 302


def test_only_an_operator_gets_a_link(alpha: City, make: Maker) -> None:
    for by in (make(alpha).administrator.actor, make(None).user("finance").actor):
        with pytest.raises(PermissionDenied):
            hand_over(by=by, city=alpha, reason=REASON)


# --- Its end --------------------------------------------------------------------------------------


def test_half_an_hour_and_no_longer(alpha: City, acting: Any) -> None:
    with at(minutes=29, seconds=59):
        assert acting.get("/desk/").status_code == 200
    with at(minutes=30):
        assert acting.post("/desk/units/new/", {"name_uk": "Пізно"}).status_code == 401
        assert "/account/sign-in/" in acting.get("/desk/")["Location"]
    with at(minutes=29):
        assert acting.get("/desk/").status_code == 302, "a session that was over stays over"


@pytest.mark.parametrize("way", ["/account/act/end/", "/account/sign-out/"])
def test_ending_it_ends_it(
    alpha: City, inside: Inside, acting: Any, client_of: Any, way: str
) -> None:
    copy = client_of(alpha)
    copy.cookies[settings.SESSION_COOKIE_NAME] = acting.cookies[settings.SESSION_COOKIE_NAME].value
    with at(minutes=5):
        assert copy.get("/desk/").status_code == 200
        assert acting.post(way).status_code in {200, 302}
        assert acting.get("/desk/").status_code == 302
        assert copy.get("/desk/").status_code == 302
    row = ActingSession.objects.get()
    assert row.ended_at == NOON + timedelta(minutes=5)
    with inside(alpha):
        assert Entry.objects.latest("pk").action == "acting_ended"


@pytest.mark.parametrize("change", ["deactivated", "finance", "password", "archived"])
def test_it_dies_with_its_operator_and_its_city(
    alpha: City, make: Maker, inside: Inside, acting: Any, change: str
) -> None:
    operator = make(None).operator
    with inside(None):
        if change == "archived":
            alpha.state = CityState.ARCHIVED
            alpha.save(update_fields=["state"])
        elif change == "password":
            operator.set_password("another password of hers")
        elif change == "finance":
            operator.role = "finance"
        else:
            operator.is_active = False
        operator.save()
    with at(minutes=1):
        # An archived city is gone for everybody, the others send this one to sign in.
        gone = 410 if change == "archived" else 302
        assert acting.get("/desk/").status_code == gone


def test_a_suspended_city_stays_open_to_it_and_an_archived_one_gives_no_link(
    alpha: City, make: Maker, inside: Inside, acting: Any
) -> None:
    with inside(None):
        alpha.state = CityState.SUSPENDED
        alpha.save(update_fields=["state"])
    with at(minutes=1):
        assert acting.get("/desk/").status_code == 200
    alpha.state = CityState.ARCHIVED
    with pytest.raises(ActingRefused):
        hand_over(by=make(None).operator.actor, city=alpha, reason=REASON)


def test_its_cookie_is_nothing_elsewhere(
    alpha: City, beta: City, client_of: Any, acting: Any
) -> None:
    for place, page in ((beta, "/desk/"), (None, "/console/")):
        other = client_of(place)
        other.cookies = acting.cookies
        with at():
            assert other.get(page).status_code == 302


# --- What may be done -----------------------------------------------------------------------------


def test_every_page_of_staff_works(alpha: City, inside: Inside, acting: Any) -> None:
    from django.urls import reverse  # noqa: PLC0415 - this test alone

    with at():
        world = populate(alpha)
        for name, route in CITY.items():
            if route.access in {MODERATE, ADMINISTER} and "GET" in route.methods:
                url = reverse(name, urlconf=settings.ROOT_URLCONF, kwargs=route.arguments(world))
                response = acting.get(url)
                assert response.status_code == 200, name
                if response.streaming:
                    b"".join(response.streaming_content)
                elif response["Content-Type"].startswith("text/html"):
                    assert REASON in response.text, name


def test_work_is_done_and_recorded_as_the_operator_s(
    alpha: City, make: Maker, inside: Inside, acting: Any
) -> None:
    question = make(alpha).question("in_moderation")
    with at(minutes=2):
        acting.post("/desk/units/new/", {"name_uk": "Нові", "kind": "patrol"})
        acting.post(f"/desk/q/{question.pk}/reject/", {"reject-reason": "Не стосується поліції"})
        item = acting.get(f"/desk/q/{question.pk}/").text
    assert REASON in item.split("<main", 1)[1]
    with inside(alpha):
        assert Unit.objects.filter(name_uk="Нові").exists()
        unit, rejected = Entry.objects.order_by("-pk")[:2][::-1]
    operator = make(None).operator
    for entry, action in ((unit, "unit_created"), (rejected, "rejected")):
        assert (entry.action, entry.actor_kind, entry.actor_id) == (action, "operator", operator.pk)
        assert entry.new["acting_reason"] == REASON
        assert entry.new["acting"] == ActingSession.objects.get().pk


PEOPLE = {
    "invite": ("/desk/staff/", {"email": "back@door.example", "role": "administrator"}),
    "resend": ("/desk/staff/invitations/{invitation}/resend/", {}),
    "revoke": ("/desk/staff/invitations/{invitation}/revoke/", {}),
    "deactivate": ("/desk/staff/{user}/deactivate/", {}),
    "reactivate": ("/desk/staff/{sleeping}/reactivate/", {}),
}


@pytest.mark.parametrize("name", PEOPLE)
def test_no_account_is_touched(
    alpha: City, make: Maker, inside: Inside, acting: Any, name: str
) -> None:
    made = make(alpha)
    rows = {
        "invitation": made.invitation().pk,
        "user": made.user("administrator").pk,
        "sleeping": made.user("administrator", is_active=False).pk,
    }
    made.administrator  # noqa: B018 - so that nobody is the last one
    with inside(alpha):
        before = [list(model.objects.order_by("pk").values()) for model in (User, Invitation)]
        entries = Entry.objects.count()
    address, data = PEOPLE[name]
    with at(minutes=1):
        assert acting.post(address.format(**rows), data).status_code in {302, 422}
        page = acting.get("/desk/staff/").text
    assert "/deactivate/" not in page
    assert 'name="role"' not in page
    with inside(alpha):
        after = [list(model.objects.order_by("pk").values()) for model in (User, Invitation)]
        assert after == before
        assert Entry.objects.count() == entries
        who = make(None).operator.actor
        with pytest.raises(PermissionDenied):
            accounts.invite(by=who, email="back@door.example", role="administrator")


def test_no_invitation_is_accepted_and_no_password_set(
    alpha: City, make: Maker, inside: Inside, acting: Any
) -> None:
    made = make(alpha)
    invitation = made.invitation()
    token = made.token("invitation", invitation.pk)
    new = {"name": "Оператор", "password": "чотири слова що не пов’язані"}
    sign_in = {"email": made.moderator.email, "password": "correct horse battery"}
    with at(minutes=1):
        for path, data in (
            (f"/account/invitation/{token}/", new),
            ("/account/reset/", {"email": made.moderator.email}),
            ("/account/sign-in/", sign_in),
        ):
            assert acting.get(path).status_code == 403
            assert acting.post(path, data).status_code == 403
        assert acting.get("/desk/").status_code == 200
    with inside(alpha):
        assert Invitation.objects.get(pk=invitation.pk).is_open
        assert not User.objects.filter(email=invitation.email).exists()


# --- What the city sees ---------------------------------------------------------------------------


def test_the_city_s_administrators_see_who_why_until_and_what(
    alpha: City, beta: City, make: Maker, inside: Inside, client_of: Any, acting: Any
) -> None:
    boss, neighbour = client_of(alpha), client_of(beta)
    with inside(alpha):
        boss.force_login(make(alpha).administrator)
    with inside(beta):
        neighbour.force_login(make(beta).administrator)
    link_for(alpha, make, reason="Посилання, яким ніхто не скористався")
    with at(minutes=3):
        acting.post("/desk/units/new/", {"name_uk": "Нові", "kind": "patrol"})
    with at(minutes=4):
        page = boss.get("/desk/platform/").text
        for said in (make(None).operator.name, REASON, "14:00", "14:30", "14:03"):
            assert said in page
        assert "не скористався" not in page
        assert REASON not in neighbour.get("/desk/platform/").text
    moderator = client_of(alpha)
    with inside(alpha):
        moderator.force_login(make(alpha).moderator)
    assert moderator.get("/desk/platform/").status_code == 403


def test_the_list_has_pages_and_a_fixed_number_of_queries(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    boss = client_of(alpha)
    with inside(alpha):
        boss.force_login(make(alpha).administrator)

    def sessions(number: int) -> None:
        for _ in range(number):
            ActingSession.objects.create(
                city_id=alpha.pk,
                operator_id=make(None).operator.pk,
                reason=REASON,
                link_until=NOON,
                opened_at=NOON,
                until=NOON + timedelta(minutes=30),
            )

    counts = []
    boss.get("/desk/platform/")  # the host is looked up once
    for number in (1, 20):
        sessions(number)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = boss.get("/desk/platform/")
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert len(page.context["visits"]) == 20
    older = boss.get(f"/desk/platform/{page.context['older_url']}")
    assert len(older.context["visits"]) == 1
    assert older.context["older_url"] == ""
    for bad in ("x", "-1", "²", "9" * 40):
        assert boss.get(f"/desk/platform/?before={bad}").status_code == 200


def test_hours_are_looked_at_and_left_alone(
    alpha: City, make: Maker, inside: Inside, acting: Any
) -> None:
    """The platform is paid by them."""
    sheet = make(alpha).hours(make(alpha).moderator, date(2026, 5, 1), "submitted")
    with at():
        _look_at_hours(acting, sheet)
    with inside(alpha):
        sheet.refresh_from_db()
        assert (sheet.state, Timesheet.objects.count()) == ("submitted", 1)


def _look_at_hours(acting: Any, sheet: Timesheet) -> None:
    for path in ("", "2026-05/", "day/2026-05-04/", "review/", f"review/{sheet.pk}/"):
        assert acting.get(f"/desk/hours/{path}").status_code == 200, path
    acting.post(f"/desk/hours/review/{sheet.pk}/approve/")
    answer = acting.post("/desk/hours/2026-05/", {"2026-05-04_other": "1"})
    assert answer.status_code == 422
