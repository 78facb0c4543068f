"""Database sessions signed with the schema: a row copied into another city is worth nothing."""

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from bezpechne.kernel.schema import current_schema


class SessionStore(DatabaseStore):
    """Named as Django's SESSION_ENGINE asks."""

    def _validate_session_key(self, key: str | None) -> bool:
        """Ours are letters and digits; anything else would reach the database as it came."""
        return bool(key) and len(key or "") >= 8 and str(key).isascii() and str(key).isalnum()

    @property
    def key_salt(self) -> str:
        return f"bezpechne.sessions.{current_schema()}"
