"""What Stripe answers when it refuses."""

from typing import Any


class Refused(Exception):
    """An error object with its status."""

    def __init__(
        self, message: str, code: str = "", status: int = 400, kind: str = "invalid_request_error"
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"error": {"type": kind, "code": code, "message": message}}


def missing(what: str) -> Refused:
    return Refused(f"No such object: {what}", "resource_missing", 404)


def require(condition: object, message: str, code: str = "") -> None:
    if not condition:
        raise Refused(message, code)
