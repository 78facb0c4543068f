"""Each item of the readiness list turns green by the real thing, and by nothing else."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bezpechne.accounts import actions as accounts
from bezpechne.accounts.models import Invitation
from community.answers import links
from community.answers.actions import units
from community.answers.models import Unit
from provisioning.models import Hromada, JournalEntry
from provisioning.outlines import take_outlines
from provisioning.provisioning import OPERATOR, Request, provision
from provisioning.readiness import readiness_of
from tenants import actions
from tenants.models import City
from tenants.places import values_of
from tests.conftest import CityClient
from tests.factories import Inside, Make, Maker

READY = "/console/cities/lubny/ready/"


@pytest.fixture
def city(db: None) -> City:
    """Made a moment ago, nobody invited."""
    return provision(Request(hromada=Hromada.objects.get(slug="lubny"))).city


@pytest.fixture
def operator(db: None, client_of: Any) -> CityClient:
    client: CityClient = client_of(None)
    client.force_login(Make(None).operator)
    return client


def done(city: City) -> set[str]:
    fresh = City.objects.get(pk=city.pk)
    return {item.code for item in readiness_of(fresh) if item.done}


def test_a_new_city_lacks_everything_and_is_told_what_to_do(city: City) -> None:
    assert done(city) == set()
    assert all(item.todo for item in readiness_of(city))


def test_the_administrator_is_in_after_accepting_and_not_before(
    city: City, operator: CityClient, inside: Inside
) -> None:
    invited = {"email": "Boss@Lubny.example", "name": "Ірина"}
    assert operator.post(f"{READY}invite/", invited).status_code == 302
    assert done(city) == set()
    with inside(city):
        invitation = Invitation.objects.get()
        assert (invitation.email, invitation.role) == ("boss@lubny.example", "administrator")
        accounts.accept_invitation(invitation=invitation, name="Ірина", password="чотири слова")
    assert done(city) == {"administrator"}
    # From then on the city invites its people itself.
    operator.post(f"{READY}invite/", {"email": "other@lubny.example"})
    with inside(city):
        assert not Invitation.objects.filter(email="other@lubny.example").exists()
    journal = str(list(JournalEntry.objects.filter(city_id=city.pk).values()))
    assert "lubny.example" not in journal


def test_a_wrong_address_comes_back(city: City, operator: CityClient, inside: Inside) -> None:
    response = operator.post(f"{READY}invite/", {"email": "не адреса", "name": "Ірина"})
    assert response.status_code == 422
    assert "не адреса" in response.content.decode()
    with inside(city):
        assert not Invitation.objects.exists()


def test_a_moderator_is_named_by_an_invitation_that_still_works(
    city: City, make: Maker, inside: Inside
) -> None:
    invitation = make(city).invitation()
    assert done(city) == {"moderator"}
    with inside(city):
        accounts.revoke_invitation(by=OPERATOR, invitation=invitation)
    assert done(city) == set()
    make(city).user("moderator")
    assert done(city) == {"moderator"}


def test_the_liaison_s_address_is_confirmed_by_the_letter_s_button(
    city: City, client_of: Any, inside: Inside, make: Maker, run_jobs: Any, outbox: list[Any]
) -> None:
    boss = make(city).administrator.actor
    with inside(city):
        liaison = Unit.objects.get(is_liaison=True)
        liaison.email = "liaison@police.example"
        liaison.save()
        units.send_test_mail(by=boss, unit=liaison)
    assert "liaison" not in done(city)
    run_jobs()
    (link,) = (
        word for message in outbox for word in message.body.split() if "/answer/address/" in word
    )
    path = link.partition(":8000")[2]
    resident = client_of(city)
    assert resident.get(path).status_code == 200
    assert "liaison" not in done(city), "a scanner that opens links confirms nothing"
    assert resident.post(path).status_code == 200
    assert "liaison" in done(city)
    # Another address is another mailbox: its old link is dead and nothing is confirmed.
    with inside(city):
        liaison.email = "new@police.example"
        liaison.save()
    assert "liaison" not in done(city)
    assert resident.post(path).status_code == 410
    assert "liaison" not in done(city)


def test_a_link_of_one_unit_or_city_confirms_no_other(
    city: City, alpha: City, client_of: Any, inside: Inside
) -> None:
    for place in (city, alpha):
        with inside(place):
            Unit.objects.filter(is_liaison=True).update(email="liaison@police.example")
    with inside(alpha):
        foreign = Unit.objects.get(is_liaison=True)
        token = links.address_token(foreign)
    with inside(city):
        own = Unit.objects.get(is_liaison=True)
        other = Unit.objects.filter(is_liaison=False).first()
        assert other is not None
        own_token = links.address_token(own)
    client = client_of(city)
    for unit, text in ((own.pk, token), (other.pk, own_token), (own.pk, "x"), (0, own_token)):
        assert client.post(f"/answer/address/{unit}/{text}/").status_code == 410
    assert "liaison" not in done(city)


def test_units_count_when_one_besides_the_liaison_can_be_written_to(
    city: City, inside: Inside
) -> None:
    with inside(city):
        Unit.objects.filter(is_liaison=True).update(email="liaison@police.example")
    assert done(city) == set()
    with inside(city):
        second = Unit.objects.filter(is_liaison=False).first()
        assert second is not None
        Unit.objects.filter(pk=second.pk).update(email="second@police.example", is_active=False)
    assert done(city) == set()
    with inside(city):
        Unit.objects.filter(pk=second.pk).update(is_active=True)
    assert done(city) == {"units"}


def test_the_bounds_are_checked_by_a_person(
    city: City, operator: CityClient, alpha: City, make: Maker, inside: Inside
) -> None:
    assert operator.post(f"{READY}bounds/").status_code == 302
    assert done(city) == {"bounds"}
    assert "bounds" not in done(alpha)
    with inside(alpha):
        values = values_of(alpha) | {"centre_lat": 49.6, "centre_lon": 34.5}
        actions.place(by=make(alpha).administrator.actor, city=alpha, values=values)
    assert "bounds" in done(alpha), "the administrator's own pin counts"


def test_the_link_is_seen_and_may_be_gone(city: City, operator: CityClient) -> None:
    page = {"url": "https://police.example/hromadianam"}
    assert operator.post(f"{READY}link/", {"url": "ні", "seen": "1"}).status_code == 422
    assert done(city) == set()
    operator.post(f"{READY}link/", {**page, "seen": "1"})
    assert done(city) == {"link"}
    assert City.objects.get(pk=city.pk).police_site_url == page["url"]
    operator.post(f"{READY}link/", {**page, "seen": "0"})
    assert done(city) == set()
    operator.post(f"{READY}link/", {**page, "seen": "1"})
    assert done(city) == {"link"}


def test_the_page_shows_the_steps_and_their_times(city: City, operator: CityClient) -> None:
    page = operator.get(READY)
    assert page.status_code == 200
    assert len(page.context["run"].steps) == 4
    assert page.context["total"] > 0
    assert "http://lubny.bezpechne.test:8000" in page.content.decode()


def test_the_list_costs_the_same_for_more_units_and_people(
    city: City, operator: CityClient, make: Maker
) -> None:
    counts = []
    for _ in range(2):
        operator.get(READY)
        with CaptureQueriesContext(connection) as queries:
            operator.get(READY)
        counts.append(len(queries))
        for number in range(3):
            make(city).user("moderator")
            make(city).unit(f"Підрозділ {number}", f"unit-{number}@example.org")
    assert counts[0] == counts[1]


def test_a_city_that_waits_for_its_update_has_a_page_without_a_list(
    city: City, operator: CityClient
) -> None:
    City.objects.filter(pk=city.pk).update(schema_version="")
    page = operator.get(READY)
    assert (page.status_code, page.context["items"]) == (200, [])


def test_an_outline_that_is_loaded_later_leaves_checked_bounds_alone(
    city: City, alpha: City, operator: CityClient
) -> None:
    square = [[32.9, 49.9], [33.2, 49.9], [33.2, 50.1], [32.9, 50.1], [32.9, 49.9]]
    for place in (city, alpha):
        Hromada.objects.filter(pk=place.katottg).update(
            outline={"type": "Polygon", "coordinates": [square]},
            west=32.9,
            south=49.9,
            east=33.2,
            north=50.1,
        )
    operator.post(f"{READY}bounds/")
    assert [changed.slug for changed in take_outlines(by=OPERATOR)] == ["poltava"]
    assert City.objects.get(pk=city.pk).west == city.west
