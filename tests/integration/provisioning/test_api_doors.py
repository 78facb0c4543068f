"""Who may call `/api/v1/`: every call of the table with every wrong token, and the right one."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import translation

from bezpechne.kernel import clock
from bezpechne.kernel.tokens import hashed
from provisioning.api import tokens
from provisioning.models import ApiToken, JournalEntry, Scope
from provisioning.provisioning import OPERATOR
from tenants.models import City
from tests.factories import Inside, Maker
from tests.route_table import API, CITIES_READ, TOKEN, Route

each_call = pytest.mark.parametrize("name", API)
HOST = "bezpechne.test"
PROBLEM = "application/problem+json"


def make_token(*scopes: str, days: int = 30) -> str:
    return tokens.create(by=OPERATOR, name=uuid4().hex, scopes=scopes, days=days)[1]


def url_of(name: str) -> str:
    route = API[name]
    arguments: Any = route.arguments
    with translation.override("uk"):
        url = reverse(name, urlconf=settings.PUBLIC_SCHEMA_URLCONF, kwargs=arguments(None))
    return url + route.query


def call(
    url: str,
    token: str = "",
    method: str = "GET",
    data: object = None,
    client: Client | None = None,
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    """As a program calls."""
    client = client or Client()
    sent = {"host": HOST, **(headers or {})}
    if token:
        sent["authorization"] = f"Bearer {token}"
    if method == "POST":
        sent.setdefault("idempotency-key", uuid4().hex)
    body = json.dumps(data or {}) if method == "POST" else ""
    response: Any = client.generic(method, url, body, "application/json", headers=sent)
    return response  # type: ignore[no-any-return] # the test client's own class


def methods_of(route: Route) -> list[tuple[str, str]]:
    """Method and the scope that it needs."""
    return [
        (method, route.writes or route.access if method == "POST" else route.access)
        for method in route.methods
        if method != "HEAD"
    ]


def assert_problem(response: Any, status: int, kind: str = "") -> dict[str, Any]:
    """A refusal is a problem with a sentence, never a page, and no cache keeps it."""
    assert response.status_code == status, response.content.decode()
    assert response["Content-Type"] == PROBLEM
    body: dict[str, Any] = json.loads(response.content)
    assert body["status"] == status
    assert body["detail"]
    assert body["title"]
    assert body["type"].startswith("http://bezpechne.test:8000/api/#")
    if kind:
        assert body["type"].endswith(f"#{kind}")
    return body


@each_call
def test_wrong_tokens_open_nothing(alpha: City, name: str) -> None:
    url, route = url_of(name), API[name]
    expired, revoked = make_token(*TOKEN), make_token(*TOKEN)
    ApiToken.objects.filter(token_hash=hashed(expired)).update(expires_at=clock.now())
    tokens.revoke(by=OPERATOR, token=ApiToken.objects.get(token_hash=hashed(revoked)))
    runs, states = runs_and_states()
    for method, scope in methods_of(route):
        data = route.data(None)  # type: ignore[arg-type] # no world is needed here
        for token in ("", "bzp_" + "x" * 43, "nonsense", expired, revoked):
            kind = "invalid-token" if token else "no-token"
            refused = call(url, token, method, data)
            assert_problem(refused, 401, kind)
            assert refused["WWW-Authenticate"].startswith("Bearer")
        others = make_token(*(TOKEN - {scope}))
        said = assert_problem(call(url, others, method, data), 403, "insufficient-scope")
        assert scope in said["detail"]
    assert (runs, states) == runs_and_states()


def runs_and_states() -> tuple[int, list[Any]]:
    return JournalEntry.objects.exclude(action__startswith="api_token").count(), list(
        City.objects.order_by("slug").values_list("slug", "state", "launch_on")
    )


@each_call
def test_the_right_scope_opens_the_call_alone(alpha: City, name: str) -> None:
    url, route = url_of(name), API[name]
    for method, scope in methods_of(route):
        with transaction.atomic():
            data = route.data(None)  # type: ignore[arg-type] # same
            answer = call(url, make_token(scope), method, data)
            assert answer.status_code == route.own[method], answer.content.decode()
            assert answer["Cache-Control"] == "private, no-store"
            assert not answer.cookies
            transaction.set_rollback(True)
    wrong = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} - set(route.methods)
    for method in wrong:
        refused = call(url, make_token(*TOKEN), method)
        assert_problem(refused, 405)
        assert set(refused["Allow"].split(", ")) == set(route.methods)


@each_call
def test_a_citys_host_has_no_such_address(alpha: City, name: str) -> None:
    for method, _scope in methods_of(API[name]):
        refused = call(
            url_of(name), make_token(*TOKEN), method, headers={"host": "poltava.bezpechne.test"}
        )
        assert_problem(refused, 404)


def test_a_session_cookie_is_no_token(
    alpha: City, make: Maker, inside: Inside, client_of: Any
) -> None:
    client = client_of(None)
    with inside(None):
        client.force_login(make(None).operator)
    assert client.get("/console/").status_code == 200
    assert_problem(call("/api/v1/cities", client=client), 401, "no-token")
    refused = call("/api/v1/cities/poltava/suspend", "", "POST", {"reason": "x"}, client)
    assert_problem(refused, 401)


@pytest.mark.parametrize(
    "header", ["Basic YWJj", "Bearer", "Bearer ", "bzp_x", "Bearer a b", "Bearer ї", "Token x"]
)
def test_odd_headers_are_refused_with_a_sentence(db: None, header: str) -> None:
    refused = Client().get(
        "/api/v1/cities", headers={"host": HOST, "authorization": header.encode().decode("latin-1")}
    )
    assert_problem(refused, 401)


def test_a_token_has_so_many_calls_a_minute(alpha: City, settings: Any) -> None:
    settings.API_CALLS_A_MINUTE = 3
    first, second = make_token(CITIES_READ), make_token(CITIES_READ)
    moment = clock.now()
    with clock.frozen(moment):
        codes = [call("/api/v1/cities", first).status_code for _ in range(3)]
        assert codes == [200, 200, 200]
        refused = call("/api/v1/cities", first)
        assert_problem(refused, 429)
        assert refused["Retry-After"] == "60"
        assert call("/api/v1/cities", second).status_code == 200
    with clock.frozen(moment + timedelta(seconds=61)):
        assert call("/api/v1/cities", first).status_code == 200


def test_guessing_tokens_is_slowed_down(alpha: City, settings: Any) -> None:
    settings.API_CALLS_A_MINUTE = 2
    with clock.frozen(clock.now()):
        codes = [call("/api/v1/cities", f"bzp_{n}").status_code for n in range(3)]
    assert codes == [401, 401, 429]


def test_the_last_use_is_noted_once_an_hour(alpha: City) -> None:
    token = make_token(CITIES_READ)
    row = ApiToken.objects.get(token_hash=hashed(token))
    start = clock.now()
    for minutes, noted in ((0, 0), (59, 0), (60, 60), (61, 60)):
        with clock.frozen(start + timedelta(minutes=minutes)):
            assert call("/api/v1/cities", token).status_code == 200
        row.refresh_from_db()
        assert row.last_used_at == start + timedelta(minutes=noted)


def test_the_database_holds_no_token(db: None) -> None:
    token = make_token(*Scope.values)
    row = ApiToken.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(t)::text FROM provisioning_api_token t")
        stored = cursor.fetchone()[0]
        cursor.execute("SELECT row_to_json(t)::text FROM provisioning_journal t")
        journal = " ".join(line for (line,) in cursor.fetchall())
    assert token not in stored
    assert token[4:-4] not in stored + journal
    assert row.hint == token[-4:]
    assert "api_token_created" in journal
