"""Secret links and codes that the worker can compute and a copy of the database cannot reveal.

A token is an HMAC over schema, purpose, row and version, keyed by SECRET_KEY. The row stores only
its SHA-256, so a leaked dump opens nothing; a job needs only the row's id to write the link into
an e-mail, so no token ever travels through the queue. Raising the version revokes the old link.
"""

import base64
import hashlib

from django.utils.crypto import constant_time_compare, salted_hmac

from bezpechne.kernel.schema import current_schema

MASK = "…"


def _digest(purpose: str, row: int, version: int) -> bytes:
    value = f"{current_schema()}\x00{row}\x00{version}"
    return salted_hmac(f"bezpechne.{purpose}", value, algorithm="sha256").digest()


def make(purpose: str, row: int, version: int) -> str:
    """URL-safe token, 32 characters (192 bits)."""
    return base64.urlsafe_b64encode(_digest(purpose, row, version)[:24]).decode()


def hashed(token: str) -> str:
    """What the row stores: SHA-256 in hex, 64 characters."""
    return hashlib.sha256(token.encode()).hexdigest()


def code(purpose: str, row: int, version: int) -> str:
    """Six digits for typing. Short by nature: the caller limits attempts and lifetime."""
    number = int.from_bytes(_digest(f"{purpose}.code", row, version)[:8], "big")
    return f"{number % 1_000_000:06d}"


def code_matches(purpose: str, row: int, version: int, typed: str) -> bool:
    """Compares in constant time; spaces and dashes that people type are ignored."""
    digits = "".join(character for character in typed if character.isdecimal())
    return constant_time_compare(code(purpose, row, version), digits)
