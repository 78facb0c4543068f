"""One id from the request through its log lines to its jobs."""

import logging
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection

from bezpechne.kernel.logs import AddPlace
from tenants.models import City
from tests.factories import PASSWORD

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Records as the console's handler sees them."""
    caplog.handler.addFilter(AddPlace())
    caplog.set_level(logging.INFO)
    return caplog


def test_every_answer_carries_an_id_of_its_own(alpha: City, client_of: Any) -> None:
    client = client_of(alpha)
    ids = {client.get(path)["X-Request-ID"] for path in ("/", "/nowhere/", "/desk/")}
    ids.add(client_of(None).get("/")["X-Request-ID"])
    assert len(ids) == 4


def test_the_line_of_a_request_names_route_city_and_id_and_no_path(
    alpha: City, client_of: Any, lines: Any, settings: LazySettings
) -> None:
    settings.BEHIND_PROXY = True
    response = client_of(alpha).get("/nowhere/odarka/", headers={"x-request-id": ID})
    assert response["X-Request-ID"] == ID
    (record,) = [record for record in lines.records if record.name == "bezpechne.kernel.requests"]
    assert (record.schema, record.request_id) == (alpha.schema_name, ID)
    assert (record.route, record.status) == ("none", 404)
    assert "odarka" not in record.getMessage()
    warned = [record for record in lines.records if record.name == "django.request"]
    assert {(record.schema, record.request_id) for record in warned} == {(alpha.schema_name, ID)}


def test_a_job_and_its_line_carry_the_id_of_their_request(
    alpha: City, make: Any, client_of: Any, lines: Any, run_jobs: Any, settings: LazySettings
) -> None:
    settings.BEHIND_PROXY = True
    user = make(alpha).moderator
    assert user.check_password(PASSWORD)
    client_of(alpha).post("/account/reset/", {"email": user.email}, headers={"x-request-id": ID})
    with connection.cursor() as cursor:
        cursor.execute("SELECT args->>'request_id' FROM public.procrastinate_jobs")
        assert cursor.fetchall() == [(ID,)]
    assert run_jobs() == 1
    (record,) = [record for record in lines.records if record.name == "bezpechne.kernel.queue"]
    assert (record.schema, record.request_id) == (alpha.schema_name, ID)
    assert record.getMessage().endswith(" done")


def test_an_answer_with_a_cookie_is_kept_by_no_cache(alpha: City, client_of: Any) -> None:
    """Django gives a new cookie wherever the sent one is broken, the public files included."""
    client = client_of(alpha)
    assert "public" in client.get("/files/accent.css")["Cache-Control"]
    client.cookies["csrf"] = "broken"
    response = client.get("/files/accent.css")
    assert response.cookies
    assert response["Cache-Control"] == "private, no-store"
