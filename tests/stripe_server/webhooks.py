"""Messages as Stripe signs them."""

import hashlib
import hmac
import json
import time
from typing import Any


def signed(event: dict[str, Any], secret: str, at: float | None = None) -> tuple[bytes, str]:
    """Body and `Stripe-Signature`. Signed at the moment of sending, however old the event is."""
    body = json.dumps(event, separators=(",", ":")).encode()
    return body, signature_of(body, secret, at)


def signature_of(body: bytes, secret: str, at: float | None = None) -> str:
    """By the machine's clock, because the library looks at it."""
    moment = int(time.time() if at is None else at)
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"
