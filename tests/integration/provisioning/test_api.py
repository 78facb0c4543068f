"""What the API does, and that its document says the same."""

import json
import re
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bezpechne.accounts.models import Invitation
from bezpechne.kernel import clock
from bezpechne.kernel.audit.models import Entry
from provisioning import provisioning as engine
from provisioning.api.documents import KINDS, document
from provisioning.api.places import all_places
from provisioning.management.failures import BadInputError
from provisioning.models import ApiToken, JournalEntry, ProvisioningRun, Scope
from tenants.models import City
from tests.factories import Inside, Maker
from tests.integration.provisioning.test_api_doors import assert_problem, call, make_token

CITIES = "/api/v1/cities"
LUBNY = "UA53040030000088898"


@pytest.fixture
def token(db: None) -> str:
    return make_token(*Scope.values)


def said(response: Any) -> Any:
    return json.loads(response.content)


def fits(value: Any, schema: dict[str, Any], where: str = "") -> None:
    """A value against a schema of the document, as far as the document goes."""
    if "$ref" in schema:
        schema = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if value is None:
        assert schema.get("nullable"), f"{where} is null"
        return
    for inner in schema.get("allOf", []):
        fits(value, inner, where)
    kinds: dict[str, Any] = {
        "object": dict,
        "array": list,
        "string": str,
        "integer": int,
        "number": float | int,
        "boolean": bool,
    }
    if "type" in schema:
        assert isinstance(value, kinds[schema["type"]]), f"{where} is {value!r}"
    if "enum" in schema:
        assert value in schema["enum"], f"{where} is {value!r}"
    if schema.get("format") == "date":
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", value), where
    if isinstance(value, list):
        for place, item in enumerate(value):
            fits(item, schema["items"], f"{where}[{place}]")
    if isinstance(value, dict) and "properties" in schema:
        known = schema["properties"]
        assert set(value) <= set(known), f"{where}: {set(value) - set(known)} is not documented"
        assert set(schema.get("required", [])) <= set(value), where
        for name, item in value.items():
            fits(item, known[name], f"{where}.{name}")


def documented(response: Any, path: str, method: str = "get") -> Any:
    """The answer, checked against what the document promises for its status."""
    told = document()["paths"][path][method]["responses"][str(response.status_code)]["content"]
    kind = response["Content-Type"].partition(";")[0]
    fits(said(response), told[kind]["schema"], path)
    return said(response)


# --- Hromadas -------------------------------------------------------------------------------------


def test_a_name_finds_every_hromada_that_has_it(alpha: City, token: str) -> None:
    path = "/api/v1/hromadas"
    found = documented(call(f"{path}?q=Миколаївка", token), path)
    assert found["match"] == "exact"
    assert len(found["items"]) > 3
    assert {row["centre_uk"] for row in found["items"]} == {"Миколаївка"}
    one = documented(call(f"{path}?q=миколаївка&oblast=Донецька область", token), path)
    assert {row["oblast_uk"] for row in one["items"]} == {"Донецька"}
    near = documented(call(f"{path}?q=Полтвва", token), path)
    assert near["match"] == "nearest"
    assert near["items"][0]["city"] == "poltava"
    raion = documented(call(f"{path}?raion=Лубенський район&limit=200", token), path)
    assert LUBNY in {row["code"] for row in raion["items"]}
    assert {row["raion_uk"] for row in raion["items"]} == {"Лубенський"}
    assert said(call(f"{path}?oblast=Ніде", token))["items"] == []


def test_the_list_of_hromadas_is_walked_without_gaps(alpha: City, token: str) -> None:
    seen: list[str] = []
    url = "/api/v1/hromadas?limit=200"
    queries = set()
    while url:
        with CaptureQueriesContext(connection) as counted:
            page = said(call(url, token))
        queries.add(len(counted))
        seen += [row["code"] for row in page["items"]]
        url = (page["next"] or "").removeprefix(settings.BASE_URL)
    assert seen == [place.code for place in all_places()]
    assert max(queries) <= 4


