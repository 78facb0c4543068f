"""What really leaves for the error tracker and into the logs: own processes, real library, HTTP.

The mark ОДАРКА (and its like) is put wherever a person's words can get to; none may arrive.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.integration.committed import ROOT, environment
from tests.receiver import Receiver, receiving

pytestmark = pytest.mark.processes

TOKEN = "Zq7_-" * 6 + "xy"
MARKS = {
    "name": "Одарка-Секретна",
    "text": "мій сусід Грицько",
    "email": "odarka@secret.example",
    "cookie": "c00kie-value-91",
    "token": TOKEN,
    "query": "query-word-17",
    "referer": "referer-word-23",
    "address": "203.0.113.77",
    "local": "local-variable-5",
    "sql": "sql-parameter-88",
    "password": "passw0rd-word",
    "header": "bearer-word-31",
    "breadcrumb": "breadcrumb-word-44",
    "extra": "extra-word-52",
    "filled": "filled-in-word-61",
    "city_of_reader": "Мелітопольська",
}
# Views and jobs that fail as ours would, with marks in all that they hold; the rest is the product.
COMMON = f"""
import django, json, logging, sys, io
from http.client import HTTPConnection
from django.conf import settings
# Nothing is collected here.
settings.STORAGES["staticfiles"] = {{"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
django.setup()
MARKS = {MARKS!r}
from django.db import connection, IntegrityError
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from bezpechne.accounts import access
logger = logging.getLogger("community.portal")

def trouble(kind):
    secret_local = MARKS["local"]
    import sentry_sdk
    sentry_sdk.set_user({{"email": MARKS["email"], "ip_address": MARKS["address"], "username": MARKS["name"]}})
    sentry_sdk.set_extra("text", MARKS["extra"])
    sentry_sdk.set_tag("reader", MARKS["city_of_reader"])
    sentry_sdk.set_context("person", {{"name": MARKS["name"]}})
    sentry_sdk.add_breadcrumb(message=MARKS["breadcrumb"], category="redis")
    logger.warning("A crumb about %s", MARKS["breadcrumb"])
    try:
        there = HTTPConnection("127.0.0.1", 9, timeout=1)
        there.request("GET", "/" + MARKS["breadcrumb"] + "?email=" + MARKS["email"])
    except OSError:
        pass
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::text", [MARKS["sql"]])
    if kind == "log":
        logger.error("Nothing came of %s for %s", MARKS["filled"], MARKS["email"])
        return
    if kind == "sql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::int", [MARKS["sql"]])
    try:
        raise IntegrityError(f"DETAIL: Key (email)=({{MARKS['email']}}) exists, {{MARKS['text']}}")
    except IntegrityError as error:
        raise ValueError(f"{{MARKS['name']}}: {{secret_local}}") from error
"""
WEB = (
    COMMON
    + """
from django.http import HttpResponse
from bezpechne.urls import city

@csrf_exempt
@access.public()
def fails(request, kind, token):
    typed = request.POST.get("name")
    trouble(kind)
    return HttpResponse("ok")

city.urlpatterns.insert(0, path("fails/<str:kind>/<str:token>/", fails, name="fails"))
from bezpechne.wsgi import application
import time
from urllib.parse import urlencode
waits = []
for kind in sys.argv[1:]:
    body = urlencode({key: MARKS[key] for key in ("name", "text", "email", "password")}).encode()
    path_info = f"/fails/{kind}/{MARKS['token']}/" if kind != "unknown" else "/nowhere/" + MARKS["query"]
    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": path_info, "SCRIPT_NAME": "",
        "QUERY_STRING": "q=" + MARKS["query"] + "&email=odarka%40secret.example",
        "SERVER_NAME": "poltava.bezpechne.test", "SERVER_PORT": "8000", "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "poltava.bezpechne.test", "REMOTE_ADDR": MARKS["address"],
        "HTTP_X_FORWARDED_FOR": MARKS["address"], "HTTP_COOKIE": "session=" + MARKS["cookie"],
        "HTTP_REFERER": "http://x.example/" + MARKS["referer"], "HTTP_AUTHORIZATION": "Bearer " + MARKS["header"],
        "CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": str(len(body)),
        "HTTP_BAGGAGE": "sentry-user=" + MARKS["header"],
        "wsgi.input": io.BytesIO(body), "wsgi.errors": sys.stderr, "wsgi.url_scheme": "http",
        "wsgi.version": (1, 0), "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
    }
    told = {}
    started = time.monotonic()
    answer = application(environ, lambda status, headers, exc=None: told.update(status=status, headers=dict(headers)))
    list(answer)
    answer.close()
    waits.append(time.monotonic() - started)
    print("ANSWER", kind, told["status"][:3], told["headers"].get("X-Request-ID"), flush=True)
print("SLOWEST", max(waits[1:] or waits), flush=True)
if not MARKS.get("skip_flush"):
    import sentry_sdk
    sentry_sdk.flush(5)
"""
)
JOB = (
    COMMON
    + """
from django.core.management import call_command
from bezpechne.kernel import queue, trace
from bezpechne.kernel.schema import in_schema

@queue.task("tests.fails")
def fails(number):
    trouble("error")

