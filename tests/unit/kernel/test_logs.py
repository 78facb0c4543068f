"""Nothing secret in a log line: tokens, addresses, quoted rows."""

import logging
import sys
from typing import Any

import pytest
from django.contrib.auth.tokens import PasswordResetTokenGenerator

from bezpechne.accounts.models import User
from bezpechne.kernel import tokens
from bezpechne.kernel.logs import MaskTokens, mask
from bezpechne.kernel.reports import scrub

TOKEN = "aB3_-" * 6 + "xy"


def record(message: str, *args: object, error: bool = False) -> logging.LogRecord:
    """A record as a logger makes it; with the exception in force when `error`."""
    info = sys.exc_info() if error else None
    made = logging.LogRecord("django", logging.ERROR, __file__, 1, message, args, info)
    assert MaskTokens().filter(made)
    return made


def test_a_programs_token_is_masked_wherever_it_was_put() -> None:
    secret = "bzp_" + "aB3_-" * 8 + "xyz"
    for text in (f"GET /api/v1/cities?token={secret}", f"Bearer {secret}", f"('{secret}',)"):
        assert secret[4:] not in mask(text)


@pytest.mark.parametrize(
    "text",
    [
        f"GET /follow/{TOKEN}/ HTTP/1.1",
        f"GET /en/confirm/{TOKEN}/?x=1",
        f"/answer/{TOKEN}",
        f'"POST /ask/sent/{TOKEN}/again/"',
        f"see http://poltava.example/follow/{TOKEN}/.",
        f"/follow/{TOKEN}/photo/6f1c2a3e-0000-4000-8000-000000000001/full.jpg",
        f"(/follow/{TOKEN}), then",
    ],
)
def test_a_link_token_is_masked(text: str) -> None:
    assert TOKEN not in mask(text)
    assert tokens.MASK in mask(text)


def test_a_password_reset_token_is_masked() -> None:
    """Django's own tokens have another shape: time, dash, 32 hexadecimal digits."""
    user = User(pk=1, email="a@example.org", password="x")
    token = PasswordResetTokenGenerator().make_token(user)
    assert token not in mask(f"GET /account/reset/MQ/{token}/ HTTP/1.1")


@pytest.mark.parametrize(
    "address", ["odarka@example.org", "o.d+tag@sub.example.com.ua", "ODARKA@EXAMPLE.ORG"]
)
def test_an_address_is_masked(address: str) -> None:
    assert mask(f"550 <{address}>: unknown") == f"550 <{tokens.MASK}>: unknown"


@pytest.mark.parametrize("text", ["/q/123/", "/desk/?tab=new", "Міграція 0001_initial", ""])
def test_the_rest_stays(text: str) -> None:
    assert mask(text) == text


def test_arguments_and_exceptions_are_masked_too() -> None:
    made = record("Request %s by %s", f"/follow/{TOKEN}/", "odarka@example.org")
    assert TOKEN not in made.getMessage()
    assert "@" not in made.getMessage()
    try:
        int("Key (email)=(odarka@example.org) exists")
    except ValueError:
        made = record("Failed", error=True)
    line = logging.Formatter().format(made)
    assert "odarka" not in line
    assert "ValueError" in line


def test_an_error_report_holds_no_person() -> None:
    event: Any = {
        "request": {
            "url": f"http://x/follow/{TOKEN}/",
            "method": "POST",
            "data": {"name": "Одарка"},
            "cookies": {"session": "s"},
            "headers": {"Cookie": "s"},
            "query_string": "email=odarka@example.org",
        },
        "user": {"email": "odarka@example.org"},
        "breadcrumbs": {"values": [{"message": "SELECT 'Одарка'"}]},
        "extra": {"form": "Одарка"},
        "exception": {"values": [{"type": "ValueError", "value": "Одарка odarka@example.org"}]},
        "transaction": f"/follow/{TOKEN}/",
    }
    sent = str(scrub(event, {}))
    for secret in ("Одарка", "odarka", TOKEN, "'s'"):
        assert secret not in sent
    assert "ValueError" in sent