def test_one_hromada(alpha: City, token: str) -> None:
    path = "/api/v1/hromadas/{code}"
    row = documented(call(f"/api/v1/hromadas/{LUBNY}", token), path)
    assert (row["centre_uk"], row["city"]) == ("Лубни", None)
    refused = call("/api/v1/hromadas/UA1", token)
    assert_problem(refused, 404, "no-such-hromada")
    documented(refused, path)


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "limit=9999", "q=%00", "q=" + "я" * 200])
def test_odd_queries_are_refused_by_field(alpha: City, token: str, query: str) -> None:
    refused = assert_problem(call(f"/api/v1/hromadas?{query}", token), 422, "invalid-fields")
    assert refused["errors"][0]["field"] == query.partition("=")[0]
    assert refused["errors"][0]["detail"]


# --- Making a city --------------------------------------------------------------------------------


def test_a_city_is_made_from_its_name_and_told_about(
    alpha: City, token: str, inside: Inside
) -> None:
    body = {
        "hromada": "Лубни",
        "admin_email": "Head@example.org",
        "launch_on": (clock.today() + timedelta(days=5)).isoformat(),
        "trial_ends_on": (clock.today() + timedelta(days=90)).isoformat(),
    }
    made = call(CITIES, token, "POST", body)
    assert made.status_code == 201, made.content.decode()
    row = documented(made, CITIES, "post")
    assert made["Location"] == f"{settings.BASE_URL}{CITIES}/lubny"
    assert (row["slug"], row["state"], row["launched"]) == ("lubny", "trial", False)
    assert row["launch_on"] == body["launch_on"]
    assert row["url"].startswith("http://lubny.bezpechne.test")
    assert row["hromada"] == LUBNY
    read = documented(call(f"{CITIES}/lubny", token), CITIES + "/{slug}")
    assert read == row
    path = CITIES + "/{slug}/provisioning"
    run = documented(call(f"{CITIES}/lubny/provisioning", token), path)
    assert run["state"] == "done"
    assert [step["name"] for step in run["steps"]][:2] == ["city", "tables"]
    city = City.objects.get(slug="lubny")
    with inside(city):
        assert Invitation.objects.get().email == "head@example.org"
        entry = Entry.objects.get(action="provisioned")
        assert (entry.actor_kind, entry.actor_id) == ("token", ApiToken.objects.get().pk)
    written = str(list(JournalEntry.objects.values())) + str(list(ProvisioningRun.objects.values()))
    assert "example.org" not in written
    assert ProvisioningRun.objects.get(slug="lubny").operator_id is None


def test_a_name_of_several_is_never_guessed(alpha: City, token: str) -> None:
    before = City.objects.count()
    refused = call(CITIES, token, "POST", {"hromada": "Миколаївка"})
    body = assert_problem(refused, 422, "ambiguous-place")
    documented(refused, CITIES, "post")
    assert len({row["code"] for row in body["candidates"]}) > 3
    near = assert_problem(call(CITIES, token, "POST", {"hromada": "Полтвва"}), 422, "unknown-place")
    assert near["candidates"][0]["centre_uk"] == "Полтава"
    lost = assert_problem(call(CITIES, token, "POST", {"hromada": "ъъъъ"}), 422, "unknown-place")
    assert lost["candidates"] == []
    assert City.objects.count() == before
    one = call(CITIES, token, "POST", {"hromada": body["candidates"][0]["code"]})
    assert one.status_code == 201