try:
    with trace.traced("request-of-the-job-1"), in_schema("city_poltava"):
        queue.defer("tests.fails", number=1)
    with connection.cursor() as cursor:
        # The last of its attempts: the ones before it are tried again and told nobody.
        cursor.execute("UPDATE public.procrastinate_jobs SET attempts = 10 WHERE task_name = 'tests.fails'")
    call_command("worker", once=True)
    import sentry_sdk
    sentry_sdk.flush(5)
finally:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM public.procrastinate_jobs WHERE task_name = 'tests.fails'")
"""
)
Run = Callable[..., str]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


@pytest.fixture
def run(django_db_setup: None, receiver: Receiver) -> Run:
    def go(code: str, *arguments: str, **more: str) -> str:
        given = {"SENTRY_DSN": receiver.dsn, "RELEASE": "r42", "LOG_FORMAT": "json", **more}
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            env=environment(**given),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout + done.stderr

    return go


def assert_nothing_private(text: str) -> None:
    lowered = text.lower()
    for kind, mark in MARKS.items():
        # JSON may write letters as \\uXXXX.
        for form in (mark, json.dumps(mark)[1:-1], mark.replace("@", "%40")):
            where = lowered.find(form.lower())
            assert where < 0, f"{kind}: …{text[max(0, where - 200) : where + 80]}…"


def _last(event: dict[str, Any]) -> str:
    """Type of the outermost exception; blank where there is none."""
    values = event.get("exception", {}).get("values", [{}])
    return str(values[-1].get("type", ""))


def lines_of(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines() if line.startswith("{")]


def test_errors_of_requests_carry_their_place_and_no_word_of_a_person(
    run: Run, receiver: Receiver
) -> None:
    out = run(WEB, "error", "sql", "log", "unknown", SENTRY_TRACES="1")
    answers = [line.split()[1:] for line in out.splitlines() if line.startswith("ANSWER")]
    assert [answer[1] for answer in answers] == ["500", "500", "200", "404"]
    errors = [event for event in receiver.events if event.get("type") != "transaction"]
    assert [_last(event) for event in errors] == [
        "ValueError",
        "DataError",
        "",
    ]
    for event, answer in zip(errors, answers, strict=False):
        assert event["release"] == "r42"
        assert event["tags"] == {"schema": "city_poltava", "request_id": answer[2]}
        assert event["transaction"] == "/fails/{kind}/{token}/"
    chain = errors[0]["exception"]["values"]
    assert [error["type"] for error in chain] == ["IntegrityError", "ValueError"]
    assert chain[-1]["stacktrace"]["frames"][-1]["function"] == "trouble"
    assert errors[2]["logentry"] == {"message": "Nothing came of %s for %s"}
    traces = [event for event in receiver.events if event.get("type") == "transaction"]
    assert len(traces) == 4
    assert {trace["tags"]["schema"] for trace in traces[:3]} == {"city_poltava"}
    assert any(span["op"] == "db" for span in traces[0]["spans"])
    assert_nothing_private("\n".join(receiver.raw))


def test_a_job_that_fails_is_told_with_its_city_and_request(run: Run, receiver: Receiver) -> None:
    out = run(JOB)
    found = [event for event in receiver.events if event.get("exception")]
    assert found, out
    (event,) = found
    assert event["release"] == "r42"
    assert event["tags"] == {
        "schema": "city_poltava",
        "request_id": "request-of-the-job-1",
        "task": "tests.fails",
    }
    assert event["exception"]["values"][-1]["type"] == "ValueError"
    assert_nothing_private("\n".join(receiver.raw))
    own = [line for line in lines_of(out) if line["level"] == "ERROR"]
    assert own
    assert {(line["schema"], line["request_id"]) for line in own} == {
        ("city_poltava", "request-of-the-job-1")
    }
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines_of(out))
    assert MARKS["text"] not in text
    assert MARKS["name"] not in text


def test_log_lines_have_city_and_request_and_no_secret(run: Run) -> None:
    """Only what a call of a logger fills in by itself is there: our own words, kept clean by hand."""
    out = run(WEB, "error", "sql", "log", "unknown")
    ids = [line.split()[3] for line in out.splitlines() if line.startswith("ANSWER")]
    lines = lines_of(out)
    assert {line["request_id"] for line in lines if line["request_id"]} == set(ids)
    assert {line["schema"] for line in lines if line["request_id"]} == {"city_poltava"}
    requests = [line for line in lines if line["logger"].endswith("requests")]
    assert [line["route"] for line in requests] == ["fails", "fails", "fails", "none"]
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    for kind in MARKS.keys() - {"filled", "breadcrumb"}:
        assert MARKS[kind] not in text, kind
    assert "IntegrityError\\n\\nwhich led to" in text
    assert "DataError" in text
    assert "InvalidTextRepresentation 22P02" in text


@pytest.mark.parametrize("fault", ["down", "slow"])
def test_a_tracker_that_fails_slows_nobody(run: Run, receiver: Receiver, fault: str) -> None:
    dsn = receiver.dsn
    if fault == "down":
        dsn = "http://publickey@127.0.0.1:9/1"
    receiver.hangs = True
    code = WEB.replace("sentry_sdk.flush(5)", "pass")
    started = time.monotonic()
    out = run(code, *["error"] * 6, SENTRY_DSN=dsn)
    took = next(line for line in out.splitlines() if line.startswith("SLOWEST"))
    assert float(took.split()[1]) < 1.5
    # The end of a process waits two seconds for what is on its way, and no longer.
    assert time.monotonic() - started < 60
