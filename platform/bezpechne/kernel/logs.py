"""Log lines: secrets masked, city and request named, one JSON object a line in production."""

import json
import logging
import re
import traceback
from datetime import UTC, datetime

from bezpechne.kernel import trace
from bezpechne.kernel.tokens import MASK

# Tokens stand alone in a path: 32 URL-safe characters (kernel.tokens.make), or Django's
# password reset: a time, a dash, 32 hexadecimal digits.
# The key of an unsent form opens its photos.
_TOKEN = re.compile(
    r"(?<=/)(?:[a-z0-9]{1,13}-[0-9a-f]{32}|[A-Za-z0-9_-]{32})(?![A-Za-z0-9_-])"
    r"|(?<=/draft/)[0-9a-f-]{36}"
    # A program's token, wherever somebody put it by mistake.
    r"|bzp_[A-Za-z0-9_-]{20,}"
    # Google's keys, and whatever stands as a key in an address.
    r"|AIza[A-Za-z0-9_-]{30,}|(?<=[?&]key=)[^&\s\"']+"
)
# In a path or a query the sign comes as %40.
_EMAIL = re.compile(r"[\w.+-]+(?:@|%40)[\w-]+\.[\w.-]+")
# What a call may add by `extra=`; anything else, Django's request above all, stays out.
_FIELDS = ("route", "method", "status", "ms", "task", "job_id")


def mask(text: str) -> str:
    """The text without link tokens and addresses."""
    return _EMAIL.sub(MASK, _TOKEN.sub(MASK, text))


def template_of(record: logging.LogRecord) -> str:
    """A message before anything was filled in."""
    return str(getattr(record, "template", record.msg))


def places_of(error: BaseException) -> str:
    """The trace of an exception and of those that caused it, without what they say.

    Their texts quote rows and what people typed. Type, place, and for the database its code and
    the constraint's name are left.
    """
    parts: list[str] = []
    now: BaseException | None = error
    while now is not None and len(parts) < 10:
        about = [
            getattr(now, "sqlstate", ""),
            getattr(getattr(now, "diag", None), "constraint_name", ""),
        ]
        kind = " ".join(str(part) for part in [type(now).__qualname__, *about] if part)
        parts.append("".join(traceback.format_tb(now.__traceback__)) + kind)
        now = now.__cause__ or (None if now.__suppress_context__ else now.__context__)
    return "\n\nwhich led to:\n\n".join(reversed(parts))


class MaskTokens(logging.Filter):
    """Rewrites a record's message before any handler formats it.

    `texts`: what exceptions say is kept too, masked; for a developer's own machine.
    """

    def __init__(self, *, texts: bool = True) -> None:
        super().__init__()
        self._texts = texts

    def filter(self, record: logging.LogRecord) -> bool:
        # Sentry comes after us and is given the words without what was filled in.
        record.template = template_of(record)
        path = getattr(getattr(record, "request", None), "path", None)
        if isinstance(record.args, tuple):
            # Django names the path of what it refuses: an address that somebody typed. The route is
            # in our own line about the request.
            record.args = tuple(MASK if arg == path else arg for arg in record.args)
        record.msg, record.args = mask(record.getMessage()), None
        if record.exc_info and record.exc_info[1] is not None:
            # Formatters take a text that is there; the exception itself stays for Sentry.
            record.exc_text = mask(
                logging.Formatter().formatException(record.exc_info)
                if self._texts
                else places_of(record.exc_info[1])
            )
        if record.stack_info:
            record.stack_info = mask(record.stack_info)
        return True


def place_of(record: logging.LogRecord) -> tuple[str, str]:
    """Schema and request id of a record; blank where there is none."""
    # Imported late: the filter is installed before the database settings are in force.
    from bezpechne.kernel.schema import current_schema  # noqa: PLC0415 - see above

    job = getattr(record, "job", None)
    # procrastinate reports a failure from outside the job's thread, with the job beside it;
    # Django reports a refusal after the middleware, with the request beside it.
    arguments = job.get("task_kwargs") if isinstance(job, dict) else None
    told = arguments if isinstance(arguments, dict) else {}
    request = getattr(record, "request", None)
    city = getattr(request, "city", None)
    schema = getattr(record, "schema", "") or told.get("schema")
    given = getattr(record, "request_id", "") or told.get("request_id")
    return (
        schema or getattr(city, "schema_name", "") or current_schema(),
        given or getattr(request, "request_id", "") or trace.request_id(),
    )


class AddPlace(logging.Filter):
    """Gives each record `schema` and `request_id`; blank where there is none."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.schema, record.request_id = place_of(record)
        return True


class JsonFormatter(logging.Formatter):
    """One object a line: time (UTC), level, logger, message, schema, request_id and `_FIELDS`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "schema": getattr(record, "schema", ""),
            "request_id": getattr(record, "request_id", ""),
        }
        line.update({name: getattr(record, name) for name in _FIELDS if hasattr(record, name)})
        if record.exc_info and not record.exc_text:
            record.exc_text = self.formatException(record.exc_info)
        texts = {"exception": record.exc_text, "stack": record.stack_info}
        line.update({name: text for name, text in texts.items() if text})
        return json.dumps(line, ensure_ascii=False, default=str)