def test_a_repeated_call_gets_the_same_city_and_another_body_is_refused(
    alpha: City, token: str, inside: Inside
) -> None:
    key = {"idempotency-key": "0a1b2c3d-0001"}
    body = {"hromada": LUBNY, "admin_email": "head@example.org"}
    first = call(CITIES, token, "POST", body, headers=key)
    again = call(CITIES, token, "POST", dict(reversed(body.items())), headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    with inside(City.objects.get(slug="lubny")):
        assert Invitation.objects.count() == 1
    other = call(CITIES, token, "POST", {**body, "slug": "lubny-two"}, headers=key)
    assert_problem(other, 422, "key-reused")
    # Another key: the city is there, and it is not said that this call has made it.
    exists = call(CITIES, token, "POST", {"hromada": LUBNY})
    assert assert_problem(exists, 409, "city-exists")["city"] == "lubny"
    documented(exists, CITIES, "post")
    # Keys of one program mean nothing to another.
    strange = call(CITIES, make_token(*Scope.values), "POST", {"hromada": "Гадяч"}, headers=key)
    assert said(strange)["slug"] == "hadiach"


def test_of_two_calls_at_once_the_second_leaves_the_run_of_the_first(
    alpha: City, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second has read the run before the first has written how it made the city."""
    key, body = {"idempotency-key": "0a1b2c3d-0003"}, {"hromada": LUBNY}
    answers = []
    real = engine._provision

    def meanwhile(*args: Any) -> Any:
        monkeypatch.setattr(engine, "_provision", real)
        answers.append(call(CITIES, token, "POST", body, headers=key))
        return real(*args)

    monkeypatch.setattr(engine, "_provision", meanwhile)
    answers.append(call(CITIES, token, "POST", body, headers=key))
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    run = ProvisioningRun.objects.get(katottg=LUBNY)
    assert run.way
    assert run.steps


def test_a_key_does_not_bring_a_deleted_city_back(alpha: City, token: str) -> None:
    key = {"idempotency-key": "0a1b2c3d-0002"}
    assert call(CITIES, token, "POST", {"hromada": LUBNY}, headers=key).status_code == 201
    City.objects.filter(slug="lubny").delete()
    assert_problem(call(CITIES, token, "POST", {"hromada": LUBNY}, headers=key), 409, "city-gone")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "hromada"),
        ({"hromada": LUBNY, "slug": "www"}, "slug"),
        ({"hromada": LUBNY, "slug": "xn--80ak6aa92e"}, "slug"),
        ({"hromada": LUBNY, "slug": "a" * 63}, "slug"),
        ({"hromada": LUBNY, "slug": "Лубни"}, "slug"),
        ({"hromada": LUBNY, "admin_email": "head"}, "admin_email"),
        ({"hromada": LUBNY, "launch_on": "31.12.2026"}, "launch_on"),
        ({"hromada": LUBNY, "trial_ends_on": "2020-01-01"}, "trial_ends_on"),
        ({"hromada": LUBNY, "lauch_on": "2027-01-01"}, "lauch_on"),
        ({"hromada": ["Лубни"]}, "hromada"),
        ({"hromada": "Лу\x00бни"}, "hromada"),
        ([], "non_field_errors"),
    ],
)
def test_bad_fields_are_named_and_make_nothing(
    alpha: City, token: str, body: object, field: str
) -> None:
    before = City.objects.count(), ProvisioningRun.objects.count()
    refused = Client().post(
        CITIES,
        json.dumps(body),
        "application/json",
        headers={
            "host": "bezpechne.test",
            "authorization": f"Bearer {token}",
            "idempotency-key": uuid4().hex,
        },
    )
    problem = assert_problem(refused, 422, "invalid-fields")
    assert [line["field"] for line in problem["errors"]] == [field]
    assert (City.objects.count(), ProvisioningRun.objects.count()) == before


def test_a_slug_of_another_city_is_a_conflict(alpha: City, token: str) -> None:
    refused = call(CITIES, token, "POST", {"hromada": LUBNY, "slug": "poltava"})
    assert "poltava" in assert_problem(refused, 409, "refused")["detail"]
    run = ProvisioningRun.objects.get(katottg=LUBNY)
    assert run.error
    assert not City.objects.filter(katottg=LUBNY).exists()


@pytest.mark.parametrize(
    ("key", "kind"), [("", "no-key"), ("short", "bad-key"), ("x" * 65, "bad-key")]
)
def test_making_a_city_needs_a_key(alpha: City, token: str, key: str, kind: str) -> None:
    refused = call(CITIES, token, "POST", {"hromada": LUBNY}, headers={"idempotency-key": key})
    assert_problem(refused, 400, kind)


def test_the_body_is_json_of_a_sane_size(alpha: City, token: str) -> None:
    def send(body: str | bytes, kind: str = "application/json") -> Any:
        return Client().post(
            CITIES,
            body,
            kind,
            headers={
                "host": "bezpechne.test",
                "authorization": f"Bearer {token}",
                "idempotency-key": uuid4().hex,
            },
        )

    assert_problem(send("{"), 400)
    assert_problem(send('{"hromada": NaN}'), 400)
    assert_problem(send('{"hromada": ' + "[" * 8000), 400)
    assert_problem(send(b"\xff\xfe"), 400)
    assert_problem(send("hromada=x", "application/x-www-form-urlencoded"), 415)
    assert_problem(send("<a/>", "text/xml"), 415)
    assert_problem(send(json.dumps({"hromada": "я" * 20_000})), 413)
    assert_problem(call(CITIES, token, headers={"accept": "text/html"}), 406)


# --- Reading and changing -------------------------------------------------------------------------


def test_cities_are_listed_by_slug_in_a_fixed_number_of_queries(
    alpha: City, beta: City, token: str
) -> None:
    page = documented(call(f"{CITIES}?limit=1", token), CITIES)
    assert [row["slug"] for row in page["items"]] == ["poltava"]
    rest = said(call(page["next"].removeprefix(settings.BASE_URL), token))
    assert ([row["slug"] for row in rest["items"]], rest["next"]) == (["ternopil"], None)
    counts = []
    for url in (f"{CITIES}?limit=1", f"{CITIES}?limit=2"):
        with CaptureQueriesContext(connection) as queries:
            call(url, token)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 4
    assert said(call(f"{CITIES}?state=suspended", token))["items"] == []
    assert_problem(call(f"{CITIES}?state=asleep", token), 422)
    assert_problem(call(f"{CITIES}/nowhere", token), 404, "no-such-city")


def test_the_state_is_changed_by_the_platforms_own_actions(
    alpha: City, token: str, inside: Inside
) -> None:
    def change(what: str, body: object = None) -> Any:
        return call(f"{CITIES}/poltava/{what}", token, "POST", body)

    stopped = documented(
        change("suspend", {"reason": "Ремонт"}), CITIES + "/{slug}/suspend", "post"
    )
    assert (stopped["state"], stopped["suspended_reason"]) == ("suspended", "Ремонт")
    assert_problem(change("suspend", {"reason": "Ще раз"}), 409, "state-forbids")
    assert_problem(change("suspend"), 422, "invalid-fields")
    assert said(change("resume"))["state"] == "active"
    assert_problem(change("resume"), 409, "state-forbids")
    assert said(change("launch", {"on": "2030-01-01"}))["launched"] is False
    assert said(change("launch"))["launched"] is True
    assert_problem(change("launch", {"when": "2030-01-01"}), 422)
    assert_problem(call(f"{CITIES}/nowhere/launch", token, "POST"), 404, "no-such-city")
    kinds = set(JournalEntry.objects.filter(city_id=alpha.pk).values_list("actor_kind", flat=True))
    assert "token" in kinds
    with inside(alpha):
        assert Entry.objects.filter(action="suspended", actor_kind="token").count() == 1


# --- Documents ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/api/v1", "/api/v1/", "/api/v1/nothing", "/api/v2/cities", "/api/x"]
)
def test_nothing_under_api_answers_with_a_page(db: None, client_of: Any, path: str) -> None:
    assert_problem(client_of(None).get(path), 404)
    assert_problem(client_of(None).post(path, "{}", "application/json"), 404)


def test_a_fault_of_ours_is_a_problem_too(
    alpha: City, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("provisioning.api.views.shown", broken)
    failed = call(CITIES, token, client=Client(raise_request_exception=False))
    assert_problem(failed, 500)
    assert b"secret" not in failed.content


def test_the_document_names_every_call_its_scope_and_its_problems(client_of: Any, db: None) -> None:
    answer = client_of(None).get("/api/v1/openapi.json")
    made = answer.json()
    assert made["openapi"].startswith("3.")
    assert made["paths"]["/api/v1/cities"]["post"]["x-scope"] == "cities:write"
    assert made["paths"]["/api/v1/cities"]["get"]["x-scope"] == "cities:read"
    for methods in made["paths"].values():
        for told in methods.values():
            assert {"401", "403", "429"} <= set(told["responses"])
            assert told["security"] == [{"token": []}]


@pytest.mark.parametrize("path", ["/api/", "/en/api/"])
def test_the_page_for_people_shows_each_call_and_kind(client_of: Any, db: None, path: str) -> None:
    page = client_of(None).get(path).content.decode()
    for address in document()["paths"]:
        assert address in page
    for kind, _status, _text in KINDS:
        assert f'id="{kind}"' in page
    assert "<script>" not in page


# --- The operators' page --------------------------------------------------------------------------


@pytest.fixture
def console(client_of: Any, make: Maker, inside: Inside, alpha: City) -> Any:
    client = client_of(None)
    with inside(None):
        client.force_login(make(None).operator)
    return client


FORM = {"name": "Реєстр області", "scopes": ["cities:read"], "days": 90}
PAGE = "/console/api-tokens/"


def test_an_operator_makes_a_token_sees_it_once_and_revokes_it(console: Any) -> None:
    made = console.post(PAGE, FORM)
    assert made.status_code == 201
    assert made["Cache-Control"] == "private, no-store"
    (secret,) = re.findall(r"bzp_[A-Za-z0-9_-]{43}", made.content.decode())
    assert call(CITIES, secret).status_code == 200
    listed = console.get(PAGE).content.decode()
    assert "Реєстр області" in listed
    assert secret not in listed
    row = ApiToken.objects.get()
    assert row.expires_at - row.created_at > timedelta(days=89)
    again = console.post(PAGE, FORM)
    assert again.status_code == 422
    assert "bzp_" not in again.content.decode()
    for _ in range(2):
        assert console.post(f"{PAGE}{row.pk}/revoke/").status_code == 302
    assert_problem(call(CITIES, secret), 401, "invalid-token")
    assert console.post(PAGE, FORM).status_code == 201
    actions = list(
        JournalEntry.objects.filter(action__startswith="api_token")
        .order_by("id")
        .values_list("action", flat=True)
    )
    assert actions == ["api_token_created", "api_token_revoked", "api_token_created"]


@pytest.mark.parametrize(
    "change",
    [{"name": ""}, {"scopes": []}, {"scopes": ["all"]}, {"days": 4000}, {"name": "x" * 61}],
)
def test_a_bad_form_makes_no_token(console: Any, change: dict[str, Any]) -> None:
    assert console.post(PAGE, {**FORM, **change}).status_code == 422
    assert not ApiToken.objects.exists()


def test_the_command_makes_lists_and_revokes(alpha: City) -> None:
    def run(*words: str) -> str:
        out = StringIO()
        call_command("api_token", *words, stdout=out, stderr=StringIO())
        return out.getvalue()

    secret = run("create", "Register", "--scope", "cities:read", "--days", "10").strip()
    assert call(CITIES, secret).status_code == 200
    listed = run("list")
    assert "Register" in listed
    assert secret not in listed
    number = str(ApiToken.objects.get().pk)
    assert "Revoked" in run("revoke", number)
    assert_problem(call(CITIES, secret), 401)
    for words in (
        ["revoke", "999999999"],
        ["create", "x", "--scope", "cities:read", "--days", "4000"],
        ["create", " ", "--scope", "cities:read"],
    ):
        with pytest.raises(BadInputError):
            run(*words)
