"""Typed access to the schema in force. Threads keep their own: only `in_schema` changes it here."""

from contextlib import AbstractContextManager
from typing import cast

from django.db import connection
from django_tenants.utils import schema_context

PUBLIC = "public"


def current_schema() -> str:
    """Schema of this thread's connection: a city's, or `public` on the platform's host."""
    return str(getattr(connection, "schema_name", PUBLIC))


def in_schema(schema: str) -> AbstractContextManager[None]:
    """Switches to a schema and back, also after an exception."""
    return cast("AbstractContextManager[None]", schema_context(schema))
