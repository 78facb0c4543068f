"""The country's page, the request to join, and what operators do with it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bezpechne.kernel import clock
from provisioning import life
from provisioning.console.actions import requests as actions
from provisioning.console.models import JoinRequest
from provisioning.console.queries.country import ALL_AT_ONCE
from provisioning.models import JournalEntry
from provisioning.provisioning import OPERATOR
from tenants.models import City
from tenants.states import CityState
from tests.factories import Maker, RunJobs
from tests.integration.console.test_fleet import paper_cities

FIELDS = {
    "place": "Гадяч, Полтавська область",
    "organisation": "Міська рада",
    "name": "Ганна Таємна",
    "email": "Hanna@Secret.example",
    "phone": "+380 50 000 00 00",
    "message": "Хочемо <b>приєднатися</b>",
    "consent": "on",
}


@pytest.fixture
def visitor(db: None, client_of: Any) -> Client:
    client: Client = client_of(None)
    return client


def send(visitor: Client, **changes: str) -> Any:
    return visitor.post("/join/", {**FIELDS, **changes})


# --- the country ------------------------------------------------------------------------------------


def test_cities_are_listed_by_oblast_with_links(visitor: Client, alpha: City, beta: City) -> None:
    text = visitor.get("/").text
    for wanted in ("Полтавська", "Тернопільська", "http://poltava.bezpechne.test:8000"):
        assert wanted in text
    assert [city[0] for city in visitor.get("/cities.json").json()["cities"]] == [
        "poltava",
        "ternopil",
    ]


@pytest.mark.parametrize("state", [CityState.DRAFT, CityState.ARCHIVED])
def test_drafts_and_archived_cities_are_nobodys_business(
    visitor: Client, alpha: City, beta: City, state: CityState
) -> None:
    City.objects.filter(pk=alpha.pk).update(state=state)
    assert "Полтава" not in visitor.get("/").text
    assert "Полтава" not in visitor.get("/?q=полтава").text.replace('value="полтава"', "")
    assert "poltava" not in visitor.get("/cities.json").text


def test_a_city_before_its_launch_is_named_with_its_day_and_no_link(
    visitor: Client, alpha: City
) -> None:
    life.launch(by=OPERATOR, city=alpha, on=clock.today() + timedelta(days=14))
    text = visitor.get("/").text
    assert "Полтава" in text
    assert "http://poltava.bezpechne.test" not in text


def test_the_public_map_tells_no_problem(visitor: Client, alpha: City) -> None:
    City.objects.filter(pk=alpha.pk).update(migration_error="секрет")
    for row in visitor.get("/cities.json").json()["cities"]:
        assert row[5] == 0


def test_with_many_cities_an_oblast_or_a_name_is_chosen_first(visitor: Client, alpha: City) -> None:
    paper_cities(ALL_AT_ONCE)
    assert "Паперове 7" not in visitor.get("/").text
    assert "Паперова" in visitor.get("/").text
    assert "Паперове 7" in visitor.get("/?oblast=Паперова").text
    found = visitor.get("/?q=полт").text
    assert "http://poltava.bezpechne.test:8000" in found
    assert "Паперове" not in found
    assert visitor.get("/?q=%00&oblast=%00").status_code == 200


def test_the_page_costs_the_same_for_any_number(visitor: Client, alpha: City) -> None:
    costs = []
    for _ in range(2):
        for path in ("/", "/cities.json"):
            with CaptureQueriesContext(connection) as queries:
                assert visitor.get(path).status_code == 200
            costs.append(len(queries))
        paper_cities(ALL_AT_ONCE // 2) if len(costs) == 2 else None
    assert costs[0] == costs[2] <= 3


# --- the request ------------------------------------------------------------------------------------


def test_a_request_lands_in_the_console(visitor: Client, operator: Client) -> None:
    response = send(visitor)
    assert response.status_code == 302
    assert visitor.get(response["Location"]).status_code == 200
    row = JoinRequest.objects.get()
    assert (row.state, row.email, row.language) == ("new", "hanna@secret.example", "uk")
    assert "Гадяч" in operator.get("/console/requests/").text
    text = operator.get(f"/console/requests/{row.pk}/").text
    assert "Ганна Таємна" in text
    assert "&lt;b&gt;приєднатися" in text
    assert "<b>приєднатися" not in text


def test_operators_get_a_letter_without_personal_data(
    visitor: Client, make: Maker, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    operator = make(None).operator
    make(None).user("finance")
    send(visitor)
    run_jobs()
    (letter,) = outbox
    assert letter.to == [operator.email]
    body = letter.body + letter.subject + str(letter.alternatives)
    assert f"/console/requests/{JoinRequest.objects.get().pk}/" in body
    for secret in ("Ганна", "secret.example", "Гадяч", "Міська рада", "380"):
        assert secret not in body


def test_no_letter_when_somebody_works_on_it_already(
    visitor: Client, make: Maker, run_jobs: RunJobs, outbox: list[Any]
) -> None:
    by = make(None).operator.actor
    send(visitor)
    row = JoinRequest.objects.get()
    actions.move(by=by, request=row, state="in_progress", remark="")
    run_jobs()
    assert outbox == []


@pytest.mark.parametrize(
    "change",
    [
        {"place": ""},
        {"place": "\u202e \x00"},
        {"email": "не адреса"},
        {"email": "a@[127.0.0.1]"},
        {"name": "я" * 121},
        {"message": "я" * 2001},
        {"consent": ""},
    ],
)
def test_bad_input_comes_back_with_what_was_typed(visitor: Client, change: dict[str, str]) -> None:
    response = send(visitor, **change)
    assert response.status_code == 422
    assert FIELDS["organisation"] in response.text
    assert not JoinRequest.objects.exists()


def test_a_program_that_fills_in_everything_is_thanked_and_forgotten(visitor: Client) -> None:
    response = send(visitor, website="http://spam.example")
    assert response.status_code == 302
    assert not JoinRequest.objects.exists()


def test_a_flood_from_one_visitor_is_refused_and_the_text_kept(visitor: Client) -> None:
    for number in range(actions.PER_VISITOR):
        assert send(visitor, email=f"a{number}@example.org").status_code == 302
    response = send(visitor, email="one-more@example.org")
    assert response.status_code == 422
    assert FIELDS["organisation"] in response.text
    assert JoinRequest.objects.count() == actions.PER_VISITOR


def test_one_address_cannot_be_used_again_and_again(visitor: Client) -> None:
    for _ in range(actions.PER_ADDRESS + 2):
        send(visitor)
    assert JoinRequest.objects.count() == actions.PER_ADDRESS


def test_a_request_is_moved_on_with_a_note(visitor: Client, operator: Client) -> None:
    send(visitor)
    row = JoinRequest.objects.get()
    fields = {"state": "closed", "note": "Подзвонили <i>"}
    assert operator.post(f"/console/requests/{row.pk}/", fields).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.note) == ("closed", "Подзвонили <i>")
    assert row.closed_at is not None
    entry = JournalEntry.objects.get(action="request_moved")
    assert "Подзвонили" not in str(entry.detail)
    assert operator.post(f"/console/requests/{row.pk}/", {"state": "x"}).status_code == 422
    operator.post(f"/console/requests/{row.pk}/", {"state": "in_progress"})
    row.refresh_from_db()
    assert row.closed_at is None


def test_personal_data_go_some_time_after_the_closing(
    visitor: Client, operator: Client, make: Maker, settings: Any
) -> None:
    by = make(None).operator.actor
    for place in ("Закрите", "Відкрите"):
        send(visitor, place=place, email=f"{place.encode().hex()[:8]}@example.org")
    closed, opened = JoinRequest.objects.order_by("pk")
    actions.move(by=by, request=closed, state="closed", remark="Ганна сказала ні")
    days = timedelta(days=settings.JOIN_REQUEST_DAYS)
    with clock.frozen(clock.now() + days - timedelta(hours=1)):
        assert actions.erase_old() == 0
    with clock.frozen(clock.now() + days + timedelta(hours=1)):
        assert actions.erase_old() == 1
        assert actions.erase_old() == 0
    closed.refresh_from_db()
    opened.refresh_from_db()
    kept = (closed.name, closed.email, closed.phone, closed.message, closed.note)
    assert kept == ("", "", "", "", "")
    assert closed.organisation == FIELDS["organisation"]
    assert opened.name == FIELDS["name"]
    assert "Ганна" not in operator.get(f"/console/requests/{closed.pk}/").text


def test_nobody_else_reads_or_moves_requests(visitor: Client, alpha: City, make: Maker) -> None:
    send(visitor)
    row = JoinRequest.objects.get()
    assert visitor.get(f"/console/requests/{row.pk}/").status_code == 302
    for user in (make(alpha).administrator, make(None).user("finance")):
        with pytest.raises(PermissionDenied):
            actions.move(by=user.actor, request=row, state="closed", remark="")
