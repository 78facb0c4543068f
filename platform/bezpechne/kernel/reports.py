"""What may leave for Sentry: the code path, the schema and the release; nothing a person typed."""

from typing import TYPE_CHECKING, Any

from bezpechne.kernel.logs import mask
from bezpechne.kernel.schema import current_schema
from bezpechne.kernel.trace import request_id

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {key: _masked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(item) for item in value]
    return value


def scrub(event: "Event", hint: "Hint") -> "Event | None":
    """Drops bodies, queries, cookies, headers and people; masks tokens and addresses elsewhere."""
    request = event.get("request")
    if isinstance(request, dict):
        event["request"] = {
            key: mask(str(value)) for key, value in request.items() if key in {"method", "url"}
        }
    event.pop("user", None)
    event.pop("breadcrumbs", None)
    event.pop("extra", None)
    for error in (event.get("exception") or {}).get("values", []):
        # The text of an exception may quote a row; its type and place are enough to find it.
        error["value"] = MASKED_VALUE
    event.setdefault("tags", {})["schema"] = current_schema()
    event["tags"]["request_id"] = request_id()
    clean: Event = _masked(event)
    return clean


MASKED_VALUE = "(withheld)"
