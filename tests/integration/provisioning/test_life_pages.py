"""The operator's page of a city's life."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bezpechne.kernel import clock
from provisioning import life
from provisioning.life_history import PAGE
from provisioning.life_steps import STEPS
from provisioning.provisioning import OPERATOR
from tenants.models import City
from tests.factories import Inside, Maker

PATH = "/console/cities/poltava/life/"
SHA = "b" * 64


@pytest.fixture
def operator(make: Maker, client_of: Any, inside: Inside) -> Any:
    client = client_of(None)
    with inside(None):
        client.force_login(make(None).operator)
    return client


def offered(page: str) -> set[str]:
    return {step.code for step in STEPS if f"{PATH}{step.code}/" in page}


def take(client: Any, city: City, step: str, **typed: str) -> Any:
    """Sends the form of a step as the page that shows the city now would."""
    seen = life.seen(City.objects.get(pk=city.pk))
    fields = {f"{step}-{name}": value for name, value in {"expected": seen, **typed}.items()}
    return client.post(f"{PATH}{step}/", fields)


def state(city: City) -> str:
    return City.objects.get(pk=city.pk).state


@pytest.mark.parametrize(
    ("state", "steps"),
    [
        ("draft", {"launch", "activate", "trial", "archive"}),
        ("trial", {"launch", "extend", "activate", "suspend", "archive"}),
        ("active", {"launch", "trial", "suspend", "archive"}),
        ("suspended", {"launch", "activate", "trial", "resume", "archive"}),
        ("archived", {"unarchive", "schedule-deletion"}),
        ("deleted", set()),
    ],
)
def test_the_page_offers_the_steps_of_the_state(
    alpha: City, operator: Any, state: str, steps: set[str]
) -> None:
    City.objects.filter(pk=alpha.pk).update(state=state)
    page = operator.get(PATH)
    assert page.status_code == 200
    assert offered(page.text) == steps


def test_an_operator_walks_through_a_life(alpha: City, operator: Any) -> None:
    until = (clock.today() + timedelta(days=40)).isoformat()
    for step, typed, leads_to in (
        ("trial", {"until": until}, "trial"),
        ("suspend", {"reason": "Перерва", "name": "полтава"}, "suspended"),
        ("activate", {}, "active"),
        ("launch", {"on": until}, "active"),
        ("archive", {"note": "Так", "name": "Полтава"}, "archived"),
        ("unarchive", {}, "suspended"),
        ("resume", {}, "active"),
    ):
        response = take(operator, alpha, step, **typed)
        assert (response.status_code, response["Location"]) == (302, PATH), step
        assert state(alpha) == leads_to


def test_closing_asks_for_the_typed_name_and_keeps_what_was_typed(
    alpha: City, operator: Any
) -> None:
    for name in ("", "Тернопіль"):
        response = take(operator, alpha, "suspend", reason="Переїзд <відділу>", name=name)
        assert response.status_code == 422
        assert "Переїзд &lt;відділу&gt;" in response.text
        assert take(operator, alpha, "archive", note="Так", name=name).status_code == 422
    assert state(alpha) == "active"


def test_of_two_operators_the_second_is_told(alpha: City, operator: Any) -> None:
    seen = life.seen(alpha)
    life.suspend(by=OPERATOR, city=alpha, reason="Перерва")
    page = operator.post(
        f"{PATH}archive/", {"archive-expected": seen, "archive-name": "Полтава", "archive-note": ""}
    )
    assert page.status_code == 422
    assert state(alpha) == "suspended"
    # The step that is no longer offered says so above all the others.
    stale = operator.post(
        f"{PATH}suspend/",
        {"suspend-expected": seen, "suspend-name": "Полтава", "suspend-reason": "Так"},
    )
    assert stale.status_code == 422
    assert 'role="alert"' in stale.text
    # The page shown with the refusal is the present one: the same form may be sent again.
    assert life.seen(City.objects.get(pk=alpha.pk)) in page.text


def test_deletion_from_the_page(alpha: City, operator: Any) -> None:
    assert take(operator, alpha, "archive", name="Полтава").status_code == 302
    assert "manage.py city export poltava" in operator.get(PATH).text
    assert take(operator, alpha, "schedule-deletion", name="Полтава").status_code == 422
    life.note_export(alpha, SHA, at=clock.now() + timedelta(seconds=1))
    assert take(operator, alpha, "schedule-deletion", name="Полтава").status_code == 302
    assert offered(operator.get(PATH).text) == {"unarchive", "cancel-deletion", "delete"}
    assert take(operator, alpha, "delete", name="Полтава").status_code == 422
    City.objects.filter(pk=alpha.pk).update(deletion_on=clock.today())
    assert take(operator, alpha, "delete", name="Тернопіль").status_code == 422
    gone = take(operator, alpha, "delete", name="Полтава")
    assert (gone.status_code, gone["Location"]) == (302, "/console/")
    assert state(alpha) == "deleted"


def test_bad_days_are_refused_in_the_form(alpha: City, operator: Any) -> None:
    for day in ("", "soon", "2020-01-01", "9999-12-31", "31.02.2099"):
        assert take(operator, alpha, "trial", until=day).status_code == 422
    assert state(alpha) == "active"


def test_what_is_no_step_or_no_city_is_not_found(alpha: City, operator: Any) -> None:
    assert operator.post(f"{PATH}explode/").status_code == 404
    assert operator.get("/console/cities/nowhere/life/").status_code == 404
    assert operator.get(f"{PATH}archive/").status_code == 405


def test_the_history_is_paged_and_costs_the_same_for_any_length(
    alpha: City, make: Maker, operator: Any
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert operator.get(PATH).status_code == 200
        return len(queries)

    by = make(None).user("operator", name="Ольга Операторка").actor
    life.launch(by=by, city=alpha)
    operator.get(PATH)
    few = cost()
    for number in range(PAGE + 2):
        life.launch(by=by, city=alpha, on=clock.today() + timedelta(days=number))
    assert cost() == few
    page = operator.get(PATH)
    assert page.text.count("Ольга Операторка") == PAGE
    older = page.context["more"]
    rest = operator.get(f"{PATH}?before={older}")
    assert rest.text.count("Ольга Операторка") == 3
    for before in ("x", "-1", "9" * 40):
        assert operator.get(f"{PATH}?before={before}").status_code == 200


def test_the_history_of_a_city_that_an_operator_entered_tells_until_when(
    alpha: City, operator: Any, make: Maker, client_of: Any
) -> None:
    assert client_of(alpha).post(urlsplit(make(alpha).acting_link()).path).status_code == 302
    page = operator.get(PATH)
    assert page.status_code == 200
    assert re.search(r": \d+ \w+ \d{4} р\., \d\d:\d\d", page.text)
