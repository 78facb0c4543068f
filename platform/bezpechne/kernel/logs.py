"""Log lines: secrets masked, city and request named, one JSON object a line in production."""

import json
import logging
import re
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
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
# What a call may add by `extra=`; anything else, Django's request above all, stays out.
_FIELDS = ("route", "method", "status", "ms", "task", "job_id")


def mask(text: str) -> str:
    """The text without link tokens and addresses."""
    return _EMAIL.sub(MASK, _TOKEN.sub(MASK, text))


class MaskTokens(logging.Filter):
    """Rewrites a record's message before any handler formats it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = mask(record.getMessage()), None
        if record.exc_info:
            # Exception texts quote rows («Key (email)=(…)»): format now, mask, keep the text.
            record.exc_text = mask(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None
        if record.stack_info:
            record.stack_info = mask(record.stack_info)
        return True


class AddPlace(logging.Filter):
    """Gives each record `schema` and `request_id`; blank where there is none."""

    def filter(self, record: logging.LogRecord) -> bool:
        # Imported late: this filter is installed before the database settings are in force.
        from bezpechne.kernel.schema import current_schema  # noqa: PLC0415 - see above

        job = getattr(record, "job", None)
        # procrastinate reports a failure from outside the job's thread, with the job beside it;
        # Django reports a refusal after the middleware, with the request beside it.
        arguments = job.get("task_kwargs") if isinstance(job, dict) else None
        told = arguments if isinstance(arguments, dict) else {}
        request = getattr(record, "request", None)
        city = getattr(request, "city", None)
        schema = getattr(record, "schema", "") or told.get("schema")
        record.schema = schema or getattr(city, "schema_name", "") or current_schema()
        given = told.get("request_id") or getattr(request, "request_id", "")
        record.request_id = given or trace.request_id()
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
