"""What leaves for the error tracker, through the real SDK with a transport that keeps envelopes."""

from collections.abc import Iterator
from typing import Any

import pytest
import sentry_sdk
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from bezpechne.kernel import reports


class Kept(Transport):
    """Keeps what would be sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[Envelope] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.sent.append(envelope)


@pytest.fixture
def transport() -> Iterator[Kept]:
    kept = Kept()
    with sentry_sdk.isolation_scope():
        client = sentry_sdk.Client(
            dsn="http://key@127.0.0.1:9/1",
            transport=kept,
            release="r1",
            include_local_variables=False,
            max_request_body_size="never",
            before_send=reports.scrub,
            default_integrations=False,
        )
        sentry_sdk.get_isolation_scope().set_client(client)
        yield kept


def _fail() -> None:
    secret_local = "odarka@example.org"
    raise ValueError(f"Key (email)=({secret_local}) already exists")


def test_a_report_has_place_release_and_schema_and_nothing_of_a_person(transport: Kept) -> None:
    sentry_sdk.get_isolation_scope().set_user({"email": "odarka@example.org"})
    sentry_sdk.get_isolation_scope().set_extra("text", "Моє питання про сусіда")
    try:
        _fail()
    except ValueError as error:
        sentry_sdk.capture_exception(error)
    (envelope,) = transport.sent
    event: Any = envelope.get_event()
    assert event["release"] == "r1"
    assert event["tags"]["schema"] == "public"
    assert event["exception"]["values"][0]["type"] == "ValueError"
    whole = envelope.serialize().decode()
    for private in ("odarka", "example.org", "питання"):
        assert private not in whole
    assert "vars" not in whole


def test_links_of_requests_are_masked() -> None:
    event: Any = {
        "request": {
            "url": "http://kyiv.localhost/follow/" + "a" * 32 + "/",
            "method": "GET",
            "cookies": {"session": "s3cret"},
            "headers": {"Referer": "http://x/" + "b" * 32},
            "query_string": "email=odarka@example.org",
            "data": "text",
        }
    }
    clean: Any = reports.scrub(event, {})
    assert clean["request"] == {"url": "http://kyiv.localhost/follow/…/", "method": "GET"}
