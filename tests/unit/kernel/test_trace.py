"""Log lines as objects, and the id that ties a request to its lines and jobs."""

import json
import logging
import sys
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import RequestFactory

from bezpechne.kernel import tokens, trace
from bezpechne.kernel.logs import AddPlace, JsonFormatter, MaskTokens

TOKEN = "aB3_-" * 6 + "xy"


def line(message: str, *args: object, **extra: object) -> dict[str, Any]:
    """What the handler of production writes, read back."""
    record = logging.LogRecord("app", logging.ERROR, __file__, 1, message, args, sys.exc_info())
    if record.exc_info and record.exc_info[0] is None:
        record.exc_info = None
    record.__dict__.update(extra)
    for each in (MaskTokens(), AddPlace()):
        assert each.filter(record)
    written = JsonFormatter().format(record)
    assert "\n" not in written
    read: dict[str, Any] = json.loads(written)
    return read


def test_a_line_names_time_place_and_request() -> None:
    with trace.traced("0123456789abcdef"):
        read = line("Ласкаво\nпросимо %s", "до міста")
    assert read["message"] == "Ласкаво\nпросимо до міста"
    assert (read["schema"], read["request_id"]) == ("public", "0123456789abcdef")
    assert read["time"].endswith("+00:00")
    assert line("later")["request_id"] == ""


def test_secrets_are_masked_in_objects_too() -> None:
    try:
        int("Key (email)=(odarka@example.org)")
    except ValueError:
        read = line("GET /follow/%s/ by %s", TOKEN, "odarka@example.org")
    written = json.dumps(read)
    assert TOKEN not in written
    assert "odarka" not in written
    assert tokens.MASK in read["message"]
    assert "ValueError" in read["exception"]


def test_only_known_fields_are_written() -> None:
    read = line("x", route="portal:home", ms=1.5, request="POST name=Одарка", password="secret")
    assert (read["route"], read["ms"]) == ("portal:home", 1.5)
    assert "Одарка" not in json.dumps(read, ensure_ascii=False)
    assert "secret" not in json.dumps(read)


def test_a_failed_job_is_placed_by_its_arguments() -> None:
    arguments = {"schema": "city_lubny", "request_id": "0123456789abcdef", "mail_id": 1}
    read = line("Job failed", job={"task_kwargs": arguments})
    assert (read["schema"], read["request_id"]) == ("city_lubny", "0123456789abcdef")


@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("0f8fad5b-d9cb-469f-a165-70867728950e", True),
        ("", False),
        ("short", False),
        ("x" * 65, False),
        ('a"} {"level": "fake', False),
        ("рядок-літерами", False),
        ("line\nbreak-line", False),
    ],
)
def test_an_id_is_taken_from_a_trusted_proxy_alone(
    settings: LazySettings, trusted: bool, given: str, taken: bool
) -> None:
    settings.BEHIND_PROXY = trusted
    request = RequestFactory().get("/", headers={"x-request-id": given})
    found = trace.id_for(request)
    assert (found == given) == (taken and trusted)
    assert len(found) in {32, 36}
