"""What may leave for Sentry: the code path, the city and the release; nothing a person typed.

An event is built anew from the parts that are known to be harmless: what a later version of the
library adds stays here until somebody has looked at it.
"""

import re
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings

from bezpechne.kernel.logs import mask, place_of, template_of
from bezpechne.kernel.schema import current_schema
from bezpechne.kernel.trace import request_id

if TYPE_CHECKING:
    from logging import LogRecord

    from sentry_sdk.types import Event, Hint

MASKED_VALUE = "(withheld)"
NO_ROUTE = "(no route)"
_KEPT = {
    "event_id",
    "timestamp",
    "start_timestamp",
    "platform",
    "level",
    "logger",
    "release",
    "environment",
    "server_name",
    "sdk",
    "modules",
    "type",
    "transaction_info",
}
_FRAME = {
    "filename",
    "abs_path",
    "module",
    "function",
    "lineno",
    "in_app",
    "pre_context",
    "context_line",
    "post_context",
}
_SPAN = {
    "trace_id",
    "span_id",
    "parent_span_id",
    "same_process_as_parent",
    "op",
    "status",
    "origin",
    "start_timestamp",
    "timestamp",
}
# Verb and first table of a statement: never its conditions or values.
_STATEMENT = re.compile(r'^\s*(\w+)\b(?:.*?\b(?:FROM|INTO|UPDATE)\s+"?([\w.]+))?', re.DOTALL)


def options(*, release: str, environment: str, traces: float = 0) -> dict[str, Any]:
    """For `sentry_sdk.init`. What is off here is not collected at all; `scrub` is the second fence."""
    return {
        "release": release,
        "environment": environment,
        "send_default_pii": False,
        "include_local_variables": False,
        "max_request_body_size": "never",
        "max_breadcrumbs": 0,
        # Sessions carry addresses of visitors; logs and metrics have their own ways out.
        "auto_session_tracking": False,
        "enable_logs": False,
        "enable_metrics": False,
        "send_client_reports": False,
        # Nothing about our visitors goes along to S3, Stripe or Google.
        "propagate_traces": False,
        "trace_propagation_targets": [],
        "traces_sample_rate": traces or None,
        "before_send": scrub,
        "before_send_transaction": scrub,
    }


def scrub(event: "Event", hint: "Hint") -> "Event | None":
    """The event with its code path alone, and the schema and request id as tags."""
    given = cast("dict[str, Any]", event)
    record: LogRecord | None = hint.get("log_record")
    clean = {key: _masked(given[key]) for key in _KEPT if key in given}
    routed = (given.get("transaction_info") or {}).get("source") != "url"
    if given.get("transaction"):
        clean["transaction"] = mask(given["transaction"]) if routed else NO_ROUTE
    clean["request"] = _request(given.get("request"), routed=routed)
    clean["contexts"] = _contexts(given.get("contexts") or {})
    errors = [_error(error) for error in (given.get("exception") or {}).get("values") or ()]
    clean["exception"] = {"values": errors} if errors else {}
    if record is not None:
        # What was filled in may be a name; where it was said is enough.
        clean["logentry"] = {"message": mask(template_of(record))}
    if "spans" in given:
        clean["spans"] = [_span(span) for span in given["spans"]]
    clean["tags"] = _tags(record) if given.get("type") != "transaction" else _noted(given)
    return cast("Event", {key: value for key, value in clean.items() if value})


def note_place(schema: str, request: str) -> None:
    """For the times of a request, which are told after its city is left."""
    if settings.SENTRY_DSN:
        import sentry_sdk  # noqa: PLC0415 - nobody else pays for it

        sentry_sdk.set_tags({"schema": schema, "request_id": request})


def _noted(event: dict[str, Any]) -> dict[str, str]:
    tags = dict(event.get("tags") or {})
    return {key: str(tags[key]) for key in ("schema", "request_id") if key in tags}


def _tags(record: "LogRecord | None") -> dict[str, str]:
    if record is None:
        return {"schema": current_schema(), "request_id": request_id()}
    schema, request = place_of(record)
    job = getattr(record, "job", None)
    task = job.get("task_name", "") if isinstance(job, dict) else ""
    return {"schema": schema, "request_id": request, **({"task": str(task)} if task else {})}


def _error(error: dict[str, Any]) -> dict[str, Any]:
    """Its text may quote a row («Key (email)=(…)»); type and place are enough to find it."""
    frames = ((error.get("stacktrace") or {}).get("frames")) or []
    mechanism = error.get("mechanism") or {}
    return {
        "type": error.get("type"),
        "module": error.get("module"),
        "value": MASKED_VALUE,
        "mechanism": {key: mechanism[key] for key in ("type", "handled") if key in mechanism},
        "stacktrace": {
            "frames": [_masked({k: v for k, v in frame.items() if k in _FRAME}) for frame in frames]
        },
    }


def _request(request: Any, *, routed: bool) -> dict[str, str]:
    """Method and address without its query; an address that no route knows is somebody's text."""
    if not isinstance(request, dict):
        return {}
    names = {"method", "url"} if routed else {"method"}
    return {
        key: mask(str(value)).partition("?")[0] for key, value in request.items() if key in names
    }


def _contexts(contexts: dict[str, Any]) -> dict[str, Any]:
    trace = {key: value for key, value in (contexts.get("trace") or {}).items() if key in _SPAN}
    return {"trace": trace, "runtime": contexts.get("runtime") or {}}


def _span(span: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in span.items() if key in _SPAN}
    if str(span.get("op", "")).startswith("db"):
        found = _STATEMENT.match(str(span.get("description") or ""))
        kept["description"] = " … ".join(part for part in found.groups() if part) if found else ""
    return kept


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {key: _masked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(item) for item in value]
    return value
